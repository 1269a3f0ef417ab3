"""What people can be told about, as codes. words.py has the sentences."""

from __future__ import annotations

from django.db import models


class Event(models.TextChoices):
    """A row of *What to send*: people choose for each of these where it goes."""

    READY = "ready"
    FAILED = "failed"
    STALLED = "stalled"
    EXPIRING = "expiring"
    WAITING = "waiting"
    SAVED = "saved"
    NOT_SAVED = "not_saved"
    ADDED = "added"
    LINK = "link"
    KEY = "key"
    PLAN = "plan"


SAVING = frozenset({Event.SAVED, Event.NOT_SAVED})
"""Events of saving to disk, which exist only where that is on."""


class Kind(models.TextChoices):
    """What happened, or what needs attention. Several kinds may belong to one event."""

    READY = "ready"
    FAILED = "failed"
    STALLED = "stalled"
    EXPIRING = "expiring"
    GONE = "gone"
    DELETED = "deleted"  # by someone else
    WAITING = "waiting"  # adds of the person
    SAVED = "saved"  # to disk
    NOT_SAVED = "not_saved"
    ADDED = "added"  # by someone else
    LINK = "link"  # taken by someone else
    LINK_USED = "link_used"  # a lasting link, by someone who has it
    KEY_REJECTED = "key_rejected"
    KEY_UNREADABLE = "key_unreadable"
    PLAN = "plan"
    CHANNEL = "channel"  # one of the person's own fails
    SUMMARY = "summary"


class Place(models.TextChoices):
    """A column of *What to send*. All devices with push share one."""

    BELL = "bell"
    PUSH = "push"
    CHANNEL = "channel"


EVENT_OF: dict[str, str] = {
    Kind.READY: Event.READY,
    Kind.FAILED: Event.FAILED,
    Kind.STALLED: Event.STALLED,
    Kind.EXPIRING: Event.EXPIRING,
    Kind.GONE: Event.EXPIRING,
    Kind.DELETED: Event.EXPIRING,
    Kind.WAITING: Event.WAITING,
    Kind.SAVED: Event.SAVED,
    Kind.NOT_SAVED: Event.NOT_SAVED,
    Kind.ADDED: Event.ADDED,
    Kind.LINK: Event.LINK,
    Kind.LINK_USED: Event.LINK,
    Kind.KEY_REJECTED: Event.KEY,
    Kind.KEY_UNREADABLE: Event.KEY,
    Kind.PLAN: Event.PLAN,
}
"""The event of each kind. *Channel* and *summary* have none: the bell always shows them."""

NEEDS_ATTENTION = frozenset(
    {Kind.EXPIRING, Kind.WAITING, Kind.KEY_REJECTED, Kind.KEY_UNREADABLE, Kind.PLAN, Kind.CHANNEL}
)
"""Kinds that stay at the top of the bell until they are solved."""

DEFAULTS: dict[str, frozenset[str]] = {
    Place.BELL: frozenset(Event.values) - {Event.ADDED},
    Place.PUSH: frozenset({Event.READY, Event.FAILED}),
    Place.CHANNEL: frozenset({Event.READY, Event.FAILED}),
}
"""The events that go to a place unless the person chose otherwise. A household channel of someone else gets none."""
