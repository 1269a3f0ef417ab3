from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils import timezone

from .people import User

PROBE_FIRST, PROBE_MOST = 5, 600  # seconds


@dataclass
class Lease:
    """The right to do one kind of work for one account alone, until it expires.

    Held by whoever has its token; longer than any single call may take, and renewed between calls, so that a
    worker that died gives way soon and one that lives is never doubled.
    """

    account_id: int
    kind: str
    token: str

    def renew(self) -> bool:
        """Hold it for a full term again; False when it expired and somebody else has it, or the account is gone."""
        until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
        return self._mine().update(**{f"{self.kind}_lease_until": until}) == 1

    def drop(self) -> None:
        self._mine().update(**{f"{self.kind}_lease_until": None, f"{self.kind}_lease_by": ""})

    def _mine(self) -> TorBoxAccountQuerySet:
        return TorBoxAccount.objects.filter(pk=self.account_id, **{f"{self.kind}_lease_by": self.token})


class TorBoxAccountQuerySet(models.QuerySet["TorBoxAccount"]):
    """Who may do what with which account; every query of the product starts at one of these."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(Q(owner_id=user.pk) | Q(shares__user_id=user.pk)).distinct()

    def addable_by(self, user: User) -> Self:
        if user.role == User.Role.GUEST:
            return self.none()
        levels = [Share.Level.ADD, Share.Level.MANAGE]
        return self.filter(
            Q(owner_id=user.pk) | Q(shares__user_id=user.pk, shares__level__in=levels)
        ).distinct()

    def manageable_by(self, user: User) -> Self:
        if user.role == User.Role.GUEST:
            return self.owned_by(user)
        shared = Q(shares__user_id=user.pk, shares__level=Share.Level.MANAGE)
        return self.filter(Q(owner_id=user.pk) | shared).distinct()

    def with_sharing(self) -> Self:
        """Each with `is_shared`: whether anybody beside its owner has it."""
        return self.annotate(is_shared=Exists(Share.objects.filter(account=OuterRef("pk"))))

    def with_level(self, user: User) -> Self:
        """`with_sharing`, and each with `level`: what `user` may do there, `OWN` or a level of `Share`; None for nothing.

        The same as `addable_by` and `manageable_by`, for rows that are read anyway.
        """
        shared = Share.objects.filter(account=OuterRef("pk"), user=user)
        level: Combinable = Subquery(shared.values("level")[:1])
        if user.role == User.Role.GUEST:
            level = Case(When(Exists(shared), then=Value(Share.Level.VIEW)), default=None)
        own = When(owner_id=user.pk, then=Value(TorBoxAccount.OWN))
        return self.with_sharing().annotate(level=Case(own, default=level))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner_id=user.pk)

    def askable(self, now: datetime) -> Self:
        """Those whose key is good and that are not being left in peace after an outage."""
        rested = Q(probe_at=None) | Q(probe_at__lte=now)
        return self.filter(rested).exclude(health=TorBoxAccount.Health.REJECTED)

    def due(self, now: datetime) -> Self:
        return self.askable(now).filter(next_refresh_at__lte=now)

    def watched(self, now: datetime) -> Self:
        return self.askable(now).filter(watched_until__gt=now)


class TorBoxAccount(models.Model):
    """Somebody's TorBox account, reached with an encrypted API key.

    `revision` rises in the transaction that changes anything visible of the account; pages ask "what is
    newer than revision n". Slots are how many torrents may be active at once.
    """

    class Health(models.TextChoices):
        OK = "ok", "Good"
        REJECTED = "rejected", "Key refused"
        UNREADABLE = "unreadable", "Key unreadable"
        UNREACHABLE = "unreachable", "Not answering"
        LIMITED = "limited", "Limited"

    OWN = "own"

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

    health = models.CharField(max_length=12, choices=Health, default=Health.OK)
    health_detail = models.CharField(max_length=500, blank=True)
    health_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    probe_at = models.DateTimeField(null=True)

    revision = models.BigIntegerField(default=1)
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
        """TorBox refused the key: nothing is sent with it again."""
        return self.health == self.Health.REJECTED

    @property
    def needs_key(self) -> bool:
        return self.health in (self.Health.REJECTED, self.Health.UNREADABLE)

    @property
    def slots_used(self) -> int:
        """How many torrents are active now: downloading, being stored or seeding."""
        return self.torrents.filter(active=True).count()

    @property
    def health_label(self) -> str:
        return self.Health(self.health).label

    def paused_until(self, endpoint: str) -> datetime | None:
        """The end of a pause that TorBox asked for; None when there is none."""
        paused = self.calls.filter(endpoint=endpoint, retry_at__gt=timezone.now())
        return paused.order_by("-retry_at").values_list("retry_at", flat=True).first()

    def ask_again_at(self, moment: datetime) -> None:
        """Read the list no later than `moment`."""
        TorBoxAccount.objects.filter(pk=self.pk, next_refresh_at__gt=moment).update(next_refresh_at=moment)

    def mark_health(self, health: str, detail: str = "") -> None:
        """Write a *change* of health; `health_since` says when it began. Pages notice by the revision."""
        if self.health == health and self.health_detail == detail[:500]:
            return
        # Only of the key that was asked with: its owner may have entered another one in the meantime.
        same_key = TorBoxAccount.objects.filter(pk=self.pk, encrypted_key=self.encrypted_key)
        changed = same_key.exclude(health=health, health_detail=detail[:500])
        since = timezone.now() if self.health != health else self.health_since
        if changed.update(
            health=health, health_detail=detail[:500], health_since=since, revision=F("revision") + 1
        ):
            self.refresh_from_db(fields=["health", "health_detail", "health_since", "revision"])

    def answered(self) -> None:
        """TorBox spoke with us: an outage is over, and what waited for its end is due.

        What it said of the list stands until the list is read.
        """
        if self.health != self.Health.LIMITED:
            self.mark_health(self.Health.OK)
        if self.failures or self.probe_at:
            self.failures, self.probe_at = 0, None
            TorBoxAccount.objects.filter(pk=self.pk).update(failures=0, probe_at=None)

    def not_answering(self, detail: str) -> None:
        """Leave TorBox in peace for a time that doubles up to ten minutes, then probe once."""
        self.mark_health(self.Health.UNREACHABLE, detail)
        now = timezone.now()
        delay = min(PROBE_MOST, PROBE_FIRST * 2**self.failures) * uniform(0.8, 1.2)
        quiet = TorBoxAccount.objects.filter(Q(probe_at=None) | Q(probe_at__lte=now), pk=self.pk)
        if quiet.update(failures=F("failures") + 1, probe_at=now + timedelta(seconds=delay)):
            self.refresh_from_db(fields=["failures", "probe_at"])

    def lock(self) -> bool:
        """Until the transaction ends nobody else changes a torrent of this account; False when it is gone."""
        return TorBoxAccount.objects.select_for_update().only("pk").filter(pk=self.pk).first() is not None

    def next_revision(self) -> int:
        """Raise the revision and return it, 0 when the account is gone; inside the transaction that changes the rows."""
        mine = TorBoxAccount.objects.filter(pk=self.pk)
        mine.update(revision=F("revision") + 1)
        return mine.values_list("revision", flat=True).first() or 0

    def take_lease(self, kind: str, among: TorBoxAccountQuerySet | None = None) -> Lease | None:
        """The right to `refresh`, `send` or `control`; None while somebody else has it.

        `among`: only if the account is one of these at that very moment, so that what somebody else has just
        done is not done again.
        """
        now = timezone.now()
        free = Q(**{f"{kind}_lease_until__isnull": True}) | Q(**{f"{kind}_lease_until__lt": now})
        lease = Lease(self.pk, kind, uuid4().hex)
        until = now + timedelta(seconds=settings.LEASE_SECONDS)
        accounts = TorBoxAccount.objects.all() if among is None else among
        taken = accounts.filter(free, pk=self.pk).update(
            **{f"{kind}_lease_until": until, f"{kind}_lease_by": lease.token}
        )
        return lease if taken else None


class ShareQuerySet(models.QuerySet["Share"]):
    def given_by(self, user: User) -> Self:
        return self.filter(account__owner_id=user.pk)

    def endable_by(self, user: User) -> Self:
        """Whoever gave it takes it back; whoever got it may give it up."""
        return self.filter(Q(account__owner_id=user.pk) | Q(user_id=user.pk))


class Share(models.Model):
    """Somebody else's right to use a TorBox account. Manage includes add, add includes view."""

    class Level(models.TextChoices):
        VIEW = "view", "See and download"
        ADD = "add", "Add"
        MANAGE = "manage", "Manage"

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="shares")
    user = models.ForeignKey(User, models.CASCADE, related_name="shares")
    level = models.CharField(max_length=10, choices=Level, default=Level.VIEW)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="one_share_per_person")]

    def __str__(self) -> str:
        return f"{self.user} may {self.level} {self.account}"

    @property
    def allowed(self) -> str:
        """The level as the end of a sentence: “may see and download”."""
        return f"may {self.Level(self.level).label.lower()}"
