from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from accounts.models import TorBoxAccount, User

from . import presenting
from .states import ENDED, MOVING, TONES, Status


class TorrentQuerySet(models.QuerySet["Torrent"]):
    """Who may see and do what; every query about torrents starts at one of these."""

    def visible_to(self, user: User) -> Self:
        return self.filter(account__in=TorBoxAccount.objects.visible_to(user).values("pk"), removed_at=None)

    def controllable_by(self, user: User) -> Self:
        """Those of accounts the person manages, and their own where they may add."""
        managed = TorBoxAccount.objects.manageable_by(user).values("pk")
        addable = TorBoxAccount.objects.addable_by(user).values("pk")
        return self.filter(Q(account__in=managed) | Q(account__in=addable, added_by_id=user.pk))

    def for_display(self, user: User) -> Self:
        """Everything a row needs in one query; `may_control` is decided here, not in a template."""
        mine = Torrent.objects.controllable_by(user).filter(pk=OuterRef("pk"))
        only_file = TorrentFile.objects.filter(torrent=OuterRef("pk")).values("pk")[:1]
        rows = self.select_related("added_by", "account").defer("magnet")
        return rows.annotate(
            may_control=Exists(mine),
            only_file_pk=Case(When(file_count=1, then=Subquery(only_file)), default=None),
        )

    def listed(self) -> Self:
        return self.filter(removed_at=None)

    def moving(self) -> Self:
        return self.listed().filter(status__in=MOVING)


class Torrent(models.Model):
    """One thing somebody wants on one TorBox account, from the moment it is pasted.

    Sizes are bytes, speeds bytes/s, `eta` seconds, `progress` 0..1. `remote_id` and `queued_id` are TorBox's
    and null until it gives one. `revision` is the account's at this row's last visible change.
    """

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="torrents")
    info_hash = models.CharField(max_length=40)
    remote_id = models.BigIntegerField(null=True)
    queued_id = models.BigIntegerField(null=True)
    name = models.TextField(blank=True)
    size = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING, db_index=True)
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
    cached_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    magnet = models.TextField(blank=True)

    file_count = models.PositiveIntegerField(default=0)
    row_digest = models.CharField(max_length=32, blank=True)
    files_digest = models.CharField(max_length=32, blank=True)

    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="added_torrents")
    added_at = models.DateTimeField(default=timezone.now)
    status_since = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    waiting_for = models.CharField(max_length=200, blank=True)
    waiting_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    missing_since = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_remote_id = models.BigIntegerField(null=True)
    pending = models.CharField(max_length=20, blank=True)

    objects = TorrentQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["account", "info_hash"], name="one_row_per_hash")]
        indexes = [
            models.Index(fields=["account", "-added_at", "-id"]),
            models.Index(fields=["account", "status", "-added_at"]),
            models.Index(fields=["account", "revision"]),
        ]

    def __str__(self) -> str:
        return self.name or self.info_hash

    def get_absolute_url(self) -> str:
        return reverse("torrents:detail", args=[self.pk])

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
        if only_file := getattr(self, "only_file_pk", None):
            return reverse("torrents:download_file", args=[self.pk, only_file])
        return reverse("torrents:download_zip", args=[self.pk])

    @property
    def quiet_line(self) -> str:
        return presenting.quiet_line(self)

    @property
    def note(self) -> str:
        return presenting.note(self)

    @property
    def actions(self) -> list[presenting.Action]:
        return presenting.actions(self, getattr(self, "may_control", False))


class TorrentFile(models.Model):
    """A file of a torrent. `remote_id` is TorBox's handle: opaque, unordered, and 0 is a real one."""

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="files")
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


class RequestState(models.TextChoices):
    """Where a wish stands. *Unsure*: it may have reached TorBox; look before sending again."""

    WAITING = "waiting"
    SENDING = "sending"
    UNSURE = "unsure"
    DONE = "done"
    FAILED = "failed"


