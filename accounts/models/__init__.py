from .calls import UpstreamCall
from .people import SetupLink, User
from .torbox_accounts import Lease, Share, TorBoxAccount, TorBoxAccountQuerySet

__all__ = ["Lease", "SetupLink", "Share", "TorBoxAccount", "TorBoxAccountQuerySet", "UpstreamCall", "User"]
