"""Wishes are rows: what to add, what to do, and what was called."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from accounts.models import TorBoxAccount, User

from .torrents import Torrent


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

    def put_back(self, due_at: datetime, state: str = RequestState.WAITING, **more: object) -> None:
        self._write(state=state, due_at=due_at, claimed_at=None, **more)

    def finish(self, state: str = RequestState.DONE) -> None:
        self._write(state=state, claimed_at=None)

    def _write(self, **fields: object) -> None:
        """Only if it is still there: its account may have been disconnected in the meantime."""
        for name, value in fields.items():
            setattr(self, name, value)
        type(self)._default_manager.filter(pk=self.pk).update(**fields)


class Seed(models.IntegerChoices):
    """TorBox's numbers for what happens after the download."""

    AUTOMATIC = 1, "Automatic"
    YES = 2, "Yes"
    NO = 3, "No"


class WaitsFor(models.TextChoices):
    """A limit of the plan that has to pass before a wish is tried again."""

    NOTHING = "", ""
    SLOT = "slot", "a free slot"
    QUEUE = "queue", "room in TorBox’s queue"
    MONTH = "month", "the next month"
    COOLDOWN = "cooldown", "the end of a cooldown"


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
    unsure_since = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=10, choices=WaitsFor, blank=True)
    # How many torrents were active when TorBox had no slot: fewer means that one is free.
    slots_used = models.PositiveIntegerField(default=0)

    class Meta(Request.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"add {self.torrent_id}: {self.state}"


class Batch(models.Model):
    """The wishes made with one press; its maker is told once what became of them."""

    person = models.ForeignKey(User, models.CASCADE)
    operation = models.CharField(max_length=20)
    created_at = models.DateTimeField(default=timezone.now)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "reported_at"])]

    def __str__(self) -> str:
        return f"{self.operation} by {self.person_id} at {self.created_at}"


class ControlRequest(Request):
    """The wish to pause, resume, reannounce, stop seeding or delete a torrent at TorBox."""

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="controls")
    person = models.ForeignKey(User, models.SET_NULL, null=True)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, related_name="requests")
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
