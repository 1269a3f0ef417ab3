"""TorBox clients for stored accounts. The only module that decrypts API keys."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import BoundedSemaphore, Lock

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

import torbox

from . import crypto, rate_limits
from .models import TorBoxAccount
from .outages import outage_reason

POOL_SIZE = 64
MAX_WAITING = 5  # of the 8 threads of a web process, of which two may wait for changes (`api.v1.waiting`)
WAIT_SECONDS = 2.0  # for a place
_places = BoundedSemaphore(MAX_WAITING)
_pool: OrderedDict[str, torbox.Client] = OrderedDict()
_pool_lock = Lock()


class NoPlace(torbox.Unavailable):
    """Raised when a call isn't sent, because too many requests wait for TorBox already."""


@contextmanager
def place_to_wait() -> Iterator[None]:
    """Take one of the places for requests that wait for TorBox. Raises `NoPlace`.

    No request takes a second one while it has one, so requests never wait for each other.
    """
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise NoPlace
    try:
        yield
    finally:
        _places.release()


@contextmanager
def client_for(
    account: TorBoxAccount,
    *,
    somebody_waits: bool = False,
    reads_list: bool = False,
    limit: int = rate_limits.PER_MINUTE,
) -> Iterator[torbox.Client]:
    """Return a client for `account`, and record TorBox's responses as the health of the account.

    `somebody_waits`: give up after TORBOX_QUICK_TIMEOUT, don't retry, and take a `place_to_wait`. `reads_list`: an error
    that TorBox reports, or an unreadable response, counts as an outage. Without it, such an error concerns one torrent
    only. `limit`: hold calls back after so many to their endpoint within a minute, so that others who use the account
    can go on.

    Raises `torbox.AuthError` without a call if the key was rejected or can't be decrypted, so that nothing more is
    sent until the owner enters a new one.
    """
    if account.rejected:
        raise torbox.AuthError(account.upstream_detail)
    client = _readable_client(account, somebody_waits, limit)
    with place_to_wait() if somebody_waits else nullcontext(), _health_noted(account, reads_list):
        yield client


@contextmanager
def _health_noted(account: TorBoxAccount, reads_list: bool) -> Iterator[None]:
    try:
        yield
    except torbox.AuthError as error:
        account.mark_health(account.Health.REJECTED, upstream_detail=error.detail)
        raise
    except rate_limits.Throttled:
        raise
    except torbox.Unavailable as error:
        if not reads_list and _is_about_one_thing(error):
            account.answered()
        else:
            account.not_answering(*outage_reason(error))
        raise
    except torbox.TorBoxError:
        account.answered()
        raise
    else:
        account.answered()


@sensitive_variables("api_key")
def client_with(
    api_key: str,
    *,
    somebody_waits: bool = True,
    account: TorBoxAccount | None = None,
    limit: int = rate_limits.PER_MINUTE,
) -> torbox.Client:
    """Return a client for an API key. With `account`, its calls count toward that account's rate limit."""
    timeout = settings.TORBOX_QUICK_TIMEOUT if somebody_waits else settings.TORBOX_TIMEOUT
    return torbox.Client(
        base_url=settings.TORBOX_API_URL,
        api_key=api_key,
        timeout=timeout,
        retries=0 if somebody_waits else 2,
        body_deadline=2 * timeout[1],
        gate=partial(rate_limits.counted, account.pk, limit=limit) if account else None,
    )


def is_readable(account: TorBoxAccount) -> bool:
    """Return whether one of ENCRYPTION_KEYS can decrypt the stored key."""
    try:
        return bool(crypto.decrypt(account.encrypted_key))
    except crypto.KeyUnreadable:
        return False


def _is_about_one_thing(error: torbox.Unavailable) -> bool:
    return isinstance(error, torbox.Malformed) or (error.code is not None)


def _readable_client(account: TorBoxAccount, somebody_waits: bool, limit: int) -> torbox.Client:
    """Decrypt the key at every call, so that nothing more is needed after the old ENCRYPTION_KEYS are restored."""
    try:
        return _pooled_client(account, somebody_waits, limit)
    except crypto.KeyUnreadable:
        account.mark_health(account.Health.UNREADABLE)
    raise torbox.AuthError


def _pooled_client(account: TorBoxAccount, somebody_waits: bool, limit: int) -> torbox.Client:
    """Return the client of a stored key from the pool. The least recently used client is closed when it is full."""
    slot = f"{settings.TORBOX_API_URL} {somebody_waits} {limit} {account.encrypted_key}"
    with _pool_lock:
        client = _pool.pop(slot, None) or client_with(
            crypto.decrypt(account.encrypted_key),
            somebody_waits=somebody_waits,
            account=account,
            limit=limit,
        )
        _pool[slot] = client
        while len(_pool) > POOL_SIZE:
            _pool.popitem(last=False)[1].close()
        return client
