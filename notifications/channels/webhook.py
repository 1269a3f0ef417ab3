"""Send messages as JSON, signed as Standard Webhooks describe it (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

from ..models import Trouble
from . import outgoing, webhook_address
from .answers import outcome_of
from .message import Message, Outcome
from .outgoing import Reach
from .secret_parts import secrets_of_url


def send(address: str, message: Message, reach: Reach = outgoing.PUBLIC) -> Outcome:
    """Send a message to a webhook, and return what came of it."""
    try:
        url, secret = webhook_address.read(address)
        key = webhook_address.key_of(secret)
    except ValueError:
        return outcome_of(Trouble.BAD_ADDRESS)
    body = json.dumps(payload(message)).encode()
    headers = {"Content-Type": "application/json", **signed(key, message.id, int(time.time()), body)}
    return outgoing.post(url, body, headers, reach=reach, secrets=(*secrets_of_url(url), secret))


def payload(message: Message) -> dict[str, object]:
    """Return what the receiver gets: the codes of the message, and the same in words."""
    words = {"id": message.id, "title": message.title, "body": message.body, "url": message.url}
    return {**message.payload, **words}


def signed(key: bytes, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that let the receiver check who sent a body, and when."""
    text = b".".join((name.encode(), str(timestamp).encode(), body))
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {"webhook-id": name, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
