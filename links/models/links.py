from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q, Subquery
from django.utils import timezone

from accounts.models import User
from torrents.models import Torrent

from .policy import LinkPolicy

MAX_LINK_NAME = 60  # characters


class LastingLinkQuerySet(models.QuerySet["LastingLink"]):
    """Lasting links by who may see and change them. Every query of a signed-in person starts with one of these."""

    def of(self, user: User) -> Self:
        """Return the links that a person made."""
        return self.filter(maker=user)

    def by_others_on(self, user: User) -> Self:
        """Return the links that other people made to torrents on the TorBox accounts that `user` owns."""
        return self.filter(torrent__account__owner=user).exclude(maker=user)

    def revocable_by(self, user: User) -> Self:
        """Return the links that `user` may revoke: their own, and those to torrents on their TorBox accounts."""
        return self.filter(Q(maker=user) | Q(torrent__account__owner=user))

    def in_force(self, now: datetime) -> Self:
        """Return the links that weren't revoked, haven't expired, and have uses left."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
        unused = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
        return self.filter(unexpired, unused, revoked_at=None)

    def ended_before(self, moment: datetime) -> Self:
        """Return the links that were revoked, had expired, or were used up by then, and weren't renewed since."""
        used_up = Q(uses__gte=F("max_uses"), last_used_at__lt=moment)
        return self.filter(Q(revoked_at__lt=moment) | Q(expires_at__lt=moment) | used_up)

    def to_open(self) -> Self:
        """Read with each link its maker, its torrent, that torrent's account, and `policy`."""
        policy = LinkPolicy.objects.values("made_by")[:1]
        rows = self.select_related("maker", "torrent__account").defer("torrent__magnet")
        return rows.annotate(policy=Subquery(policy))


class LastingLink(models.Model):
    """A link that works without signing in, until it ends or its maker may no longer see what it leads to.

    The database stores a hash of the link's token and a `nonce`. The token can be derived from the nonce only with
    SECRET_KEY, so its maker can see the link again, and a stolen database opens nothing.

    A link to a torrent leads to all of its files, to the folder `path`, or to the file `path`. A list of media has no
    torrent, but a `query`: the parameters of `torrents.selection.Selection`.
    """

    class Kind(models.TextChoices):
        SHARE = "share"  # a page for people
        EXPORT = "export"  # addresses in a playlist or a list of links. It has no page, and no address leads to another
        PLAYLIST = "playlist"  # an M3U playlist that grows
        PODCAST = "podcast"  # an RSS feed that grows

    class Part(models.TextChoices):
        ALL = "all"
        FOLDER = "folder"
        FILE = "file"

    maker = models.ForeignKey(User, models.CASCADE, related_name="lasting_links")
    kind = models.CharField(max_length=10, choices=Kind)
    torrent = models.ForeignKey(Torrent, models.CASCADE, null=True, related_name="lasting_links")
    part = models.CharField(max_length=10, choices=Part, default=Part.ALL)
    path = models.TextField(blank=True)
    query = models.JSONField(default=dict, blank=True)
    name = models.CharField(max_length=MAX_LINK_NAME, blank=True)  # of a playlist or podcast

    token_hash = models.CharField(max_length=64, unique=True)
    nonce = models.CharField(max_length=64)
    password = models.CharField(max_length=128, blank=True)  # hashed
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)  # null: never
    max_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    # Annotated by `to_open`: who may have links, or None for the default.
    policy: str | None

    objects = LastingLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} link made {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_list(self) -> bool:
        """Return whether it leads to media of many torrents, which change."""
        return self.kind in (self.Kind.PLAYLIST, self.Kind.PODCAST)

    @property
    def revoked_by_other(self) -> bool:
        """Return whether someone else revoked it. Then its maker can't renew it."""
        return self.revoked_at is not None and self.revoked_by_id != self.maker_id


class LinkUse(models.Model):
    """That a visitor took something of a torrent through a link.

    Whatever the same visitor takes through the same link within a day is one use, also of several torrents. `at` is when
    that use began. `visitor` is a keyed hash (`links/visitors.py`).
    """

    link = models.ForeignKey(LastingLink, models.CASCADE, related_name="use_rows", db_index=False)
    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="+")
    visitor = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "visitor", "torrent"], name="one_use_per_visitor")
        ]

    def __str__(self) -> str:
        return f"a use of link {self.link_id} at {self.at:%Y-%m-%d %H:%M}"