class Request(models.Model):
    """A recorded wish: the row is the truth, a queue message only a hint to look at it."""

    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["state", "due_at"])]

    def claim(self, *, expecting: str) -> bool:
        """Take the wish from state `expecting` to *sending*; False when another worker was faster."""
        now = timezone.now()
        mine = type(self)._default_manager.filter(pk=self.pk, state=expecting)
        if not mine.update(state=RequestState.SENDING, claimed_at=now, attempts=self.attempts + 1):
            return False
        self.state, self.claimed_at, self.attempts = RequestState.SENDING, now, self.attempts + 1
        return True

    def put_back(self, due_at: datetime, state: str = RequestState.WAITING) -> None:
        self.state, self.due_at, self.claimed_at = state, due_at, None
        self.save(update_fields=["state", "due_at", "claimed_at"])

    def finish(self, state: str = RequestState.DONE) -> None:
        self.state, self.claimed_at = state, None
        self.save(update_fields=["state", "claimed_at"])


class Seed(models.IntegerChoices):
    """TorBox's numbers for what happens after the download."""

    AUTOMATIC = 1, "Automatic"
    YES = 2, "Yes"
    NO = 3, "No"


class AddRequest(Request):
    """The wish to have a torrent at TorBox, with everything needed to send it, again if need be."""

    torrent = models.OneToOneField(Torrent, models.CASCADE, related_name="request")
    torrent_file = models.BinaryField(null=True)
    magnet = models.TextField(blank=True)
    seed = models.PositiveSmallIntegerField(choices=Seed, default=Seed.AUTOMATIC)
    allow_zip = models.BooleanField(default=True)
    name = models.CharField(max_length=500, blank=True)
    as_queued = models.BooleanField(default=False)
    only_if_cached = models.BooleanField(default=False)
    known_cached = models.BooleanField(null=True)
    known_cached_at = models.DateTimeField(null=True)

    class Meta(Request.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"add {self.torrent_id}: {self.state}"


class ControlRequest(Request):
    """The wish to pause, resume, reannounce, stop seeding or delete a torrent at TorBox."""

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="controls")
    person = models.ForeignKey(User, models.SET_NULL, null=True)
    operation = models.CharField(max_length=20)
    error = models.CharField(max_length=500, blank=True)

    class Meta(Request.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.operation} {self.torrent_id}: {self.state}"


class CreateCall(models.Model):
    """One call of createtorrent, written before it is made; the budget of an hour is counted from these."""

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="create_calls")
    at = models.DateTimeField(default=timezone.now)
    counted = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]

    def __str__(self) -> str:
        return f"{self.account_id} at {self.at}"


class Activity(models.Model):
    """Who did what to which torrent, when. `name` survives the row it is about."""

    class Kind(models.TextChoices):
        ADDED = "added", "Added"
        SENT = "sent", "Sent to TorBox"
        DOWNLOADING = "downloading", "Downloading"
        STALLED = "stalled", "Stalled"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        GONE = "gone", "Gone from TorBox"
        LINK_TAKEN = "link", "Link taken"
        CONTROLLED = "controlled", "Controlled"
        DELETED = "deleted", "Deleted"
        RETRIED = "retried", "Added again"

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="activity")
    torrent = models.ForeignKey(Torrent, models.SET_NULL, null=True, related_name="activity")
    person = models.ForeignKey(User, models.SET_NULL, null=True)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.TextField(blank=True)
    detail = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["torrent", "-at"]), models.Index(fields=["account", "-at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    @classmethod
    def about(cls, torrent: Torrent, kind: str, *, person: User | None = None, detail: str = "") -> Activity:
        """An unsaved entry, so that many can be written at once."""
        return cls(
            account_id=torrent.account_id,
            torrent_id=torrent.pk,
            person=person,
            kind=kind,
            name=str(torrent)[:500],
            detail=detail[:500],
        )
