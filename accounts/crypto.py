"""The only module that sees key material: API keys are encrypted here and decrypted here.

`ENCRYPTION_KEYS` holds Fernet keys. The first encrypts; all of them decrypt, so a new one can be put in
front while the app runs (docs/configuration.md#encryption_keys).
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeyUnreadable(Exception):
    """What is stored was encrypted with a key that ENCRYPTION_KEYS no longer holds."""


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises `KeyUnreadable`."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable("This API key was encrypted with another ENCRYPTION_KEYS value.") from None


def fingerprint(text: str) -> str:
    """64 hex characters that tell two API keys apart and reveal neither."""
    return _fingerprint(settings.ENCRYPTION_KEYS[0], text)


def fingerprints(text: str) -> list[str]:
    """The fingerprint under every encryption key: a stored one may be older than the newest key."""
    return [_fingerprint(key, text) for key in settings.ENCRYPTION_KEYS]


def _fingerprint(key: str, text: str) -> str:
    return hmac.new(b"fingerprint:" + key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
