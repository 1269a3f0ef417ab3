from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, F, OuterRef, Prefetch, Q, Subquery, When
from django.utils import timezone

from accounts.deadlines import is_ahead
from accounts.models import Share, TorBoxAccount, User
from torbox.sanitize import is_blank

from ..reasons import MAX_DETAIL, Explanation, Reason
from ..removal import is_soon, removal_of
from ..saving_states import SavingState
from ..states import ENDED, MOVING, TONES, Status
from .files import TorrentFile
from .listed import Listed
from .names import Named

# A list may be 600 s old, and even fresh ones have lagged by minutes (docs/torbox-api.md#quirks).
LISTS_LAG = timedelta(minutes=15)
LISTED = Q(removed_at=None)


class TorrentQuerySet(models.QuerySet["Torrent"]):
    """Torrents by who may see and change them. Every query about torrents starts with one of these."""

    def visible_to(self, user: User) -> Self:
        """Return the listed torrents that the user may see."""
        return self.on_visible_accounts(user).listed()

    def on_visible_accounts(self, user: User) -> Self:
        """Return the torrents that the user may see, including deleted ones."""
        accounts = TorBoxAccount.objects.visible_to(user).values("pk")
        return self.filter(account__in=accounts).not_hidden_from(user)

    def not_hidden_from(self, user: User) -> Self:
        """Return the torrents that aren't hidden from the user."""
        return self.filter(Q(hidden=False) | Q(added_by_id=user.pk) | Q(account__owner_id=user.pk))

    def seen_on(self, accounts: Iterable[TorBoxAccount], user: User) -> Self:
        """Return the torrents on `accounts`, which the user may see. Nothing is hidden from an account's owner."""
        own = [account.pk for account in accounts if account.owner_id == user.pk]
        shared = [account.pk for account in accounts if account.owner_id != user.pk]
        seen = Q(account__in=own)
        if shared:
            seen |= Q(account__in=shared) & (Q(hidden=False) | Q(added_by_id=user.pk))
        return self.filter(seen)

    def controllable_by(self, user: User) -> Self:
        """Return the torrents on accounts the user manages, and those they added where they may add."""
        managed = TorBoxAccount.objects.manageable_by(user).values("pk")
        addable = TorBoxAccount.objects.addable_by(user).values("pk")
        mine = self.filter(Q(account__in=managed) | Q(account__in=addable, added_by_id=user.pk))
        return mine.not_hidden_from(user)

    def hideable_by(self, user: User) -> Self:
        """Return the torrents that the user may hide from others: they added it, or own the TorBox account."""
        return self.on_visible_accounts(user).filter(Q(added_by_id=user.pk) | Q(account__owner_id=user.pk))

    def for_display(self, user: User) -> Self:
        """Read all that a row shows, and what its menu depends on: `may_control`, `may_hide`, and AirLock."""
        accounts = TorBoxAccount.objects.with_level(user).annotate(airlock_limit=F("usage__airlock_limit"))
        return self.for_display_on_known(user).prefetch_related(Prefetch("account", accounts))

    def for_display_on_known(self, user: User) -> Self:
        """Read all that a row shows but its account. The caller has the accounts, read `with_level`, and sets them."""
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
        """Return the torrents that haven't been deleted."""
        return self.filter(LISTED)

    def removed(self) -> Self:
        """Return the deleted torrents."""
        return self.filter(removed_at__isnull=False)

    def at_torbox(self) -> Self:
        """Return the torrents that should be in TorBox's list."""
        return self.listed().filter(remote_id__isnull=False).exclude(status=Status.GONE)

    def moving(self) -> Self:
        """Return the listed torrents that make progress."""
        return self.listed().filter(status__in=MOVING)


