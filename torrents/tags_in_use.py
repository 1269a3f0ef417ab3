"""The tags on the torrents that a person sees, to choose from and to complete what they type."""

from __future__ import annotations

from django.db.models import Count

from accounts.models import User

from .models import Torrent, TorrentTag

MAX_OFFERED = 200


def tags_in_use(user: User) -> list[tuple[str, int]]:
    """Return at most MAX_OFFERED tags, the most used first, each with the number of its torrents that the user sees."""
    seen = TorrentTag.objects.filter(torrent__in=Torrent.objects.visible_to(user).order_by())
    counted = seen.values_list("name").annotate(uses=Count("pk")).order_by("-uses", "name")
    return list(counted[:MAX_OFFERED])
