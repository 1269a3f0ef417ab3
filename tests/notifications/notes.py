"""Rows of the bell, as tests need them."""

from __future__ import annotations

from itertools import count
from typing import Any

from accounts.models import User
from notifications.models import Notification
from torrents.models import Torrent

_numbers = count(1)


def tell(person: User, kind: str, torrent: Torrent | None = None, **fields: Any) -> Notification:
    """Tell a person something, about a torrent or an account."""
    about = {"torrent": torrent, "account": torrent.account, "name": torrent.name} if torrent else {}
    source = f"test:{next(_numbers)}"
    return Notification.objects.create(
        **{"person": person, "kind": kind, "source": source, **about, **fields}
    )


def tell_burst(person: User, kind: str, torrents: list[Torrent], **fields: Any) -> list[Notification]:
    """Tell a person the same about several torrents, which stand in one line."""
    told = [tell(person, kind, torrent, **fields) for torrent in torrents]
    Notification.objects.filter(pk__in=[note.pk for note in told]).update(burst=told[0])
    return told
