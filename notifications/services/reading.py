"""Mark notifications as read."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.models import User

from ..models import Notification, NotificationQuerySet


def mark_read(person: User, pk: int) -> bool:
    """Mark a notification as read, with its whole burst. Return False if it isn't the person's."""
    note = Notification.objects.of(person).filter(pk=pk).first()
    if note is None:
        return False
    first = note.burst_id or note.pk
    _read(Notification.objects.filter(Q(pk=first) | Q(burst=first), person=person))
    return True


def mark_all_read(person: User) -> int:
    """Mark everything in the bell as read, and return how much it was."""
    return _read(Notification.objects.in_bell(person))


def torrent_opened(person: User, torrent_id: int) -> int:
    """Mark what the person was told about a torrent as read."""
    return _read(Notification.objects.of(person).filter(torrent=torrent_id))


def _read(rows: NotificationQuerySet) -> int:
    """Mark rows as read. Nothing is written if they all are, because pages call this."""
    unread = rows.unread().order_by()
    if not unread.exists():
        return 0
    return Notification.objects.filter(pk__in=unread.values("pk")).update(read_at=timezone.now())
