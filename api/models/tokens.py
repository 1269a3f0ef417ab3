from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User

from ..scopes import Scope
from ..tokens import key_mark

MAX_TOKEN_NAME = 60  # characters
MAX_ADDRESS = 45  # characters; an IPv6 address at its longest


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """API tokens by who may see and revoke them. Every query of a signed-in person starts with one of these."""

    def of(self, user: User) -> Self:
        """Return a person's own tokens."""
        return self.filter(person=user)

    def by_others(self, user: User) -> Self:
        """Return the tokens of other people, which only owners of the instance see."""
        return self.exclude(person=user) if user.is_owner else self.none()

    def revocable_by(self, user: User) -> Self:
        """Return the tokens that `user` may revoke: their own, and as an owner all."""
        return self if user.is_owner else self.filter(person=user)

    def usable(self, now: datetime) -> Self:
        """Return the tokens that haven't expired, of people who may sign in."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), person__is_active=True)


class ApiToken(models.Model):
    """A password for programs. It acts for its person, within its scopes, until it expires or is revoked.

    The token is shown once. `prefix` finds its row, `token_hash` checks it (`api/tokens.py`). `scopes` are values of
    `Scope`. `last_used_on` is the last day of use where its person lives, and `last_used_from` the latest address that
    was new on that day. `key_mark` tells whether SECRET_KEY is still the one that the token was made with.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=MAX_TOKEN_NAME)
    prefix = models.CharField(max_length=8, unique=True)
    token_hash = models.CharField(max_length=64)
    key_mark = models.CharField(max_length=8)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)  # null: never
    last_used_on = models.DateField(null=True)
    last_used_from = models.CharField(max_length=MAX_ADDRESS, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"API token {self.prefix}…"

    def allows(self, scope: Scope) -> bool:
        return scope in self.scopes

    def works_at(self, now: datetime) -> bool:
        """Return whether it hasn't expired, and its person may sign in."""
        return (self.expires_at is None or self.expires_at > now) and self.person.is_active

    @property
    def is_unusable(self) -> bool:
        """Whether SECRET_KEY has changed since, so that the token can't be checked anymore."""
        return self.key_mark != key_mark()
