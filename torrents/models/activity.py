from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import TorBoxAccount, User

from .torrents import Torrent


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
