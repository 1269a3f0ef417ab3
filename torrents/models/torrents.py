from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Left, Lower, NullIf
from django.utils import timezone

from accounts.models import Share, TorBoxAccount, User

from .. import menus, presenting, routes
from ..states import ENDED, MOVING, TONES, Status

# A list may be 600 s old, and even fresh ones were seen to lag by minutes (docs/torbox-api.md#quirks).
LISTS_LAG = timedelta(minutes=15)


LISTED = Q(removed_at=None)


class TorrentQuerySet(models.QuerySet["Torrent"]):
    """Who may see and do what; every query about torrents starts at one of these."""

    def visible_to(self, user: User) -> Self:
        return self.on_visible_accounts(user).listed()

    def on_visible_accounts(self, user: User) -> Self:
        """Deleted ones included, those that others keep to themselves not."""
        accounts = TorBoxAccount.objects.visible_to(user).values("pk")
        return self.filter(account__in=accounts).not_hidden_from(user)

    def not_hidden_from(self, user: User) -> Self:
        return self.filter(Q(hidden=False) | Q(added_by_id=user.pk) | Q(account__owner_id=user.pk))

    def seen_on(self, accounts: Iterable[TorBoxAccount], user: User) -> Self:
        """Those of `accounts`, which the person may see; on one's own nothing is hidden, so nothing is asked about it."""
        own = [account.pk for account in accounts if account.owner_id == user.pk]
        shared = [account.pk for account in accounts if account.owner_id != user.pk]
        seen = Q(account__in=own)
        if shared:
            seen |= Q(account__in=shared) & (Q(hidden=False) | Q(added_by_id=user.pk))
        return self.filter(seen)

    def controllable_by(self, user: User) -> Self:
        """Those of accounts the person manages, and their own where they may add."""
        managed = TorBoxAccount.objects.manageable_by(user).values("pk")
        addable = TorBoxAccount.objects.addable_by(user).values("pk")
        mine = self.filter(Q(account__in=managed) | Q(account__in=addable, added_by_id=user.pk))
        return mine.not_hidden_from(user)

    def hideable_by(self, user: User) -> Self:
        """Who added it, or owns the TorBox account, decides whether the others see it."""
        return self.on_visible_accounts(user).filter(Q(added_by_id=user.pk) | Q(account__owner_id=user.pk))

    def for_display(self, user: User) -> Self:
        """Everything a row needs: also what `may_control` and `may_hide` of a row go by."""
        accounts = TorBoxAccount.objects.with_level(user)
        return self.for_display_on_known(user).prefetch_related(Prefetch("account", accounts))

    def for_display_on_known(self, user: User) -> Self:
        """As `for_display`, for who has the accounts already, `with_level`, and gives each row its own."""
        only_file = TorrentFile.objects.filter(torrent=OuterRef("pk")).values("pk")[:1]
        return (
            self.select_related("added_by")
            .defer("magnet")
            .annotate(
                is_mine=Q(added_by_id=user.pk),
                only_file_pk=Case(When(file_count=1, then=Subquery(only_file)), default=None),
            )
        )

    def listed(self) -> Self:
        return self.filter(LISTED)

    def removed(self) -> Self:
        return self.filter(removed_at__isnull=False)

    def at_torbox(self) -> Self:
        """Those that TorBox should have in its list."""
        return self.listed().filter(remote_id__isnull=False).exclude(status=Status.GONE)

    def moving(self) -> Self:
        return self.listed().filter(status__in=MOVING)


