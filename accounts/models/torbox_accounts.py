from __future__ import annotations

from datetime import datetime, timedelta
from random import uniform
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..deadlines import ahead, passed
from ..leases import Lease
from ..outages import HealthReason, health_sentence
from .access import OWN, AccountAccess
from .people import User
from .revisions import RAISED, Revised

PROBE_FIRST, PROBE_MAX = 5, 600  # seconds
MAX_PROBE = timedelta(seconds=PROBE_MAX * 1.2)
MAX_PAUSE = timedelta(hours=1)  # the window of TorBox's widest rate limit (docs/torbox-api.md#limits)
REFRESH_SPREAD = 1.5  # the factor by which refreshes are spread at most
WATCHED_FOR = timedelta(seconds=30)


class TorBoxAccountQuerySet(AccountAccess["TorBoxAccount"]):
    """TorBox accounts, by access and by when TorBox may be asked about them."""

    def askable(self, now: datetime) -> Self:
        """Leave out accounts with a rejected API key, and those that wait before the next try after an outage."""
        rested = Q(probe_at=None) | passed("probe_at", MAX_PROBE, now)
        return self.filter(rested).exclude(health=TorBoxAccount.Health.REJECTED)

    def due(self, now: datetime) -> Self:
        return self.askable(now).filter(passed("next_refresh_at", max_refresh_interval(), now))

    def watched(self, now: datetime) -> Self:
        return self.askable(now).filter(ahead("watched_until", WATCHED_FOR, now))


def max_refresh_interval() -> timedelta:
    """Return how far ahead the next refresh of an account may lie."""
    seconds = max(settings.IDLE_REFRESH_SECONDS, settings.REFRESH_SECONDS) * REFRESH_SPREAD
    return max(timedelta(seconds=seconds), MAX_PAUSE)


