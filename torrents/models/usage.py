"""What TorBox reports about the use of an account: data by day, and AirLock's space. Sizes are in bytes."""

from __future__ import annotations

from django.db import models

from accounts.models import TorBoxAccount


class Usage(models.Model):
    """The last report of an account. Null is what TorBox didn't say."""

    account = models.OneToOneField(TorBoxAccount, models.CASCADE, primary_key=True, related_name="usage")
    asked_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    airlock_used = models.BigIntegerField(null=True)
    airlock_limit = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"usage of {self.account_id}"


class UsageDay(models.Model):
    """The data of one day, in UTC."""

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="usage_days", db_index=False)
    day = models.DateField()
    downloaded = models.BigIntegerField(default=0)
    uploaded = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_row_per_day")]

    def __str__(self) -> str:
        return f"{self.account_id} on {self.day}"
