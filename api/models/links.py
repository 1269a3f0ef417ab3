from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from accounts.deadlines import passed
from accounts.models import User

LONGEST_WAIT = timedelta(hours=1)


class LinkToAddQuerySet(models.QuerySet["LinkToAdd"]):
    """Links by when they are to be fetched."""

    def due(self, now: datetime) -> LinkToAddQuerySet:
        return self.filter(passed("due_at", LONGEST_WAIT, now))


class LinkToAdd(models.Model):
    """A link to a .torrent file that a program added, until a worker has fetched it. `url` may hold a passkey.

    `wish`: how the torrent is added (`services.adding.Wish`). A worker that fetches it moves `due_at` ahead first.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    url = models.TextField()
    wish = models.JSONField(default=dict)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = LinkToAddQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]

    def __str__(self) -> str:
        return f"link {self.pk} of {self.person_id}"