class TorBoxAccount(Revised):
    """A person's TorBox account, with its API key encrypted.

    `slots` is how many torrents may be active at once.
    """

    class Health(models.TextChoices):
        # Translators: these labels are states of a TorBox account.
        OK = "ok", _("Good")
        REJECTED = "rejected", _("API key rejected")
        UNREADABLE = "unreadable", _("API key unreadable")
        UNREACHABLE = "unreachable", _("Not responding")
        # Translators: TorBox accepts the API key but doesn't list the torrents, perhaps because of the plan.
        LIMITED = "limited", _("Limited")
        # Translators: TorBox sent the torrents of another account, so the app ignores them.
        ANOTHER = "another", _("Account mismatch")

    OWN = OWN

    owner = models.ForeignKey(User, models.CASCADE, related_name="torbox_accounts")
    label = models.CharField(max_length=60)
    encrypted_key = models.TextField()
    key_fingerprint = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    created_at = models.DateTimeField(auto_now_add=True)

    auth_id = models.CharField(max_length=64, blank=True)
    plan = models.PositiveSmallIntegerField(default=0)
    plan_name = models.CharField(max_length=30, blank=True)
    slots = models.PositiveIntegerField(null=True)
    premium_expires_at = models.DateTimeField(null=True)
    plan_read_at = models.DateTimeField(null=True)

    # From the last refresh: rows left out, rows with an unexpected value, and TorBox's name of the field most at fault.
    unread_rows = models.PositiveIntegerField(default=0)
    odd_rows = models.PositiveIntegerField(default=0)
    unread_field = models.CharField(max_length=40, blank=True)

    health = models.CharField(max_length=12, choices=Health, default=Health.OK)
    health_reason = models.CharField(max_length=20, choices=HealthReason, blank=True)
    upstream_detail = models.CharField(max_length=500, blank=True)
    health_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    probe_at = models.DateTimeField(null=True)

    refreshed_at = models.DateTimeField(null=True)
    fresh_read_at = models.DateTimeField(null=True)
    next_refresh_at = models.DateTimeField(default=timezone.now, db_index=True)
    asked_at = models.DateTimeField(null=True)
    fresh_wanted = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True)
    watched_until = models.DateTimeField(null=True, db_index=True)

    refresh_lease_until = models.DateTimeField(null=True)
    refresh_lease_by = models.CharField(max_length=32, blank=True)
    send_lease_until = models.DateTimeField(null=True)
    send_lease_by = models.CharField(max_length=32, blank=True)
    control_lease_until = models.DateTimeField(null=True)
    control_lease_by = models.CharField(max_length=32, blank=True)

    # Annotated by `with_level`.
    level: str | None
    is_shared: bool

    objects = TorBoxAccountQuerySet.as_manager()

    class Meta:
        ordering = ["label", "pk"]
        verbose_name = "TorBox account"

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("accounts:account", args=[self.pk])

    @property
    def rejected(self) -> bool:
        """Whether TorBox rejected the API key. If so, nothing is sent with it again."""
        return self.health == self.Health.REJECTED

    @property
    def needs_key(self) -> bool:
        return self.health in (self.Health.REJECTED, self.Health.UNREADABLE)

    @property
    def slots_used(self) -> int:
        """How many torrents are active now: downloading, storing, or seeding."""
        return self.torrents.filter(active=True).count()

    @property
    def health_label(self) -> str:
        return str(self.Health(self.health).label)

    def paused_until(self, endpoint: str) -> datetime | None:
        """Return the end of a pause that TorBox asked for, or None."""
        paused = self.calls.filter(ahead("retry_at", MAX_PAUSE, timezone.now()), endpoint=endpoint)
        return paused.order_by("-retry_at").values_list("retry_at", flat=True).first()

    def ask_again_at(self, moment: datetime) -> None:
        """Refresh the list no later than `moment`."""
        TorBoxAccount.objects.filter(pk=self.pk, next_refresh_at__gt=moment).update(next_refresh_at=moment)

    @property
    def health_sentence(self) -> str:
        return health_sentence(self.health, self.health_reason, self.upstream_detail)

    def mark_health(self, health: str, reason: str = "", upstream_detail: str = "") -> None:
        """Store a health change and bump the revision. No-op if nothing changed.

        `reason`: the `HealthReason` of an outage; `upstream_detail`: TorBox's own sentence.
        """
        found = {"health": health, "health_reason": reason, "upstream_detail": upstream_detail[:500]}
        if all(getattr(self, name) == value for name, value in found.items()):
            return
        # The result is about the key that was used. Its owner may have replaced it in the meantime.
        same_key = TorBoxAccount.objects.filter(pk=self.pk, encrypted_key=self.encrypted_key)
        changed = same_key.exclude(**found)
        since = timezone.now() if self.health != health else self.health_since
        if changed.update(
            **found,
            health_since=since,
            **RAISED,
        ):
            self.refresh_from_db(fields=[*found, "health_since", "revision"])

    def answered(self) -> None:
        """Record that TorBox responded, which ends an outage.

        The health states about the list stay until the list is read.
        """
        if self.health not in (self.Health.LIMITED, self.Health.ANOTHER):
            self.mark_health(self.Health.OK)
        if self.failures or self.probe_at:
            self.failures, self.probe_at = 0, None
            TorBoxAccount.objects.filter(pk=self.pk).update(failures=0, probe_at=None)

    def not_answering(self, reason: str, upstream_detail: str = "") -> None:
        """Record an outage and wait before the next probe, twice as long each time, up to ten minutes."""
        self.mark_health(self.Health.UNREACHABLE, reason, upstream_detail)
        now = timezone.now()
        delay = min(PROBE_MAX, PROBE_FIRST * 2**self.failures) * uniform(0.8, 1.2)
        rested = Q(probe_at=None) | passed("probe_at", MAX_PROBE, now)
        quiet = TorBoxAccount.objects.filter(rested, pk=self.pk)
        if quiet.update(failures=F("failures") + 1, probe_at=now + timedelta(seconds=delay)):
            self.refresh_from_db(fields=["failures", "probe_at"])

    def lock(self) -> bool:
        """Lock the account's torrents against other writers until the transaction ends. Return False if it is gone."""
        return TorBoxAccount.objects.select_for_update().only("pk").filter(pk=self.pk).first() is not None

    def take_lease(self, kind: str, among: TorBoxAccountQuerySet | None = None) -> Lease | None:
        """Take the lease to `refresh`, `send`, or `control`. Return None while another process holds it.

        `among`: only if the account is one of these at that moment, so that work another process has just
        finished isn't repeated.
        """
        lease = Lease(
            rows=TorBoxAccount.objects.filter(pk=self.pk),
            by=uuid4().hex,
            term=timedelta(seconds=settings.LEASE_SECONDS),
            until=f"{kind}_lease_until",
            holder=f"{kind}_lease_by",
        )
        return lease if lease.take(None if among is None else among.filter(pk=self.pk)) else None
