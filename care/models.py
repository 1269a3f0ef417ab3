from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from accounts.leases import Lease


class InstanceLease(models.Model):
    """A lease held for the whole instance. It uses the database's clock, so machines with different clocks agree."""

    name = models.CharField(max_length=40, unique=True)
    holder = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "care_lease"

    def __str__(self) -> str:
        return f"{self.name}: {self.holder or 'free'}"

    @classmethod
    def of(cls, name: str, holder: str, seconds: float) -> Lease:
        """Return the lease `name` for `holder`, which doesn't hold it yet."""
        cls.objects.get_or_create(name=name)
        return Lease(cls.objects.filter(name=name), holder, timedelta(seconds=seconds), clock=Now)
