"""Sign our messages, so that push services know who sends them (VAPID, RFC 8292).

The key pair is made once, when the first browser asks for it. Browsers are bound to its public half. `encrypted_private`
holds the other half as base64url. This is the only module that decrypts it.
"""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings

from accounts import crypto

from ..models import PushKey
from .encryption import CURVE, public_point
from .subscriptions import unpadded

THE_KEY = (
    1  # its primary key. There is one, and a conflict decides between processes that make it at the same time
)
LIFE_SECONDS = 12 * 3600  # of a signature; RFC 8292 allows 24 hours
REUSE_SECONDS = 3600
MAX_ORIGINS = 200
_signed: dict[
    tuple[str, str, str], tuple[float, str]
] = {}  # by key, origin, and contact: when, and the token


def public_key() -> str:
    """Return what browsers subscribe with, as base64url. Makes the key pair the first time.

    Raises `accounts.crypto.KeyUnreadable` if messages couldn't be signed.
    """
    key = _stored() or _make()
    crypto.decrypt(key.encrypted_private)
    return key.public


def replace_key() -> None:
    """Make another key pair. Devices hear of it at their next visit, and subscribe again."""
    public, private = _pair()
    PushKey.objects.update_or_create(
        pk=THE_KEY, defaults={"public": public, "encrypted_private": crypto.encrypt(private)}
    )


def authorization(origin: str) -> str:
    """Return the header for a push service. Services check a signature once and remember it, so it is used for an hour.

    Raises `accounts.crypto.KeyUnreadable`.
    """
    key = _stored() or _make()
    now, contact = time.time(), _contact()
    name = (key.public, origin, contact)
    made, token = _signed.get(name, (0.0, ""))
    if not 0 <= now - made < REUSE_SECONDS:
        token = _token(key, {"aud": origin, "exp": int(now) + LIFE_SECONDS, "sub": contact})
        if len(_signed) >= MAX_ORIGINS:
            _signed.clear()
        _signed[name] = (now, token)
    return f"vapid t={token},k={key.public}"


def _stored() -> PushKey | None:
    return PushKey.objects.filter(pk=THE_KEY).first()


def _make() -> PushKey:
    public, private = _pair()
    made = PushKey(pk=THE_KEY, public=public, encrypted_private=crypto.encrypt(private))
    PushKey.objects.bulk_create([made], ignore_conflicts=True)
    return PushKey.objects.get(pk=THE_KEY)


def _pair() -> tuple[str, str]:
    key = ec.generate_private_key(CURVE)
    return unpadded(public_point(key)), unpadded(key.private_numbers().private_value.to_bytes(32))


def _contact() -> str:
    """Return whom a push service can reach about our messages. Apple accepts nothing but https: and mailto:."""
    if settings.SITE_URL.startswith("https:"):
        return str(settings.SITE_URL)
    return f"mailto:admin@{urlsplit(settings.SITE_URL).hostname}"


def _token(key: PushKey, claims: dict[str, str | int]) -> str:
    """Return claims as a JSON Web Token, signed with ES256 (RFC 7515)."""
    value = int.from_bytes(base64.urlsafe_b64decode(crypto.decrypt(key.encrypted_private) + "="))
    private = ec.derive_private_key(value, CURVE)
    text = ".".join(
        unpadded(json.dumps(part, separators=(",", ":")).encode())
        for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(private.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{unpadded(r.to_bytes(32) + s.to_bytes(32))}"
