"""Send a message to a browser through its push service (RFC 8030, 8291, 8292)."""

from __future__ import annotations

from accounts import crypto

from ..channels.message import Message, Outcome
from ..channels.outgoing import post
from ..events import Kind
from ..models import Trouble
from . import endpoints, vapid
from .encryption import encrypt
from .payload import MAX_BYTES, payload, topic
from .subscriptions import BadSubscription, Subscription, UnknownService

TTL_SECONDS = 24 * 3600  # that a service keeps a message for a device that is off
TOO_LARGE = 413
FEW_BYTES = 1000  # of a message for a service that finds others too large


def send(address: str, message: Message) -> Outcome:
    """Encrypt a message and send it. `address` is the JSON text of a subscription, as browsers make it."""
    try:
        subscription = Subscription.from_text(address)
        headers = _headers(subscription, message)
    except (BadSubscription, UnknownService):
        return Outcome(Trouble.BAD_ADDRESS)
    except crypto.KeyUnreadable:
        return Outcome(Trouble.UNREADABLE, retry=True)  # until the key is back in ENCRYPTION_KEYS
    outcome = _post(subscription, headers, payload(message, MAX_BYTES))
    if outcome.status == TOO_LARGE:
        outcome = _post(subscription, headers, payload(message, FEW_BYTES))
    return outcome


def _headers(subscription: Subscription, message: Message) -> dict[str, str]:
    """Return the headers. With the same topic, a message replaces itself if the device didn't get it yet."""
    is_ready = message.payload.get("kind") == Kind.READY
    return {
        "Authorization": vapid.authorization(endpoints.origin_of(subscription.endpoint)),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL_SECONDS),
        "Topic": topic(message),
        "Urgency": "high" if message.urgent or is_ready else "normal",
    }


def _post(subscription: Subscription, headers: dict[str, str], plain: bytes) -> Outcome:
    body = encrypt(plain, subscription.key, subscription.auth)
    return post(subscription.endpoint, body, headers, secrets=_secrets(subscription))


def _secrets(subscription: Subscription) -> tuple[str, ...]:
    """Return the parts of an endpoint that services may repeat in their answers."""
    path = subscription.endpoint.partition("//")[2].partition("/")[2]
    return (subscription.endpoint, path, path.rpartition("/")[2])
