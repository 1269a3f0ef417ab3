"""The app as people install it, for WebDAV clients."""

from tests.links.conftest import at_torbox, server, site

__all__ = ["at_torbox", "server", "site"]
