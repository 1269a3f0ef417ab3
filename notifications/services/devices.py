"""Turn push on and off for the browser of a person. A device is a channel whose address is a browser's subscription."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import crypto
from accounts.models import User

from ..device_names import browser_code, platform_code
from ..models import Channel, ChannelKind, PushKey
from ..push import vapid
from ..push.subscriptions import BadSubscription, Subscription, UnknownService

MAX_DEVICES = 20


class DeviceProblem(models.TextChoices):
    """Why push can't be turned on. pages/push.py has the words."""

    BAD_SUBSCRIPTION = "bad_subscription"
    UNKNOWN_SERVICE = "unknown_service"
    TOO_MANY = "too_many"
    UNREADABLE = "unreadable"  # the push key was encrypted with a key that is no longer in ENCRYPTION_KEYS


class DeviceRefused(Exception):
    """Raised when a browser can't become a device."""

    def __init__(self, code: DeviceProblem) -> None:
        super().__init__(code.value)
        self.code = code


def public_key() -> str:
    """Return the key that browsers subscribe with. Raises `DeviceRefused`."""
    try:
        return vapid.public_key()
    except crypto.KeyUnreadable:
        raise DeviceRefused(DeviceProblem.UNREADABLE) from None


@sensitive_variables()
@transaction.atomic
def subscribe(person: User, subscription: Any, user_agent: str, *, known: int = 0) -> Channel:
    """Make a browser a device of the person, or renew it. Raises `DeviceRefused`.

    `known`: the key of the device that this browser was so far. The browser moves to the person who turns push on last.
    """
    public_key()
    found = _checked(subscription)
    PushKey.objects.select_for_update().get(pk=vapid.THE_KEY)  # one browser at a time
    fingerprints = crypto.fingerprints(found.endpoint)
    same = Channel.objects.filter(kind=ChannelKind.PUSH, fingerprint__in=fingerprints)
    same.exclude(person=person).delete()
    device = same.first() or _devices(person).filter(pk=known).first() or _new(person)
    same.exclude(pk=device.pk).delete()
    device.encrypted_address = crypto.encrypt(found.as_text())
    device.fingerprint = crypto.fingerprint(found.endpoint)
    device.browser = browser_code(user_agent)
    device.platform = platform_code(user_agent)
    device.failing_since = device.retry_at = device.status = None
    device.failures, device.trouble, device.upstream_detail = 0, "", ""
    device.save()
    return device


def unsubscribe(person: User, endpoint: str) -> bool:
    """Remove the device behind an endpoint. Return False if the person has none there."""
    return bool(_devices(person).filter(fingerprint__in=crypto.fingerprints(endpoint)).delete()[0])


def remove(person: User, pk: int) -> bool:
    """Remove a device with what waits for it. Return False if it isn't the person's."""
    return bool(_devices(person).filter(pk=pk).delete()[0])


def is_there(person: User, pk: int) -> bool:
    """Return whether a device of the person hasn't been removed."""
    return _devices(person).filter(pk=pk).exists()


def _devices(person: User) -> models.QuerySet[Channel]:
    return Channel.objects.filter(person=person, kind=ChannelKind.PUSH)


def _new(person: User) -> Channel:
    if _devices(person).count() >= MAX_DEVICES:
        raise DeviceRefused(DeviceProblem.TOO_MANY)
    return Channel(person=person, kind=ChannelKind.PUSH, created_at=timezone.now())


def _checked(subscription: Any) -> Subscription:
    try:
        return Subscription.from_json(subscription)
    except UnknownService:
        raise DeviceRefused(DeviceProblem.UNKNOWN_SERVICE) from None
    except BadSubscription:
        raise DeviceRefused(DeviceProblem.BAD_SUBSCRIPTION) from None
