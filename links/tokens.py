"""The secret parts of lasting links: the token of a link, and the key of each item behind it. Pure functions."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

TOKEN_BYTES = 16
KEY_BYTES = 12
SALT = "links.lasting-link"
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_nonce() -> str:
    """Return a random number as text."""
    return secrets.token_urlsafe(24)


def token_of(nonce: str) -> str:
    """Return the token that SECRET_KEY makes of a nonce: 128 bits in 22 characters that are safe in URLs."""
    return _text(salted_hmac(SALT, nonce, algorithm="sha256").digest()[:TOKEN_BYTES])


def hash_of(token: str) -> str:
    """Return the hash by which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def item_key(token: str, torrent_pk: int, path: str) -> str:
    """Return 16 characters that lead from a link to one file. No one can guess it, not even from those of other files."""
    return _text(_key(token.encode(), f"{torrent_pk}\n{path}"))


def path_of(token: str, torrent_pk: int, key: str, paths: Iterable[str]) -> str | None:
    """Return the first path whose `item_key` this is, or None. Quick, because a torrent may have 20,000 files."""
    try:
        wanted = urlsafe_b64decode(key)
    except ValueError:
        return None
    secret, beginning = token.encode(), f"{torrent_pk}\n"
    matching = (path for path in paths if hmac.compare_digest(_key(secret, beginning + path), wanted))
    return next(matching, None)


def _key(secret: bytes, text: str) -> bytes:
    return hmac.digest(secret, text.encode("utf-8", "surrogatepass"), "sha256")[:KEY_BYTES]


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
