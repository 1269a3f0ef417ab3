"""The address of a webhook: a URL, and the secret that signs what goes there."""

from __future__ import annotations

import base64
import json

PREFIX = "whsec_"  # of Standard Webhooks


def new_secret(random: bytes) -> str:
    """Return random bytes as a secret, in the form of Standard Webhooks."""
    return PREFIX + base64.b64encode(random).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes that sign."""
    return base64.b64decode(secret.removeprefix(PREFIX))


def written(url: str, secret: str) -> str:
    """Return the text that is stored, encrypted."""
    return json.dumps({"url": url, "secret": secret})


def read(text: str) -> tuple[str, str]:
    """Return URL and secret. Raises ValueError."""
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in ("url", "secret")):
        raise ValueError
    return found["url"], found["secret"]
