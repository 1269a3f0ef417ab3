from __future__ import annotations

from django.db import models
from django.utils import timezone

from .torbox_accounts import TorBoxAccount


class UpstreamCall(models.Model):
    """One call to TorBox, written down before it is made. Limits are counted from these; people see their number.

    `retry_at`: until when TorBox asked to leave this endpoint alone.
    """

    class Outcome(models.TextChoices):
        ASKED = "asked", "No answer yet"
        OK = "ok", "Answered"
        REFUSED = "refused", "Refused"
        LIMITED = "limited", "Told to wait"
        KEY = "key", "Key refused"
        FAILED = "failed", "Failed"

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="calls")
    endpoint = models.CharField(max_length=30)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.ASKED)
    detail = models.CharField(max_length=200, blank=True)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "endpoint", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.outcome}"


class CallTotal(models.Model):
    """All calls of one endpoint with one outcome, ever, up to `until`; single calls are kept for a day only."""

    endpoint = models.CharField(max_length=30)
    outcome = models.CharField(max_length=10, choices=UpstreamCall.Outcome)
    count = models.BigIntegerField(default=0)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "outcome"], name="one_total_per_outcome")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.count} {self.outcome}"
