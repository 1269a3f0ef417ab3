"""Addresses of torrents, and markup that holds them, made once and filled in for each row.

A page shows fifty rows with a dozen addresses each, all alike but for the torrent's primary key. What is the same
for many torrents is made with STAND_IN in its place and kept; each row puts its own number there.
"""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse

STAND_IN = 10**17 + 61  # primary keys that no row reaches, and that stand out in markup
STAND_IN_FILE = 10**17 + 1069


def of_torrent(name: str, pk: int, *more: str) -> str:
    """The address `torrents:name` of the torrent `pk`."""
    return filled(_pattern(name, more, get_script_prefix()), pk)


def of_file(name: str, pk: int, file_pk: int) -> str:
    """The address `torrents:name` of the file `file_pk` of the torrent `pk`."""
    return of_torrent(name, pk, str(STAND_IN_FILE)).replace(str(STAND_IN_FILE), str(file_pk))


def filled(text: str, pk: int | str) -> str:
    return text.replace(str(STAND_IN), str(pk))


@lru_cache(maxsize=256)
def _pattern(name: str, more: tuple[str, ...], prefix: str) -> str:
    """`prefix`: where the instance lives; part of what the address depends on."""
    return reverse(f"torrents:{name}", args=[STAND_IN, *more])
