"""Subtitles of a video, as browsers read them: fetched from TorBox by us, because a page may load no other's subtitles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore

from django.conf import settings

import torbox
from accounts.clients import client_for
from torbox.guarded_fetch import FetchError, Limits, fetch
from torrents.models import Torrent, TorrentFile

from ..cues import UnreadableSubtitles, as_webvtt, read
from ..encodings import decoded
from ..endings import NotNow
from ..subtitle_names import kind_of
from .addresses import address_of
from .contents import LinkFile
from .opening import Opened

MAX_SUBTITLES = 2 * 1024 * 1024  # bytes of one file
MAX_SECONDS = 10.0  # A page is waiting.
WAIT = 3.0  # seconds for others to be done
_lanes = BoundedSemaphore(2)  # of the threads of a web process: a large file takes a second of work


class NoSubtitles(Exception):
    """The file holds no subtitles that we can read, or TorBox's server doesn't give it to us."""


def as_vtt(data: bytes, name: str) -> str:
    """Return subtitles as WebVTT, from SRT, WebVTT, ASS, SSA, or MicroDVD in any common encoding. Raises `NoSubtitles`."""
    if len(data) <= MAX_SUBTITLES:
        with suppress(UnreadableSubtitles, UnicodeError):
            return as_webvtt(read(decoded(data, kind_of(name).language)))
    raise NoSubtitles


def subtitles_of(torrent: Torrent, file: TorrentFile) -> str:
    """Return a subtitle file of a torrent as WebVTT, for someone who may see it. It isn't a download of theirs.

    Raises `NoSubtitles`, `NotNow` while many others wait, and `torbox.TorBoxError`.
    """

    def address() -> str:
        if not torrent.downloadable:
            raise torbox.NotFound("")
        with client_for(torrent.account, somebody_waits=True) as client:
            return client.request_download(torrent_id=torrent.remote_id or 0, file_id=file.remote_id)

    return _fetched(file.path, file.size, address)


def subtitles_behind(opened: Opened, file: LinkFile, visitor: str) -> str:
    """Return a subtitle file behind a lasting link as WebVTT, which counts no use.

    Raises `NoSubtitles`, `NotNow` while many others wait, and what `address_of` raises.
    """
    return _fetched(file.path, file.size, lambda: address_of(opened, file, visitor=visitor, user_ip=None))


def _fetched(path: str, size: int | None, address: Callable[[], str]) -> str:
    if (size or 0) > MAX_SUBTITLES:
        raise NoSubtitles
    if not _lanes.acquire(timeout=WAIT):
        raise NotNow(WAIT)
    try:
        return as_vtt(_body_behind(address()), path)
    finally:
        _lanes.release()


def _body_behind(url: str) -> bytes:
    limits = Limits(max_bytes=MAX_SUBTITLES, seconds=MAX_SECONDS)
    data = None
    with suppress(FetchError):
        data = fetch(url, limits, private_origin=settings.TORBOX_API_URL)
    if data is None:  # outside of the handler, so that no exception holds the address
        raise NoSubtitles
    return data
