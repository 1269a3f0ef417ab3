"""Lasting links for exports and to copy. TorBox is asked for nothing: each link gets its address when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from accounts.models import User

from .link_urls import file_url
from .services.contents import linked
from .services.downloading import Link, LinkError, Wanted
from .services.making import export_links
from .services.opening import Opened

MAX_LASTING = 2_000


def lasting_links(*, person: User, wanted: Sequence[Wanted]) -> list[Link]:
    """Return a lasting link to each of the first MAX_LASTING files, or why there is none. Raises `NotAllowed`."""
    wanted = wanted[:MAX_LASTING]
    ready = {item.torrent.pk: item.torrent for item in wanted if item.torrent.downloadable}
    opened = export_links(person=person, torrents=list(ready.values()))
    return [_link(item, opened.get(item.torrent.pk)) for item in wanted]


def _link(item: Wanted, opened: Opened | None) -> Link:
    if opened is None:
        return replace(item.link, error=LinkError.NOT_READY)
    if item.file is None or not item.file.path:  # its address would lead to all files
        return replace(item.link, error=LinkError.NOT_FOUND)
    return replace(item.link, url=file_url(opened.token, linked(opened, item.file)))
