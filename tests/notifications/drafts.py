"""Functions that make what people are told, and where it goes, with defaults for the rest."""

from __future__ import annotations

from itertools import count
from typing import Any

from accounts import crypto
from accounts.models import TorBoxAccount, User
from notifications.events import Kind
from notifications.models import Channel, ChannelKind, Cursor, Notification
from notifications.services.event_reader import NAME
from torrents.models import Activity

_numbers = count(1)


def draft(person: User, kind: str = Kind.READY, **fields: Any) -> Notification:
    """Return an unsaved notification, of its own source unless `fields` has one."""
    return Notification(**{"person": person, "kind": kind, "source": f"test:{next(_numbers)}", **fields})


def make_channel(person: User, kind: str = ChannelKind.NTFY, **fields: Any) -> Channel:
    address = f"https://ntfy.example/topic-{next(_numbers)}"
    defaults = {"encrypted_address": crypto.encrypt(address), "fingerprint": crypto.fingerprint(address)}
    return Channel.objects.create(person=person, kind=kind, **(defaults | fields))


def start_cursor(account: TorBoxAccount) -> None:
    """Start the cursor here. On PostgreSQL, keys go on counting from test to test."""
    event = Activity.objects.create(account=account, kind=Activity.Kind.WAITED)
    Cursor.objects.update_or_create(name=NAME, defaults={"position": event.pk, "gaps": []})
