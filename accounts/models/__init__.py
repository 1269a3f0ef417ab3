from .calls import CallTotal, UpstreamCall
from .people import Invitation, SetupLink, User
from .torbox_accounts import Lease, Share, TorBoxAccount, TorBoxAccountQuerySet

__all__ = [
    "CallTotal",
    "Invitation",
    "Lease",
    "SetupLink",
    "Share",
    "TorBoxAccount",
    "TorBoxAccountQuerySet",
    "UpstreamCall",
    "User",
]
