from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """The last heartbeat of a background process: beat, or a worker or saver by its host name."""

    name = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"

    @classmethod
    def sign(cls, name: str) -> None:
        """Record a heartbeat now."""
        name, now = name[:100], timezone.now()
        if not cls.objects.filter(name=name).update(at=now):  # update_or_create() would read the row first
            cls.objects.update_or_create(name=name, defaults={"at": now})

    @classmethod
    def last(cls, kind: str) -> datetime | None:
        """Return the time of the last heartbeat of this kind of process: `beat`, `worker`, or `saver`."""
        signs = cls.objects.filter(name__startswith=kind).order_by("-at")
        return signs.values_list("at", flat=True).first()
