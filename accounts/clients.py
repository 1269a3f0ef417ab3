"""Where the TorBox client meets Django, and the only place an API key is decrypted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

import torbox

from . import crypto
from .models import TorBoxAccount

POOL_SIZE = 64
_pool: OrderedDict[str, torbox.Client] = OrderedDict()
_pool_lock = Lock()

UNREADABLE = (
    "The stored API key cannot be read: ENCRYPTION_KEYS is not the one it was saved with. "
    "Put the old value back, or enter the key again."
)


@contextmanager
def client_for(account: TorBoxAccount) -> Iterator[torbox.Client]:
    """A client that speaks for `account`; what TorBox answers through it becomes the account's health.

    Raises `torbox.AuthError` without calling when the key is known to be refused or cannot be decrypted,
    so that nothing more is sent until the owner enters a new one.
    """
    if account.rejected:
        raise torbox.AuthError(account.health_detail or "TorBox refused this key.")
    try:
        yield _pooled_client(account)
    except torbox.AuthError as error:
        account.mark_health(account.Health.REJECTED, error.detail)
        raise
    except torbox.Unavailable as error:
        account.not_answering(error.detail)
        raise
    except torbox.TorBoxError:
        account.answered()
        raise
    else:
        account.answered()


@sensitive_variables("api_key")
def client_with(api_key: str) -> torbox.Client:
    """A client for a key that is not stored (yet)."""
    return torbox.Client(base_url=settings.TORBOX_API_URL, api_key=api_key, timeout=settings.TORBOX_TIMEOUT)


def _pooled_client(account: TorBoxAccount) -> torbox.Client:
    """One connection pool per stored key; the least recently used is closed."""
    slot = f"{settings.TORBOX_API_URL} {account.encrypted_key}"
    with _pool_lock:
        client = _pool.pop(slot, None) or client_with(_decrypted_key(account))
        _pool[slot] = client
        while len(_pool) > POOL_SIZE:
            _pool.popitem(last=False)[1].close()
        return client


def _decrypted_key(account: TorBoxAccount) -> str:
    try:
        return crypto.decrypt(account.encrypted_key)
    except crypto.KeyUnreadable:
        raise torbox.AuthError(UNREADABLE) from None
