"""What people are told, one row for each person and thing. The bell shows these rows, and deliveries send them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Share, TorBoxAccount, User
from torrents.models import Torrent

from ..events import NEEDS_ATTENTION, Kind
from .channels import MAX_DETAIL, Channel


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications by whose they are. Every query about them starts with `of` or `still_visible`."""

    def of(self, user: User) -> Self:
        """Return what a person was told and may still see."""
        return self.filter(person=user).still_visible()

    def in_bell(self, user: User) -> Self:
        """Return what the bell of a person shows, newest first."""
        return self.of(user).filter(in_bell=True).order_by("-at", "-pk")

    def still_visible(self) -> Self:
        """Leave out what each person may no longer see: on accounts not shared with them, or hidden from them."""
        shared = Share.objects.filter(account=OuterRef("account"), user=OuterRef("person"))
        owns = Q(account__owner=F("person"))
        sees_account = Q(account=None) | owns | Exists(shared)
        sees_torrent = Q(torrent=None) | Q(torrent__hidden=False) | owns | Q(torrent__added_by=F("person"))
        return self.filter(sees_account, sees_torrent)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def needing_attention(self) -> Self:
        """Return those that aren't solved yet."""
        return self.filter(kind__in=NEEDS_ATTENTION, resolved_at=None)


class Notification(models.Model):
    """Something that a person is told. `source` names what it is about, so that it is told once.

    `source`: `activity:<pk>` for an event of a torrent, else the kind with what makes it one of a kind, such as
    `expiring:<torrent>:<date>`. `actor` is the person who did it. `name` outlives a renaming. `code`, `params`, and
    `upstream_detail` are those of the event. `burst`: the first of more than 5 of the same kind within 2 minutes, which
    stand in one line. `in_bell`: the person wants it there. `resolved_at`: what needed attention is solved.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    source = models.CharField(max_length=120)
    account = models.ForeignKey(TorBoxAccount, models.CASCADE, null=True, related_name="+")
    torrent = models.ForeignKey(Torrent, models.CASCADE, null=True, related_name="+")
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.TextField(blank=True)
    code = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict, blank=True)
    upstream_detail = models.CharField(max_length=MAX_DETAIL, blank=True)
    at = models.DateTimeField(default=timezone.now)
    in_bell = models.BooleanField(default=True)
    burst = models.ForeignKey("self", models.SET_NULL, null=True, related_name="members")
    read_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "source"], name="told_once")]
        indexes = [
            models.Index(fields=["person", "-at", "-id"]),
            models.Index(
                fields=["person", "burst"], condition=Q(read_at=None, in_bell=True), name="unread_in_bell"
            ),
            # For what needs attention: of one person, or of all.
            models.Index(fields=["kind", "person"], condition=Q(resolved_at=None), name="unresolved_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}: {self.source}"
