from .calls import CallTotal, UpstreamCall
from .people import Invitation, SetupLink, User
from .recovery_links import RecoveryLink
from .shares import Share
from .torbox_accounts import TorBoxAccount, TorBoxAccountQuerySet

__all__ = [
    "CallTotal",
    "Invitation",
    "RecoveryLink",
    "SetupLink",
    "Share",
    "TorBoxAccount",
    "TorBoxAccountQuerySet",
    "UpstreamCall",
    "User",
]
