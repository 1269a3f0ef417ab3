"""The secret parts of lasting links: the token of a link, and the key of each item behind it. Pure functions."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode

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
    text = f"{torrent_pk}\n{path}".encode("utf-8", "surrogatepass")
    return _text(hmac.digest(token.encode(), text, "sha256")[:KEY_BYTES])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
