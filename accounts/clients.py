"""Where the TorBox client meets Django, and the only place an API key is decrypted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

import torbox

from . import calls, crypto
from .models import TorBoxAccount

POOL_SIZE = 64
_pool: OrderedDict[str, torbox.Client] = OrderedDict()
_pool_lock = Lock()

UNREADABLE = (
    "The stored API key cannot be read: ENCRYPTION_KEYS is not the one it was saved with. "
    "Put the old value back, or enter the key again."
)


@contextmanager
def client_for(
    account: TorBoxAccount, *, somebody_waits: bool = False, reads_list: bool = False
) -> Iterator[torbox.Client]:
    """A client that speaks for `account`; what TorBox answers through it becomes the account's health.

    With `somebody_waits` at the other end it gives up after TORBOX_QUICK_TIMEOUT and tries once. A fault that
    TorBox itself reports, or an odd answer, is an outage where it `reads_list`; else it is about that one thing.

    Raises `torbox.AuthError` without calling when the key is known to be refused or cannot be decrypted,
    so that nothing more is sent until the owner enters a new one.
    """
    if account.rejected:
        raise torbox.AuthError(account.health_detail or "TorBox refused this key.")
    client = _readable_client(account, somebody_waits)
    try:
        yield client
    except torbox.AuthError as error:
        account.mark_health(account.Health.REJECTED, error.detail)
        raise
    except calls.HeldBack:
        raise
    except torbox.Unavailable as error:
        if not reads_list and _is_about_one_thing(error):
            account.answered()
        else:
            account.not_answering(error.detail)
        raise
    except torbox.TorBoxError:
        account.answered()
        raise
    else:
        account.answered()


@sensitive_variables("api_key")
def client_with(
    api_key: str, *, somebody_waits: bool = True, account: TorBoxAccount | None = None
) -> torbox.Client:
    """A client for a key; its calls are counted when it is that of a stored account."""
    timeout = settings.TORBOX_QUICK_TIMEOUT if somebody_waits else settings.TORBOX_TIMEOUT
    return torbox.Client(
        base_url=settings.TORBOX_API_URL,
        api_key=api_key,
        timeout=timeout,
        retries=0 if somebody_waits else 2,
        body_deadline=2 * timeout[1],
        gate=partial(calls.counted, account.pk) if account else None,
    )


def is_readable(account: TorBoxAccount) -> bool:
    """Whether one of ENCRYPTION_KEYS reads the stored key."""
    try:
        return bool(crypto.decrypt(account.encrypted_key))
    except crypto.KeyUnreadable:
        return False


def _is_about_one_thing(error: torbox.Unavailable) -> bool:
    return isinstance(error, torbox.Malformed) or (error.code is not None)


def _readable_client(account: TorBoxAccount, somebody_waits: bool) -> torbox.Client:
    """Tried again at every call, so that putting the old ENCRYPTION_KEYS back is all it takes."""
    try:
        return _pooled_client(account, somebody_waits)
    except crypto.KeyUnreadable:
        account.mark_health(account.Health.UNREADABLE, UNREADABLE)
    raise torbox.AuthError(UNREADABLE)


def _pooled_client(account: TorBoxAccount, somebody_waits: bool) -> torbox.Client:
    """One connection pool per stored key; the least recently used is closed."""
    slot = f"{settings.TORBOX_API_URL} {somebody_waits} {account.encrypted_key}"
    with _pool_lock:
        client = _pool.pop(slot, None) or client_with(
            crypto.decrypt(account.encrypted_key), somebody_waits=somebody_waits, account=account
        )
        _pool[slot] = client
        while len(_pool) > POOL_SIZE:
            _pool.popitem(last=False)[1].close()
        return client
