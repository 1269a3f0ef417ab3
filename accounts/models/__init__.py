from .calls import UpstreamCall
from .people import Invitation, SetupLink, User
from .torbox_accounts import Lease, Share, TorBoxAccount, TorBoxAccountQuerySet

__all__ = [
    "Invitation",
    "Lease",
    "SetupLink",
    "Share",
    "TorBoxAccount",
    "TorBoxAccountQuerySet",
    "UpstreamCall",
    "User",
]
