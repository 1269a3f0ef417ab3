from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .torbox_accounts import TorBoxAccount


class UpstreamCall(models.Model):
    """One call to TorBox, recorded before it is made. Rate limits are counted from these rows.

    `retry_at`: the time before which TorBox asked us not to call this endpoint again.
    """

    class Outcome(models.TextChoices):
        ASKED = "asked", _("No response yet")
        OK = "ok", _("Succeeded")
        REFUSED = "refused", _("Refused")
        LIMITED = "limited", _("Throttled")
        KEY = "key", _("API key rejected")
        FAILED = "failed", _("Failed")

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
    """The number of calls of one endpoint with one outcome, up to `until`. Single calls are kept for a day only."""

    endpoint = models.CharField(max_length=30)
    outcome = models.CharField(max_length=10, choices=UpstreamCall.Outcome)
    count = models.BigIntegerField(default=0)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "outcome"], name="one_total_per_outcome")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.count} {self.outcome}"
