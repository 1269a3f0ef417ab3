"""The app as people install it, which is compared with qBittorrent."""

from tests.links.conftest import at_torbox, server, site

__all__ = ["at_torbox", "server", "site"]
