"""Where messages go: devices with push, and services that people use."""

from __future__ import annotations

import json
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User

MAX_DETAIL = 300  # characters of what a service answered


class ChannelKind(models.TextChoices):
    """The services that messages can go to. Their names are proper names, so they aren't translated."""

    PUSH = "push"
    NTFY = "ntfy"
    GOTIFY = "gotify"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    SLACK = "slack"
    MATRIX = "matrix"
    PUSHOVER = "pushover"
    PUSHBULLET = "pushbullet"
    EMAIL = "email"
    WEBHOOK = "webhook"


class Trouble(models.TextChoices):
    """Why a message wasn't delivered."""

    REFUSED = "refused"  # the service answered, and won't take it
    GONE = "gone"  # the address doesn't exist anymore
    RATE_LIMITED = "rate_limited"
    SERVICE_ERROR = "service_error"  # 5xx
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    REDIRECT = "redirect"
    PRIVATE_ADDRESS = "private_address"
    BAD_ADDRESS = "bad_address"
    UNREADABLE = "unreadable"  # stored with a key that is no longer in ENCRYPTION_KEYS
    NO_MAIL_SERVER = "no_mail_server"


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels, by who may use and manage them. Every query about channels starts here."""

    def usable_by(self, user: User) -> Self:
        """Return a person's own channels, and those of the household."""
        return self.filter(Q(person=user) | Q(household=True))

    def used_by(self, user: User) -> Self:
        """Return the channels that messages to a person go to: their own, and those of the household that they chose."""
        chosen = Q(household=True, choices__person=user, choices__wanted=True)
        return self.filter(Q(person=user) | chosen).distinct()

    def manageable_by(self, user: User) -> Self:
        """Return the channels whose address a person may replace or remove: their own. Owners share the household's.

        Someone who is no longer an owner can't lead what others send to the household elsewhere.
        """
        mine = Q(person=user, household=False)
        return self.filter(mine | Q(household=True) if user.is_owner else mine)


class Channel(models.Model):
    """An address that messages go to. `encrypted_address` is a URL, or for push a JSON text with the browser's keys.

    `shown` is the address as pages show it, without its secrets. `household`: an owner made it, everyone may choose it,
    and it may lie in a private network. `fingerprint` is the keyed hash of the address.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=12, choices=ChannelKind)
    household = models.BooleanField(default=False)
    label = models.CharField(max_length=60, blank=True)
    encrypted_address = models.TextField()
    fingerprint = models.CharField(max_length=64)
    shown = models.CharField(max_length=120, blank=True)
    # Of a device with push, as codes from its user agent: chrome, firefox, safari; linux, android, ios, and so on.
    browser = models.CharField(max_length=20, blank=True)
    platform = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)  # the last message that the service took

    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True)
    status = models.PositiveSmallIntegerField(null=True)  # the last status code of HTTP or SMTP, if it failed
    upstream_detail = models.CharField(max_length=MAX_DETAIL, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "fingerprint"], name="one_channel_per_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @staticmethod
    def identity_in(address: str) -> str:
        """Return what the fingerprint stands for. Of a device or a webhook it is the URL: their keys may change."""
        if not address.startswith("{"):
            return address
        found = json.loads(address)
        return str(found.get("endpoint") or found.get("url"))

    @property
    def is_push(self) -> bool:
        return self.kind == ChannelKind.PUSH


class PushKey(models.Model):
    """The instance's VAPID key pair (RFC 8292), made once. `public` is what browsers get, as base64url."""

    public = models.CharField(max_length=100)
    encrypted_private = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.public[:12]
