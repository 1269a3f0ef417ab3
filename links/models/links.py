from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import User
from torrents.models import Torrent

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
        return self.filter(models.Q(maker=user) | models.Q(torrent__account__owner=user))


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

    objects = LastingLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["maker", "torrent"],
                condition=models.Q(kind="export", revoked_at=None),
                name="one_export_link_per_torrent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} link made {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_list(self) -> bool:
        """Return whether it leads to media of many torrents, which change."""
        return self.kind in (self.Kind.PLAYLIST, self.Kind.PODCAST)


class LinkUse(models.Model):
    """That a visitor used a link. Whatever the same visitor takes within a day counts as one use.

    `visitor` is a keyed hash (`links/visitors.py`).
    """

    link = models.ForeignKey(LastingLink, models.CASCADE, related_name="use_rows", db_index=False)
    visitor = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "visitor"], name="one_use_per_visitor")]

    def __str__(self) -> str:
        return f"a use of link {self.link_id} at {self.at:%Y-%m-%d %H:%M}"
