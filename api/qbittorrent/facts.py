"""What qBittorrent would report about a torrent."""

from __future__ import annotations
