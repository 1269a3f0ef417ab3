"""What a browser hands out so that we can send it messages: `PushSubscription.toJSON()`."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Self

from . import encryption, endpoints

MAX_KEY = 200  # characters of a key in base64


class BadSubscription(Exception):
    """The subscription lacks an endpoint or keys that can be used."""


class UnknownService(Exception):
    """The endpoint is not that of a known push service."""


@dataclass(frozen=True)
class Subscription:
    """An endpoint with the browser's keys. All three are secrets, so its repr shows none."""

    endpoint: str = field(repr=False)
    key: bytes = field(repr=False)
    auth: bytes = field(repr=False)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Check what a browser sent. Raises `BadSubscription` and `UnknownService`."""
        keys = value.get("keys") if isinstance(value, dict) else None
        endpoint = value.get("endpoint") if isinstance(value, dict) else None
        if not isinstance(endpoint, str) or not isinstance(keys, dict):
            raise BadSubscription
        if not endpoints.is_known(endpoint):
            raise UnknownService
        key, auth = _decoded(keys.get("p256dh")), _decoded(keys.get("auth"))
        if not encryption.is_key(key, auth):
            raise BadSubscription
        return cls(endpoint, key, auth)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a stored subscription, and check it once more. Raises `BadSubscription` and `UnknownService`."""
        try:
            return cls.from_json(json.loads(text))
        except ValueError:
            raise BadSubscription from None

    def as_text(self) -> str:
        """Return the JSON text that is stored, encrypted, as the address of a channel."""
        keys = {"p256dh": unpadded(self.key), "auth": unpadded(self.auth)}
        return json.dumps({"endpoint": self.endpoint, "keys": keys})


def unpadded(value: bytes) -> str:
    """Return base64url without padding, as Web Push writes all binary values."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(text: Any) -> bytes:
    """Decode base64url, with or without padding. Returns b"" for anything else."""
    if not isinstance(text, str) or len(text) > MAX_KEY or not text.isascii():
        return b""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""
