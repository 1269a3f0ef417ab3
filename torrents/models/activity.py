from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import TorBoxAccount, User

from .torrents import Torrent


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Who may read what; every query about what happened starts here."""

    def visible_to(self, user: User) -> Self:
        # Not `account__in`: this way a page is read off the index of times, whatever the number of entries.
        account = TorBoxAccount.objects.visible_to(user).filter(pk=OuterRef("account"))
        return self.not_hidden_from(user).filter(Exists(account))

    def not_hidden_from(self, user: User) -> Self:
        return self.filter(Q(hidden=False) | Q(seen_by_id=user.pk) | Q(account__owner_id=user.pk))

    def for_display(self, user: User) -> Self:
        """With what a line needs: whether it may lead to its torrent, and whether that may be added again."""
        torrents = Torrent.objects.filter(pk=OuterRef("torrent"))
        return self.select_related("person", "account").annotate(
            leads_on=Exists(torrents.visible_to(user)),
            may_add_again=Exists(torrents.controllable_by(user).removed()),
        )


class Activity(models.Model):
    """Who did what to which torrent, when. `name` survives the row it is about.

    So does `hidden`: what happened to a torrent while it was hidden is read by the account's owner and
    `seen_by`, its adder, and by nobody else, whatever becomes of the row.
    """

    class Kind(models.TextChoices):
        ADDED = "added", "Added"
        WAITED = "waited", "Waited"
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

    # The indexes below begin with these three, so they need none of their own.
    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="activity", db_index=False)
    torrent = models.ForeignKey(Torrent, models.SET_NULL, null=True, related_name="activity", db_index=False)
    person = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.TextField(blank=True)
    detail = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    hidden = models.BooleanField(default=False)
    seen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    # Annotated by `for_display`.
    leads_on: bool
    may_add_again: bool

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["torrent", "-at"]),
            models.Index(fields=["account", "-at"]),
            models.Index(fields=["person", "-at"]),
            models.Index(fields=["-at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    @classmethod
    def about(cls, torrent: Torrent, kind: str, *, person: User | None = None, detail: str = "") -> Activity:
        """An unsaved entry."""
        return cls(**cls.facts(torrent, kind, person_id=person.pk if person else None, detail=detail))

    @staticmethod
    def facts(torrent: Torrent, kind: str, *, person_id: int | None, detail: str = "") -> dict[str, Any]:
        """What an entry says, by attribute."""
        return {
            "account_id": torrent.account_id,
            "torrent_id": torrent.pk,
            "person_id": person_id,
            "kind": kind,
            "name": str(torrent)[:500],
            "detail": detail[:500],
            "hidden": torrent.hidden,
            "seen_by_id": torrent.added_by_id if torrent.hidden else None,
        }