class Torrent(Named, Listed):
    """A torrent on a TorBox account, from the moment it is added here.

    Sizes are in bytes, speeds in bytes/s, `eta` in seconds, `progress` is 0..1. `remote_id` and `queued_id` are TorBox's,
    and null until it gives one. `revision` is the account's at the last visible change of the row. `private` is the
    torrent's own flag for its trackers. `hidden`: only its adder and the account's owner see it. `name`, `tags`, and
    `airlocked` are as people last wanted them, even before TorBox has them.
    """

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="torrents", db_index=False)
    info_hash = models.CharField(max_length=40)
    remote_id = models.BigIntegerField(null=True)
    queued_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    revision = models.BigIntegerField(default=0)

    remote_created_at = models.DateTimeField(null=True)
    remote_updated_at = models.DateTimeField(null=True)
    magnet = models.TextField(blank=True)

    unread = models.CharField(max_length=300, blank=True)  # fields that couldn't be read: "ratio,seeds"
    file_count = models.PositiveIntegerField(default=0)
    row_digest = models.CharField(max_length=32, blank=True)
    files_digest = models.CharField(max_length=32, blank=True)
    list_digest = models.CharField(max_length=40, blank=True)

    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="added_torrents")
    added_at = models.DateTimeField(default=timezone.now)
    hidden = models.BooleanField(default=False)
    status_since = models.DateTimeField(default=timezone.now)
    # Why it waits or failed, as a code. The sentences are in reason_text.py.
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    reason_params = models.JSONField(default=dict, blank=True)
    upstream_detail = models.CharField(max_length=MAX_DETAIL, blank=True)
    waiting_until = models.DateTimeField(null=True)
    waiting_place = models.PositiveIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    missing_since = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    # TorBox's ids from before it was deleted or added again, and until when old lists may still show them.
    old_remote_id = models.BigIntegerField(null=True)
    old_queued_id = models.BigIntegerField(null=True)
    old_ids_until = models.DateTimeField(null=True)
    fresh_read_at = models.DateTimeField(null=True)  # past TorBox's cache, by our clock
    pending = models.CharField(max_length=20, blank=True)
    edit_pending = models.BooleanField(
        default=False
    )  # shows a new name, tags, or *Kept* that TorBox doesn't have yet
    taken_at = models.DateTimeField(null=True)  # the last download link
    # When TorBox removes it, unless someone downloads it before. `estimated`: by us, not by TorBox.
    removal_at = models.DateTimeField(null=True)
    removal_estimated = models.BooleanField(default=False)

    # The copy on this server, and what its row says, written by `saving` (docs/architecture.md#saving-to-disk).
    saving = models.CharField(max_length=12, choices=SavingState, blank=True)
    saving_params = models.JSONField(default=dict, blank=True)
    saving_rank = models.BigIntegerField(default=0)

    # Annotated by `for_display`.
    is_mine = False
    only_file_pk: int | None = None

    objects = TorrentQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["account", "info_hash"], name="one_row_per_hash")]
        # The keys of a page and the counts of the tabs come from these alone, without reading the rows.
        indexes = [
            models.Index(fields=["account", "status"], condition=LISTED, name="listed_by_status"),
            models.Index(
                fields=["account", "-added_at", "-id", "status"], condition=LISTED, name="listed_by_age"
            ),
            models.Index(fields=["account", "size", "id", "status"], condition=LISTED, name="listed_by_size"),
            models.Index(
                fields=["account", "sort_name", "id", "status"], condition=LISTED, name="listed_by_name"
            ),
            models.Index(
                fields=["account", "progress", "id", "status"], condition=LISTED, name="listed_by_progress"
            ),
            models.Index(
                fields=["account", "removal_at", "id", "status"], condition=LISTED, name="listed_by_removal"
            ),
            models.Index(
                fields=["account", "saving_rank", "id", "status"],
                condition=LISTED & ~Q(saving=""),
                name="listed_by_saving",
            ),
            models.Index(fields=["account"], condition=Q(removed_at__isnull=False), name="removed_rows"),
            # For the cursor of a poll: the revision of the torrents that a user hides from others.
            models.Index(
                fields=["account", "added_by", "revision"], condition=Q(hidden=True), name="hidden_by_adder"
            ),
        ]

    def __str__(self) -> str:
        return self.info_hash if is_blank(self.name) else self.name

    def explain(self, why: Explanation) -> None:
        """Set why it waits or failed."""
        for name, value in why.columns().items():
            setattr(self, name, value)

    def settle_removal(self, known_at: datetime | None = None) -> None:
        """Set when TorBox removes it. `known_at` is that of `removal_of`."""
        self.removal_at, self.removal_estimated = removal_of(self, timezone.now(), known_at)

    def forget_ids(self) -> None:
        """Remove TorBox's ids, and remember that old lists may still show them."""
        if self.remote_id is not None or self.queued_id is not None:
            self.old_remote_id, self.old_queued_id = self.remote_id, self.queued_id
            self.old_ids_until = timezone.now() + LISTS_LAG
        self.remote_id = self.queued_id = None

    def is_past(self, now: datetime, *, remote_id: int | None = None, queued_id: int | None = None) -> bool:
        """Return whether an id in a list is one that was removed a short time ago."""
        if not is_ahead(self.old_ids_until, LISTS_LAG, now):
            return False
        if remote_id is not None:
            return remote_id == self.old_remote_id
        return queued_id is not None and queued_id == self.old_queued_id

    @property
    def status_label(self) -> str:
        """Return its status in words."""
        return str(Status(self.status).label)

    @property
    def tone(self) -> str:
        """Return the tone of its status: active, waiting, ready, failed, or quiet."""
        return TONES[Status(self.status)]

    @property
    def expires_soon(self) -> bool:
        """Return whether TorBox removes it within a week."""
        return is_soon(self.status, self.removal_at, timezone.now())

    @property
    def is_moving(self) -> bool:
        """Return whether it makes progress."""
        return self.status in MOVING

    @property
    def ended(self) -> bool:
        """Return whether it failed or is gone."""
        return self.status in ENDED

    @property
    def percent(self) -> int:
        """Return its progress in whole percent, rounded down."""
        return int(self.progress * 100)

    @property
    def downloadable(self) -> bool:
        """Return whether its files can be downloaded from TorBox."""
        return self.status == Status.READY and self.remote_id is not None

    @property
    def files_version(self) -> str:
        """Return a text that changes whenever a list of its files does."""
        return f"{self.files_digest[:8]}{'+' if self.downloadable else ''}"

    @property
    def may_control(self) -> bool:
        """Return whether `controllable_by` would return it for the user it was read for."""
        if self.level in (TorBoxAccount.OWN, Share.Level.MANAGE):
            return self.level == TorBoxAccount.OWN or self.is_mine or not self.hidden
        return self.level == Share.Level.ADD and self.is_mine

    @property
    def may_hide(self) -> bool:
        """Return whether `hideable_by` would return it for that user, and others have access to the account."""
        decides = self.level == TorBoxAccount.OWN or (self.level is not None and self.is_mine)
        return decides and self.account.is_shared

    @property
    def level(self) -> str | None:
        """Return what the user that it was read for may do on its account."""
        return getattr(self.account, "level", None)
