"""How far the events of torrents have been read."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Cursor(models.Model):
    """The position of a reader of events, and its lease: one worker reads at a time.

    `position` is the highest key that was read. Transactions may commit in another order than they took their keys, so
    `gaps` holds the ranges of keys below it that weren't there yet, as `[first, last, when]`, for as long as they may
    still appear.
    """

    name = models.CharField(max_length=20, unique=True)
    position = models.BigIntegerField(default=0)
    gaps = models.JSONField(default=list)
    until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True)
    looked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
