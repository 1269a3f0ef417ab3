from .addresses import KeptAddress
from .links import LastingLink, LastingLinkQuerySet, LinkUse
from .policy import LinkPolicy

__all__ = ["KeptAddress", "LastingLink", "LastingLinkQuerySet", "LinkPolicy", "LinkUse"]
