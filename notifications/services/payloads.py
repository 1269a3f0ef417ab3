"""The same as a message, but as codes, for programs (docs/notifications.md#webhook-payload)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from torrents.formatting import display_name

from ..events import EVENT_OF
from ..models import Notification

DIGEST, TEST = "digest", "test"
Urls = Mapping[int, str]


def single(note: Notification, urls: Urls) -> dict[str, Any]:
    """Return one notification. `urls`: the page of each torrent by its key."""
    return {
        "kind": note.kind,
        "event": EVENT_OF.get(note.kind, ""),
        "at": _written(note.at),
        "account": note.account.label if note.account else "",
        "actor": note.actor.display_name if note.actor else "",
        "reason": note.code,
        "detail": display_name(note.upstream_detail),
        "params": note.params,
        "torrents": _torrents([note], urls),
    }


def digest(notes: Sequence[Notification], urls: Urls) -> dict[str, Any]:
    """Return several notifications, each of them as if it had been sent singly."""
    return {
        "kind": DIGEST,
        "event": "",
        "at": _written(max(note.at for note in notes)),
        "torrents": _torrents(notes, urls),
        "notifications": [single(note, urls) for note in notes],
    }


def test() -> dict[str, Any]:
    """Return the payload of *Send test*."""
    return {"kind": TEST, "event": "", "at": _written(timezone.now()), "torrents": []}


def _torrents(notes: Sequence[Notification], urls: Urls) -> list[dict[str, Any]]:
    """Return the torrents that these are about, each of them once."""
    found = {note.torrent_id: note for note in notes if note.torrent is not None}
    return [
        {
            "id": note.torrent_id,
            "name": display_name(note.name),
            "info_hash": note.torrent.info_hash if note.torrent else "",
            "size": note.torrent.size if note.torrent else 0,
            "url": urls.get(note.torrent_id or 0, ""),
        }
        for note in found.values()
    ]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
