"""URLs of torrents, and markup that holds them, made once and filled in for each row.

A page shows fifty rows with a dozen URLs each, all alike but for the torrent's primary key. They are made with STAND_IN
in its place and cached. Each row then puts its own number there.
"""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse

from ..models import Torrent

STAND_IN = 10**17 + 61  # primary keys that no row reaches, and that stand out in markup
STAND_IN_FILE = 10**17 + 1069


def of_list() -> str:
    """Return the URL of the list without filters."""
    return _list(get_script_prefix())


def of_torrent(name: str, pk: int, *more: str) -> str:
    """Return the URL `name` of the torrent `pk`. A name without a namespace is one of `torrents`."""
    return filled(_pattern(name, more, get_script_prefix()), pk)


def of_file(name: str, pk: int, file_pk: int) -> str:
    """Return the URL `name` of the file `file_pk` of the torrent `pk`."""
    return of_torrent(name, pk, str(STAND_IN_FILE)).replace(str(STAND_IN_FILE), str(file_pk))


def detail_url(torrent: Torrent) -> str:
    """Return the URL of the torrent's own page."""
    return of_torrent("detail", torrent.pk)


def download_url(torrent: Torrent) -> str:
    """Return the download URL of its only file, or of the zip of all; "" if there is nothing to download."""
    if not torrent.downloadable:
        return ""
    if torrent.only_file_pk:
        return of_file("links:download_file", torrent.pk, torrent.only_file_pk)
    return of_torrent("links:download_zip", torrent.pk)


def filled(text: str, pk: int | str) -> str:
    """Return `text` with the primary key in place of STAND_IN."""
    return text.replace(str(STAND_IN), str(pk))


@lru_cache(maxsize=16)
def _list(prefix: str) -> str:
    return reverse("torrents:list")


@lru_cache(maxsize=256)
def _pattern(name: str, more: tuple[str, ...], prefix: str) -> str:
    """Return a URL with STAND_IN. It depends on `prefix`, the path at which the site is served."""
    return reverse(name if ":" in name else f"torrents:{name}", args=[STAND_IN, *more])
