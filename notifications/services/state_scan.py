"""Tell people about what lasts rather than happens, and note what is solved."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone

from ..events import NEEDS_ATTENTION, Kind
from ..models import Notification
from . import states
from .leases import leased
from .pieces import pieces
from .publishing import publish

logger = logging.getLogger(__name__)

NAME = "states"
BATCH = 1000
SAME_DATE = timedelta(days=1)
Subject = tuple[int, str, int | None, int | None, int | None]


def look_at_states() -> int:
    """Tell people about new states, resolve those that ended, and return how many notifications were made."""
    with leased(NAME) as lease:
        if lease is None:
            return 0
        now = timezone.now()
        new = _settle(states.needing_attention(now), now)
        return _publish([*new, *states.stalled(now)])


def _settle(drafts: Iterable[Notification], now: datetime) -> list[Notification]:
    """Bring what people were told in line with what needs attention now, and return what they weren't told yet."""
    known: dict[Subject, list[Notification]] = {}
    unsolved = Notification.objects.filter(kind__in=NEEDS_ATTENTION, resolved_at=None)
    for note in unsolved.defer("upstream_detail").order_by("pk"):
        known.setdefault(_subject(note), []).append(note)
    going_on, changed, new = set(), [], []
    for draft in drafts:
        same = next((note for note in known.get(_subject(draft), ()) if _is_same(note, draft)), None)
        if same is None:
            new.append(draft)
            continue
        going_on.add(same.pk)
        if same.params != draft.params:
            same.params = draft.params
            changed.append(same)
    Notification.objects.bulk_update(changed, ["params"], batch_size=100)
    _resolve([note.pk for notes in known.values() for note in notes if note.pk not in going_on], now)
    return _reopen(new)


def _subject(note: Notification) -> Subject:
    return note.person_id, note.kind, note.torrent_id, note.account_id, note.channel_id


def _is_same(note: Notification, draft: Notification) -> bool:
    """Return whether a draft is about what a person was told, though something may have changed since."""
    if note.kind == Kind.WAITING:
        return True
    if note.kind == Kind.EXPIRING:
        before, after = (datetime.fromisoformat(one.params["at"]) for one in (note, draft))
        return abs(after - before) < SAME_DATE
    return note.source == draft.source


def _resolve(keys: Sequence[int], now: datetime) -> None:
    for piece in pieces(keys):
        Notification.objects.filter(pk__in=piece).update(resolved_at=now)


def _reopen(drafts: Sequence[Notification]) -> list[Notification]:
    """Reopen what was solved only for a while, and return the other drafts."""
    by_key = {(draft.person_id, draft.source): draft for draft in drafts}
    solved = Notification.objects.filter(
        person__in={person_id for person_id, _ in by_key}, resolved_at__isnull=False
    )
    for piece in pieces(source for _, source in by_key):
        rows = solved.filter(source__in=piece).values_list("pk", "person", "source")
        again = [pk for pk, person_id, source in rows if by_key.pop((person_id, source), None)]
        Notification.objects.filter(pk__in=again).update(resolved_at=None)
    return list(by_key.values())


def _publish(drafts: Sequence[Notification]) -> int:
    made = 0
    for start in range(0, len(drafts), BATCH):
        try:
            made += publish(drafts[start : start + BATCH])
        except IntegrityError:
            logger.info(
                "A torrent or a person was deleted while states were looked at. They are looked at again."
            )
    return made
