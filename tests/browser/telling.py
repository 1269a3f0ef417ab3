"""Notifications for the tests with a browser, written like those of the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Stack

EVERY_KIND = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from notifications.events import Kind
from notifications.models import Channel, Notification, TorrentChoice
from torrents.models import Torrent
person = User.objects.get(username={name!r})
now = timezone.now()
account = person.torbox_accounts.first()
torrents = list(Torrent.objects.filter(account=account, removed_at=None).order_by("pk")[:12])
channel, _ = Channel.objects.get_or_create(
    person=person, fingerprint="test", defaults={{"kind": "discord", "encrypted_address": "x"}}
)
params = {{
    "since": (now - timedelta(hours=6)).isoformat(), "at": (now + timedelta(days=3)).isoformat(), "count": 3,
    "waiting": 2, "trouble": "refused", "reason": "cooldown", "added": 12, "expiring": 3, "days": 1,
}}
expiring = Torrent.objects.filter(account=account, removed_at=None, status="ready", airlocked=False).first()
Torrent.objects.filter(pk=expiring.pk).update(removal_at=now + timedelta(days=3))
def tell(kind, number, torrent, **more):
    return Notification.objects.create(
        person=person, kind=kind, source=f"test:{{kind}}:{{number}}", torrent=torrent, account=account, channel=channel,
        name=torrent.name, params=params, actor=person, at=now - timedelta(minutes=number * 7), **more
    )
for number, kind in enumerate(Kind.values):
    about = expiring if kind == Kind.EXPIRING else torrents[number % len(torrents)]
    tell(kind, number, about, read_at=now if number > 2 else None)
first = tell("ready", 100, torrents[0], read_at=now)
members = [first] + [tell("ready", 101 + place, torrent, read_at=now) for place, torrent in enumerate(torrents[1:])]
Notification.objects.filter(pk__in=[note.pk for note in members]).update(burst=first)
TorrentChoice.objects.get_or_create(person=person, torrent=torrents[1], defaults={{"muted": True}})
"""

READY = """
from accounts.models import User
from notifications.models import Notification
from torrents.models import Torrent
person = User.objects.get(username={name!r})
notes = [
    Notification.objects.create(
        person=person, kind="ready", source=f"test:{source}:{{torrent.pk}}", torrent=torrent, account=torrent.account,
        name=torrent.name,
    )
    for torrent in Torrent.objects.filter(account__owner=person, name__in={torrents!r}).order_by("name")
]
if {burst!r}:
    Notification.objects.filter(pk__in=[note.pk for note in notes]).update(burst=notes[0])
"""


def tell_every_kind(stack: Stack, name: str) -> None:
    """Tell a person something of every kind, and about many torrents at once."""
    stack.manage("shell", "-v", "0", "-c", EVERY_KIND.format(name=name))


def tell_ready(stack: Stack, name: str, *torrents: str, source: str, burst: bool = False) -> None:
    """Tell a person that torrents are ready, one by one or in one line."""
    code = READY.format(name=name, torrents=list(torrents), source=source, burst=burst)
    stack.manage("shell", "-v", "0", "-c", code)
