"""Mark notifications as read."""

from __future__ import annotations

from accounts.models import User


def mark_read(person: User, pk: int) -> bool:
    """Mark a notification as read, with its whole burst. Return False if it isn't the person's."""
    raise NotImplementedError


def mark_all_read(person: User) -> int:
    """Mark everything in the bell as read, and return how much it was."""
    raise NotImplementedError


def torrent_opened(person: User, torrent_id: int) -> int:
    """Mark what the person was told about a torrent as read."""
    raise NotImplementedError
