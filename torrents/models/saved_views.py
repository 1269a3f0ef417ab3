"""Views of the list that people keep: a filter, a search, and an order under a name."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User

MAX_VIEW_NAME = 40  # characters


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Views by whose they are. Every query about views starts with `of`."""

    def of(self, person: User) -> Self:
        """Return the views that a person saved. Only they see them."""
        return self.filter(person=person)


class SavedView(models.Model):
    """A view of the list that one person named. `query` holds the parameters of `Selection`, without defaults."""

    person = models.ForeignKey(User, models.CASCADE, related_name="saved_views", db_index=False)
    name = models.CharField(max_length=MAX_VIEW_NAME)
    query = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="one_view_per_name"),
            models.UniqueConstraint(fields=["person"], condition=Q(is_default=True), name="one_default_view"),
        ]

    def __str__(self) -> str:
        return self.name
