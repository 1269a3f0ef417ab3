"""Encrypt and decrypt API keys. No other module handles key material.

`ENCRYPTION_KEYS` holds Fernet keys. The first one encrypts and all of them decrypt, so a new one can be added in
front while the app runs (docs/configuration.md#encryption_keys).
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeyUnreadable(Exception):
    """The stored text was encrypted with a key that is no longer in ENCRYPTION_KEYS."""


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the plain text. Raises `KeyUnreadable`."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable("This API key was encrypted with another ENCRYPTION_KEYS value.") from None


def fingerprint(text: str) -> str:
    """Return 64 hex characters that identify an API key without revealing it."""
    return _fingerprint(settings.ENCRYPTION_KEYS[0], text)


def fingerprints(text: str) -> list[str]:
    """Return the fingerprint with every encryption key, because a stored one may be older than the newest key."""
    return [_fingerprint(key, text) for key in settings.ENCRYPTION_KEYS]


def _fingerprint(key: str, text: str) -> str:
    return hmac.new(b"fingerprint:" + key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
