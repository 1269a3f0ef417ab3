from __future__ import annotations

from django.db import models


class TorrentFile(models.Model):
    """A file of a torrent. `remote_id` is TorBox's id: opaque, in no order, and 0 is a valid one."""

    torrent = models.ForeignKey("torrents.Torrent", models.CASCADE, related_name="files", db_index=False)
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
