"""Fetch the .torrent files that a paste links to, a few at a time, within a time limit.

A link is fetched in the request that previews or adds it. This takes a thread of the web process for at most 10 s, and
only a few threads may do so at once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from django.conf import settings
from django.core.cache import cache

from accounts.models import User
from torbox import torrentfiles
from torbox.guarded_fetch import FetchError, Limits, fetch
from torbox.magnet_scanner import TorrentLink

MAX_LINKS = 5  # of one paste
PER_MINUTE = 20  # links of one person
FAILURE_SECONDS = 60  # each keystroke makes a new preview, which must not retry a failed link every time
_lanes = BoundedSemaphore(2)


@dataclass(frozen=True)
class Fetched:
    """The file behind a link, or the code for why it couldn't be fetched (`link_reasons`), with the HTTP status."""

    link: TorrentLink
    data: bytes = field(default=b"", repr=False)
    reason: str = ""
    status: int | None = None

    @property
    def params(self) -> dict[str, str | int]:
        """Return the parameters of `reason`: an HTTP status, or the limit that was exceeded."""
        if self.status is not None:
            return {"status": str(self.status)}
        limits = {
            "too_large": torrentfiles.MAX_TORRENT_FILE // 1024**2,  # MiB
            "too_slow": round(settings.LINK_FETCH_SECONDS),
            "too_many": MAX_LINKS,
        }
        return {"limit": limits[self.reason]} if self.reason in limits else {}


def fetch_links(person: User, links: Sequence[TorrentLink], known: Mapping[str, bytes]) -> list[Fetched]:
    """Return one answer for each link, in order. `known`: bytes by URL that were fetched before."""
    answers = {url: Fetched(link, data) for link in links if (data := known.get(url := link.url))}
    wanted = [link for link in links if link.url not in answers]
    for link in wanted[MAX_LINKS:]:
        answers[link.url] = Fetched(link, reason="too_many")
    for answer in _answers(person, wanted[:MAX_LINKS]):
        answers[answer.link.url] = answer
    return [answers[link.url] for link in links]


def _answers(person: User, links: Sequence[TorrentLink]) -> list[Fetched]:
    failed = [failure for link in links if (failure := _recent_failure(person, link))]
    told = {failure.link.url for failure in failed}
    wanted = [link for link in links if link.url not in told]
    return failed + (_fetch_some(person, wanted) if wanted else [])


def _fetch_some(person: User, links: Sequence[TorrentLink]) -> list[Fetched]:
    if not _lanes.acquire(blocking=False):
        return [Fetched(link, reason="busy") for link in links]
    try:
        if not _may_fetch(person, len(links)):
            return [Fetched(link, reason="throttled") for link in links]
        with ThreadPoolExecutor(len(links)) as threads:
            answers = list(threads.map(_fetch, links))
    finally:
        _lanes.release()
    for answer in answers:
        if answer.reason:
            cache.set(_slot(person, answer.link), (answer.reason, answer.status), FAILURE_SECONDS)
    return answers


def _fetch(link: TorrentLink) -> Fetched:
    """Fetch one link. Runs in a separate thread and uses neither database nor cache."""
    limits = Limits(
        max_bytes=torrentfiles.MAX_TORRENT_FILE,
        seconds=settings.LINK_FETCH_SECONDS,
        redirects=3,
        allow_http=True,
    )
    try:
        data = fetch(link.url, limits, private_origin=settings.LINK_FETCH_EXEMPT_ORIGIN)
    except FetchError as error:
        return Fetched(link, reason=error.reason, status=error.status)
    if not data or torrentfiles.is_web_page(data):
        return Fetched(link, reason="web_page" if data else "empty")
    return Fetched(link, data)


def _may_fetch(person: User, count: int) -> bool:
    slot = f"torrent-links:{person.pk}:{int(time.time()) // 60}"
    cache.add(slot, 0, 120)
    try:
        return cache.incr(slot, count) <= PER_MINUTE
    except ValueError:  # a full cache evicted it
        return False


def _recent_failure(person: User, link: TorrentLink) -> Fetched | None:
    kept = cache.get(_slot(person, link))
    return Fetched(link, reason=kept[0], status=kept[1]) if kept else None


def _slot(person: User, link: TorrentLink) -> str:
    """Return the cache key of a link. It is a digest, because URLs can contain a passkey."""
    return "torrent-link:" + hashlib.sha256(f"{person.pk} {link.url}".encode("utf-8", "replace")).hexdigest()
