"""Cache the scan of a paste between its preview and its addition."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import partial

from django.core.cache import cache
from django.db import Error

from accounts.bookkeeping import write_if_possible
from accounts.models import User
from torbox import magnet_scanner
from torbox.magnet_scanner import FoundMagnet, Scan, SkippedText, TorrentLink
from torbox.magnets import Magnet
from torbox.skip_reasons import SkipReason

KEPT_SECONDS = 600
MAX_TEXT = 1_000_000  # characters; about 5,000 magnets. A longer text is read each time.


def scan(person: User, text: str) -> Scan:
    """Return the magnets and links in a paste. The last paste of `person` is cached for ten minutes."""
    if not text or len(text) > MAX_TEXT:
        return magnet_scanner.scan(text)
    digest = hashlib.blake2b(text.encode("utf-8", "replace")).digest()
    known, found = _remembered(person)
    if found and known == digest:
        return found
    found = magnet_scanner.scan(text)
    # Each person has one slot, so that previews on each keystroke don't fill the cache.
    write_if_possible(partial(cache.set, _slot(person), (digest, found), KEPT_SECONDS))
    return found


def _remembered(person: User) -> tuple[bytes, Scan | None]:
    try:
        kept: tuple[bytes, Scan] | None = cache.get(_slot(person))
    except Error:
        kept = None
    return kept or (b"", None)


def _slot(person: User) -> str:
    return f"paste:{_SHAPE}:{person.pk}"


def _shape() -> str:
    """Return a digest of the classes, so that another version doesn't read the scans of this one."""
    kinds = (Scan, FoundMagnet, SkippedText, TorrentLink, Magnet)
    named = [(kind.__module__, kind.__qualname__, [one.name for one in fields(kind)]) for kind in kinds]
    return hashlib.blake2b(repr([named, [*SkipReason]]).encode(), digest_size=8).hexdigest()


_SHAPE = _shape()