class Torrent(models.Model):
    """One thing somebody wants on one TorBox account, from the moment it is pasted.

    Sizes are bytes, speeds bytes/s, `eta` seconds, `progress` 0..1. `remote_id` and `queued_id` are TorBox's
    and null until it gives one. `revision` is the account's at this row's last visible change. `private` is
    the torrent's own flag for its trackers; `hidden`: only its adder and the account's owner see it here.
    """

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="torrents", db_index=False)
    info_hash = models.CharField(max_length=40)
    remote_id = models.BigIntegerField(null=True)
    queued_id = models.BigIntegerField(null=True)
    name = models.TextField(blank=True)
    # What the list is ordered by; short, since PostgreSQL takes no long values into an index.
    sort_name = models.GeneratedField(
        expression=Lower(Left(Coalesce(NullIf("name", Value("")), "info_hash"), 100)),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )
    size = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    revision = models.BigIntegerField(default=0)

    raw_state = models.CharField(max_length=120, blank=True)
    progress = models.FloatField(default=0)
    download_speed = models.BigIntegerField(default=0)
    upload_speed = models.BigIntegerField(default=0)
    eta = models.BigIntegerField(null=True)
    seeds = models.IntegerField(default=0)
    peers = models.IntegerField(default=0)
    ratio = models.FloatField(default=0)
    availability = models.FloatField(default=0)
    active = models.BooleanField(default=False)
    cached = models.BooleanField(default=False)
    private = models.BooleanField(default=False)
    seed_torrent = models.BooleanField(default=False)
    tracker = models.CharField(max_length=500, blank=True)
    tracker_message = models.CharField(max_length=500, blank=True)
    total_downloaded = models.BigIntegerField(default=0)
    total_uploaded = models.BigIntegerField(default=0)
    remote_created_at = models.DateTimeField(null=True)
    remote_updated_at = models.DateTimeField(null=True)
    cached_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    magnet = models.TextField(blank=True)

    file_count = models.PositiveIntegerField(default=0)
    row_digest = models.CharField(max_length=32, blank=True)
    files_digest = models.CharField(max_length=32, blank=True)
    list_digest = models.CharField(max_length=32, blank=True)

    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="added_torrents")
    added_at = models.DateTimeField(default=timezone.now)
    hidden = models.BooleanField(default=False)
    status_since = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    waiting_for = models.CharField(max_length=200, blank=True)
    waiting_until = models.DateTimeField(null=True)
    waiting_place = models.PositiveIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    missing_since = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    # What TorBox called it before it was deleted or added anew, and how long old lists may still show that.
    old_remote_id = models.BigIntegerField(null=True)
    old_queued_id = models.BigIntegerField(null=True)
    old_ids_until = models.DateTimeField(null=True)
    pending = models.CharField(max_length=20, blank=True)

    # Annotated by `for_display`.
    is_mine = False
    only_file_pk: int | None = None

    objects = TorrentQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["account", "info_hash"], name="one_row_per_hash")]
        # A page's keys and the counts of the tabs come from these alone, without a look at the rows.
        indexes = [
            models.Index(fields=["account", "status"], condition=LISTED, name="listed_by_status"),
            models.Index(
                fields=["account", "-added_at", "-id", "status"], condition=LISTED, name="listed_by_age"
            ),
            models.Index(fields=["account", "size", "id", "status"], condition=LISTED, name="listed_by_size"),
            models.Index(
                fields=["account", "sort_name", "id", "status"], condition=LISTED, name="listed_by_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.info_hash

    def get_absolute_url(self) -> str:
        return routes.of_torrent("detail", self.pk)

    def forget_ids(self) -> None:
        """It is deleted or added anew: take TorBox's ids off, and remember that old lists may still show them."""
        if self.remote_id is not None or self.queued_id is not None:
            self.old_remote_id, self.old_queued_id = self.remote_id, self.queued_id
            self.old_ids_until = timezone.now() + LISTS_LAG
        self.remote_id = self.queued_id = None

    def is_past(self, now: datetime, *, remote_id: int | None = None, queued_id: int | None = None) -> bool:
        """Whether an id in a list is one that was taken off a moment ago."""
        if self.old_ids_until is None or self.old_ids_until <= now:
            return False
        if remote_id is not None:
            return remote_id == self.old_remote_id
        return queued_id is not None and queued_id == self.old_queued_id

    @property
    def status_label(self) -> str:
        return Status(self.status).label

    @property
    def tone(self) -> str:
        return TONES[Status(self.status)]

    @property
    def is_moving(self) -> bool:
        return self.status in MOVING

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def percent(self) -> int:
        return int(self.progress * 100)

    @property
    def downloadable(self) -> bool:
        return self.status == Status.READY and self.remote_id is not None

    @property
    def download_url(self) -> str:
        """Its single file, or the zip of all; empty when there is nothing to download."""
        if not self.downloadable:
            return ""
        if self.only_file_pk:
            return routes.of_file("download_file", self.pk, self.only_file_pk)
        return routes.of_torrent("download_zip", self.pk)

    @property
    def quiet_line(self) -> str:
        return presenting.quiet_line(self)

    @property
    def note(self) -> str:
        return presenting.note(self)

    @property
    def bar(self) -> presenting.Bar | None:
        return presenting.bar(self)

    @property
    def files_version(self) -> str:
        """Changes when an open list of its files would."""
        return f"{self.files_digest[:8]}{'+' if self.downloadable else ''}"

    @property
    def may_control(self) -> bool:
        """As `controllable_by` decides it, of a row that was read for display."""
        if self.level in (TorBoxAccount.OWN, Share.Level.MANAGE):
            return self.level == TorBoxAccount.OWN or self.is_mine or not self.hidden
        return self.level == Share.Level.ADD and self.is_mine

    @property
    def may_hide(self) -> bool:
        """As `hideable_by`, where there is anybody to hide it from."""
        decides = self.level == TorBoxAccount.OWN or (self.level is not None and self.is_mine)
        return decides and self.account.is_shared

    @property
    def level(self) -> str | None:
        """What the person for whom it is displayed may do on its account."""
        return getattr(self.account, "level", None)

    @property
    def actions(self) -> tuple[menus.Action, ...]:
        return menus.actions(self, self.may_control, self.may_hide)


class TorrentFile(models.Model):
    """A file of a torrent. `remote_id` is TorBox's handle: opaque, unordered, and 0 is a real one."""

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="files", db_index=False)
    remote_id = models.BigIntegerField()
    path = models.TextField()
    size = models.BigIntegerField(default=0)
    mime_type = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["path", "pk"]
        constraints = [models.UniqueConstraint(fields=["torrent", "remote_id"], name="one_row_per_file")]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def playable(self) -> bool:
        return self.mime_type.startswith(("video/", "audio/"))
