"""Make channels, and tell people about torrents, by the services that the app uses for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from notifications.events import Kind
from notifications.models import Channel, Delivery, Notification, NotificationSettings
from notifications.services import channels, publishing
from notifications.services.delivering import deliver_due
from tests.factories import make_torrent
from tests.notifications.hooks import ORIGIN
from torrents.models import Torrent


def make_hook(person: User, path: str = "/mara", **options: Any) -> Channel:
    return channels.add(person, "webhook", {"url": f"{ORIGIN}{path}"}, **options)


def make_torrents(person: User, account: Any, count: int, name: str = "Film") -> list[Torrent]:
    return [
        make_torrent(account, f"{name} {number}", added_by=person, remote_id=1000 + number)
        for number in range(count)
    ]


def tell(person: User, torrents: Iterable[Torrent], kind: str = Kind.READY, **fields: Any) -> None:
    """Publish that something happened to torrents, which the person is to be told."""
    now = timezone.now()
    drafts = [
        Notification(
            person=person,
            kind=kind,
            source=f"{kind}:{torrent.pk}",
            account=torrent.account,
            torrent=torrent,
            name=torrent.name,
            at=now,
            **fields,
        )
        for torrent in torrents
    ]
    publishing.publish(drafts)


def deliver() -> int:
    """Send what is due, as the worker does."""
    return deliver_due()


def states(**filters: Any) -> list[str]:
    return sorted(Delivery.objects.filter(**filters).values_list("state", flat=True))


def be_quiet(person: User, begins: str, ends: str) -> None:
    NotificationSettings.objects.update_or_create(
        person=person, defaults={"quiet_from": begins, "quiet_until": ends}
    )
