"""The tags of torrents as rows, for filters and counts. Torrent.tags has them in TorBox's order."""

from __future__ import annotations

from django.db import models

from accounts.models import TorBoxAccount

from .torrents import Torrent

MAX_TAG = 100  # characters


class TorrentTag(models.Model):
    """A tag of a torrent. `write_rows` keeps these like `Torrent.tags`."""

    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="+", db_index=False)
    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="tag_rows", db_index=False)
    name = models.CharField(max_length=MAX_TAG)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["torrent", "name"], name="one_row_per_tag")]
        indexes = [models.Index(fields=["account", "name", "torrent"], name="tagged_torrents")]

    def __str__(self) -> str:
        return f"{self.name} on {self.torrent_id}"
