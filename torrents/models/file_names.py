"""The file names of a torrent in one text, which is faster to search than rows."""

from __future__ import annotations

from django.db import models

from .torrents import Torrent


class FileNames(models.Model):
    """The file names of a torrent. `text` holds their folded paths, one per line, and is written with the files."""

    torrent = models.OneToOneField(Torrent, models.CASCADE, primary_key=True, related_name="file_names")
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.torrent_id}: {self.text[:60]}"
