"""Ask the BitTorrent network about a hash before adding it (docs/torbox-api.md#torrentinfo)."""

from __future__ import annotations

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount


def look_up(
    account: TorBoxAccount,
    *,
    info_hash: str,
    torrent_file: bytes | None = None,
    timeout: int = 10,
    use_cache_lookup: bool = False,
    peers_only: bool = False,
) -> torbox.TorrentInfo:
    """Name, size, files, seeds and peers; TorBox searches for `timeout` seconds. Raises `torbox.TorBoxError`."""
    with client_for(account, somebody_waits=True) as client:
        if torrent_file is None and not peers_only:
            return client.torrent_info(info_hash, timeout=timeout, use_cache_lookup=use_cache_lookup)
        return client.torrent_info_from(
            info_hash=None if torrent_file else info_hash,
            file=torrent_file,
            timeout=timeout,
            use_cache_lookup=use_cache_lookup,
            peers_only=peers_only,
        )
