"""Whether the CDN still takes a kept address, asked at most as often as it makes sense."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.deadlines import is_recent
from torbox.address_check import Check, check

from ..models import KeptAddress

# A program may open several connections at once.
TRUSTED_FOR_AT_LEAST = timedelta(seconds=0.25)
TRUSTED_FOR_AT_MOST = timedelta(seconds=3)
# An address that has worked for a minute will most likely work for another three seconds.
TRUSTED_FOR_PART = 20
SKIPPED_SECONDS = 60  # for a server that doesn't answer us, though it may answer visitors
MAX_SKIPPED = 100  # servers

_locks = [Lock() for _ in range(64)]
_skipped: dict[str, float] = {}


def is_trusted(kept: KeptAddress) -> bool:
    """Return whether the address of a row was seen to work so recently that it need not be checked."""
    if kept.checked_at is None:
        return False
    part = (kept.checked_at - kept.asked_at) / TRUSTED_FOR_PART
    trusted_for = min(max(part, TRUSTED_FOR_AT_LEAST), TRUSTED_FOR_AT_MOST)
    return is_recent(kept.checked_at, trusted_for, timezone.now())


def still_works(kept: KeptAddress, address: str) -> bool:
    """Return whether an address can be handed out, and store when it was seen to work.

    If it has expired, `kept` tells how long it worked. Checks of one address in one process don't overlap.
    """
    if is_trusted(kept):
        return True
    same = KeptAddress.objects.filter(pk=kept.pk, asked_at=kept.asked_at)
    with _locks[kept.pk % len(_locks)]:
        stored = same.first()
        if stored is None:  # It was asked for again in the meantime.
            return False
        if is_trusted(stored):
            return True
        found = _asked(address)
        if found in (Check.EXPIRED, Check.BROKEN):
            kept.worked_for = _worked_for(stored) if found == Check.EXPIRED else stored.worked_for
            return False
        same.update(checked_at=timezone.now())
        return True


def _worked_for(kept: KeptAddress) -> float:
    return ((kept.checked_at or kept.asked_at) - kept.asked_at).total_seconds()


def _asked(address: str) -> Check:
    """Ask the CDN, unless its server can't be reached from here. Each attempt would make a visitor wait."""
    host = urlsplit(address).netloc
    if _skipped.get(host, 0) > monotonic():
        return Check.SILENT
    found = check(address, private_origin=settings.TORBOX_API_URL)
    if found == Check.SILENT:
        if len(_skipped) >= MAX_SKIPPED:
            _skipped.clear()
        _skipped[host] = monotonic() + SKIPPED_SECONDS
    return found


def forget_skipped() -> None:
    """Ask every server again."""
    _skipped.clear()
