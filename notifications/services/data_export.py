"""What the data export of a person says about notifications."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from torrents.models import Torrent

from ..models import Channel, EventChoice, Notification, NotificationSettings, TorrentChoice


def export_of(person: User) -> dict[str, Any]:
    """Return a person's channels without their addresses, their choices, and what they were told, ready for JSON.

    Torrents that they may no longer see aren't named.
    """
    settings = NotificationSettings.objects.filter(person=person)
    choices = EventChoice.objects.filter(person=person).order_by("event", "place", "channel")
    seen = Torrent.objects.on_visible_accounts(person).values("pk")
    torrents = TorrentChoice.objects.filter(person=person, torrent__in=seen).order_by("torrent")
    told = Notification.objects.of(person).order_by("at", "pk")
    return {
        "channels": _rows(Channel.objects.filter(person=person), *CHANNEL),
        "settings": next(iter(_rows(settings, *SETTINGS)), None),
        "choices": _rows(choices, "event", "place", "channel", "wanted"),
        "torrents": [
            {"name": name, "muted": muted} for name, muted in torrents.values_list("torrent__name", "muted")
        ],
        "notifications": _rows(told, "at", "kind", "name", "code", "params", "upstream_detail", "read_at"),
    }


CHANNEL = ("id", "kind", "label", "shown", "household", "browser", "platform", "created_at", "last_used_at")
SETTINGS = ("quiet_from", "quiet_until", "stalled_hours", "summary")


def _rows(rows: Any, *names: str) -> list[dict[str, Any]]:
    return [dict(row) for row in rows.values(*names)]
