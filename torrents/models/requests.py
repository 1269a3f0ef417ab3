"""Requests to TorBox as rows: what to add, what to do, and which calls were made."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import torbox
from accounts.models import TorBoxAccount, User

from ..reasons import MAX_DETAIL, Reason
from .torrents import Torrent


class RequestState(models.TextChoices):
    """The state of a request. *Unsure*: it may have reached TorBox, so check before sending it again."""

    WAITING = "waiting"
    SENDING = "sending"
    UNSURE = "unsure"
    DONE = "done"
    FAILED = "failed"


class Request(models.Model):
    """A recorded request. The row counts; a queue message is only a hint to look at it."""

    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["state", "due_at"])]

    # When this process claimed it, in seconds of `torbox.boot_clock`.
    claimed_on: float | None = None

    def claim(self, *, expecting: str) -> bool:
        """Move the request from state `expecting` to *sending*. Return False if another worker was faster."""
        self.claimed_on, now = torbox.boot_clock(), timezone.now()
        mine = type(self)._default_manager.filter(pk=self.pk, state=expecting)
        if not mine.update(state=RequestState.SENDING, claimed_at=now, attempts=self.attempts + 1):
            return False
        self.state, self.claimed_at, self.attempts = RequestState.SENDING, now, self.attempts + 1
        return True

    @property
    def not_after(self) -> float:
        """Return the time of `torbox.boot_clock` after which this claim no longer allows sending.

        When a worker wakes up after being suspended for longer than its lease, others have taken over its work.
        """
        return (self.claimed_on or 0.0) + settings.LEASE_SECONDS / 2

    def put_back(self, due_at: datetime, state: str = RequestState.WAITING, **more: object) -> bool:
        """Release the request until `due_at`. Return False if the claim was lost."""
        return self._write(state=state, due_at=due_at, claimed_at=None, **more)

    def finish(self, state: str = RequestState.DONE, **more: object) -> bool:
        """End the request. Return False if the claim was lost; then nothing else may be written for it."""
        return self._write(state=state, claimed_at=None, **more)

    def _write(self, **fields: object) -> bool:
        """Write if the row is unchanged. Others may have claimed, ended, or deleted it in the meantime."""
        known = type(self)._default_manager.filter(pk=self.pk, state=self.state, claimed_at=self.claimed_at)
        return known.update(**fields) == 1


class Seed(models.IntegerChoices):
    """TorBox's numbers for whether to seed after the download."""

    # Translators: whether TorBox should seed a torrent after downloading it; “Automatic” is the account’s setting.
    AUTOMATIC = 1, _("Automatic")
    YES = 2, pgettext_lazy("seed after downloading", "Yes")
    NO = 3, pgettext_lazy("seed after downloading", "No")


class AddRequest(Request):
    """A request to add a torrent to TorBox, with everything needed to send it, once or again."""

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
    unsure_since = models.DateTimeField(null=True)
    # The limit of the plan that it waits for.
    waits_for = models.CharField(max_length=20, choices=Reason, blank=True)
    # How many torrents were active when TorBox had no free slot. When there are fewer, one is free.
    slots_used = models.PositiveIntegerField(default=0)

    class Meta(Request.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"add {self.torrent_id}: {self.state}"


class Batch(models.Model):
    """Requests that a person made at once. They get one summary of the results."""

    person = models.ForeignKey(User, models.CASCADE)
    operation = models.CharField(max_length=20)
    created_at = models.DateTimeField(default=timezone.now)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "reported_at"])]

    def __str__(self) -> str:
        return f"{self.operation} by {self.person_id} at {self.created_at}"


class ControlRequest(Request):
    """A request to pause, resume, reannounce, stop seeding, or delete a torrent at TorBox."""

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="controls")
    person = models.ForeignKey(User, models.SET_NULL, null=True)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, related_name="requests")
    operation = models.CharField(max_length=20)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)  # why it failed
    upstream_detail = models.CharField(max_length=MAX_DETAIL, blank=True)

    class Meta(Request.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.operation} {self.torrent_id}: {self.state}"


class EditRequest(Request):
    """A request to change the name, the tags, or AirLock of a torrent at TorBox. Null and [] change nothing.

    `before` is what undoing restores: the values of `name`, `tags`, and `airlocked` when it was made. `lasts`: its tags
    show here even if TorBox refuses them, because programs find their torrents by them.
    """

    LASTING = Q(state=RequestState.FAILED, lasts=True)  # TorBox has refused it, and it shows all the same

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="edits")
    person = models.ForeignKey(User, models.SET_NULL, null=True)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, related_name="edits")
    name = models.CharField(max_length=2000, null=True)
    added_tags = models.JSONField(default=list)
    removed_tags = models.JSONField(default=list)
    airlocked = models.BooleanField(null=True)
    before = models.JSONField(default=dict)
    lasts = models.BooleanField(default=False)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)  # why it failed
    upstream_detail = models.CharField(max_length=MAX_DETAIL, blank=True)

    class Meta(Request.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"edit {self.torrent_id}: {self.state}"


class CreateCall(models.Model):
    """A call of createtorrent, written before it is made. The hourly budget is counted from these."""

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="create_calls")
    at = models.DateTimeField(default=timezone.now)
    counted = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]

    def __str__(self) -> str:
        return f"{self.account_id} at {self.at}"
