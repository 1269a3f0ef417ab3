"""TorBox's address of an item behind a lasting link, or for a program: fresh, or kept for minutes for the same visitor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore
from time import monotonic, sleep

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

import torbox
from accounts import crypto
from accounts.clients import client_for
from accounts.deadlines import is_recent
from torrents.models import Torrent, TorrentFile
from torrents.states import ENDED

from ..endings import NoSuchItem, NotNow
from ..models import KeptAddress
from .checks import is_trusted, still_works
from .contents import LinkFile
from .opening import Opened

KEPT_FOR = timedelta(minutes=10)
KEPT_AT_LEAST = timedelta(seconds=0.5)  # A program opens several connections at once.
MOST_PER_MINUTE = 80  # calls for one TorBox account. The rest of TorBox's 300 is for people who click
ASKED_WITHIN = timedelta(seconds=30)  # longer than a call can take; then the process that asked has died
WAIT_SECONDS = 8.0  # for the answer that another request of the same visitor gets
POLL_SECONDS = 0.05

LANES = (
    4  # of those requests that may wait for TorBox (`clients.MAX_WAITING`). The rest is for people who click
)
LANE_SECONDS = 2.0  # to wait for one
# Seconds until another try makes sense.
SOON, LATER, MUCH_LATER = 5, 60, 300

_lanes = BoundedSemaphore(LANES)


@sensitive_variables("address")
def address_of(opened: Opened, file: LinkFile, *, visitor: str, user_ip: str | None) -> str:
    """Return an address at TorBox's CDN that works now.

    Requests of the same visitor for the same file within KEPT_FOR share one, also at the same time, as long as the CDN
    takes it. Raises `NotNow` with the seconds to wait, and `NoSuchItem` if TorBox no longer has the file.
    """
    return _kept_or_new(KeptAddress(link=opened.link, item=file.ref, visitor=visitor), file, user_ip)


@sensitive_variables("address")
def address_for_program(torrent: Torrent, file: TorrentFile, *, visitor: str, user_ip: str | None) -> str:
    """Return such an address for a program that acts for a person who sees the torrent. Raises the same."""
    ref = f"{torrent.pk}.{file.remote_id}"
    wanted = LinkFile(torrent, ref, file.path, file.remote_id, file.size, file.mime_type)
    return _kept_or_new(KeptAddress(link=None, item=ref, visitor=visitor), wanted, user_ip)


@sensitive_variables("address")
def _kept_or_new(new: KeptAddress, file: LinkFile, user_ip: str | None) -> str:
    """Return the address that is kept where `new` would be, or a new one."""
    check_ready(file.torrent)
    mine = KeptAddress.objects.filter(link=new.link, item=new.item, visitor=new.visitor)
    kept = mine.first()
    if kept and is_trusted(kept) and (address := _working(kept)):
        return address
    if not _lanes.acquire(timeout=LANE_SECONDS):
        raise NotNow(SOON)
    try:
        return _shared(mine, new, file, user_ip)
    finally:
        _lanes.release()


@sensitive_variables("address")
def _shared(mine: QuerySet[KeptAddress], new: KeptAddress, file: LinkFile, user_ip: str | None) -> str:
    """Return a kept address that works, or ask for one, or wait for the one that another request asks for."""
    is_waiting = False
    until = monotonic() + WAIT_SECONDS
    while monotonic() < until:
        kept = mine.first()
        if kept is None and is_waiting:
            break  # The request that we waited for failed.
        if kept and (address := _working(kept)):
            return address
        if claim := _claim(mine, kept, new):
            return _ask(claim, file, user_ip)
        is_waiting = True
        sleep(POLL_SECONDS)
    raise NotNow(SOON)


def fresh_address(
    torrent: Torrent,
    file_id: int | None = None,
    *,
    user_ip: str | None = None,
    limit: int | None = None,
) -> str:
    """Return a new address of one file by TorBox's id, or without one of the zip of all files.

    Such addresses count against MOST_PER_MINUTE, or another `limit`. Raises `NotNow` and `NoSuchItem`.
    """
    check_ready(torrent)
    limit = limit or MOST_PER_MINUTE
    with _as_endings(), client_for(torrent.account, somebody_waits=True, limit=limit) as client:
        return client.request_download(
            torrent_id=torrent.remote_id or 0, file_id=file_id, zip_link=file_id is None, user_ip=user_ip
        )


def check_ready(torrent: Torrent) -> None:
    """Raise `NoSuchItem` if TorBox doesn't have the torrent, and `NotNow` if its files aren't there yet."""
    if torrent.status in ENDED:
        raise NoSuchItem
    if not torrent.downloadable:
        raise NotNow(LATER)


def _working(kept: KeptAddress) -> str:
    """Return a kept address if it works, else "". Then it is expired, and will be asked for again."""
    address = _readable(kept)
    if not address or not is_recent(kept.asked_at, _kept_for(kept), timezone.now()):
        return ""
    return address if still_works(kept, address) else ""


def _kept_for(kept: KeptAddress) -> timedelta:
    """Return for how long to keep an address: half as long as the last one worked, if that one expired early."""
    if kept.worked_for is None:
        return KEPT_FOR
    return max(KEPT_AT_LEAST, min(KEPT_FOR, timedelta(seconds=kept.worked_for / 2)))


def _readable(kept: KeptAddress) -> str:
    try:
        return crypto.decrypt(kept.encrypted_address) if kept.encrypted_address else ""
    except crypto.KeyUnreadable:  # ENCRYPTION_KEYS has changed since
        return ""


def _claim(mine: QuerySet[KeptAddress], kept: KeptAddress | None, new: KeptAddress) -> KeptAddress | None:
    """Return the row of an address that this request alone will ask TorBox for. None if another one is asking."""
    if kept is None:
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError:
            return None
        return new
    now = timezone.now()
    if not kept.encrypted_address and is_recent(kept.asked_at, ASKED_WITHIN, now):
        return None
    same = mine.filter(pk=kept.pk, asked_at=kept.asked_at, encrypted_address=kept.encrypted_address)
    # After a pause there is no reason any more to believe that addresses die early.
    worked_for = kept.worked_for if is_recent(kept.asked_at, KEPT_FOR, now) else None
    fields = {"asked_at": now, "encrypted_address": "", "checked_at": None, "worked_for": worked_for}
    return KeptAddress(pk=kept.pk, asked_at=now) if same.update(**fields) else None


@sensitive_variables("address")
def _ask(claim: KeptAddress, file: LinkFile, user_ip: str | None) -> str:
    """Ask TorBox, and keep the answer for those who wait for it. After an error they see that the row is gone."""
    claimed = KeptAddress.objects.filter(pk=claim.pk, asked_at=claim.asked_at)
    try:
        address = fresh_address(file.torrent, file.remote_id, user_ip=user_ip)
    except BaseException:
        claimed.delete()
        raise
    claimed.update(encrypted_address=crypto.encrypt(address), checked_at=timezone.now())
    return address


@contextmanager
def _as_endings() -> Iterator[None]:
    """Turn errors of TorBox into those of lasting links."""
    try:
        yield
    except torbox.NotFound:
        raise NoSuchItem from None
    except torbox.RateLimited as error:
        raise NotNow(LATER if error.retry_after is None else error.retry_after) from None
    except torbox.AuthError:
        raise NotNow(MUCH_LATER) from None
    except torbox.Refused:
        raise NotNow(LATER) from None
    except torbox.TorBoxError:
        raise NotNow(SOON) from None
