"""What people want to be told, and where: the defaults of events.py, unless they chose otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.transactions import lock_person

from ..events import DEFAULTS, Event, Place
from ..models import Channel, EventChoice, TorrentChoice

Key = tuple[str, str | int]


@dataclass(frozen=True)
class Wanted:
    """Where the events of one person go. The keys are an event with "bell", "push", or the key of a channel."""

    chosen: dict[Key, bool] = field(default_factory=dict)

    def goes_to_bell(self, event: str) -> bool:
        """Return whether an event goes to the bell. What has no event always does."""
        return not event or self.chosen.get((event, Place.BELL.value), event in DEFAULTS[Place.BELL])

    def goes_to(self, event: str, channel: Channel, person: User) -> bool:
        """Return whether an event goes to a channel. That of another person gets none, unless it is the household's."""
        is_own = channel.person_id == person.pk
        if not is_own and not channel.household:
            return False
        place: str | int = Place.PUSH.value if channel.is_push else channel.pk
        return self.chosen.get((event, place), _is_default(event, place, is_own))


def wanted_by(people: Iterable[User]) -> dict[int, Wanted]:
    """Return what each of these people wants, by key, in one query."""
    chosen: dict[int, dict[Key, bool]] = {person.pk: {} for person in people}
    for row in EventChoice.objects.filter(person__in=chosen.keys()):
        chosen[row.person_id][row.event, row.channel_id or row.place] = row.wanted
    return {pk: Wanted(theirs) for pk, theirs in chosen.items()}


@transaction.atomic
def choose(person: User, chosen: dict[tuple[str, str | int], bool]) -> None:
    """Store what a person wants. Choices that equal the default aren't stored.

    Keys that aren't among the given ones stay as they are. Unknown events and channels that the person can't use are
    ignored.
    """
    lock_person(person)
    makers = dict(Channel.objects.usable_by(person).values_list("pk", "person_id"))
    known = {
        (event, place): wanted
        for (event, place), wanted in chosen.items()
        if event in Event.values and (place in (Place.BELL, Place.PUSH) or place in makers)
    }
    own = {pk for pk, maker in makers.items() if maker == person.pk}
    _forget(person, known)
    EventChoice.objects.bulk_create(
        _choice(person, event, place, wanted)
        for (event, place), wanted in known.items()
        if wanted != _is_default(event, place, place in own)
    )


def follow(person: User, torrent_id: int) -> None:
    """Tell the person about a torrent as if they had added it."""
    _store(person, torrent_id, muted=False)


def mute(person: User, torrent_id: int) -> None:
    """Tell the person nothing more about a torrent."""
    _store(person, torrent_id, muted=True)


def reset(person: User, torrent_id: int) -> None:
    """Undo `follow` or `mute`."""
    TorrentChoice.objects.filter(person=person, torrent=torrent_id).delete()


def _store(person: User, torrent_id: int, *, muted: bool) -> None:
    """Store a choice, unless the torrent was deleted a moment ago."""
    try:
        with transaction.atomic():
            TorrentChoice.objects.update_or_create(
                person=person, torrent_id=torrent_id, defaults={"muted": muted}
            )
    except IntegrityError:
        return


def _is_default(event: str, place: str | int, is_own: bool) -> bool:
    """Return whether an event goes to a place unless the person chose otherwise. `is_own`: they made that channel."""
    if place in (Place.BELL, Place.PUSH):
        return event in DEFAULTS[str(place)]
    return is_own and event in DEFAULTS[Place.CHANNEL]


def _forget(person: User, keys: Iterable[Key]) -> None:
    """Delete the stored choices of these keys."""
    keys = set(keys)
    rows = EventChoice.objects.filter(person=person)
    old = [row.pk for row in rows if (row.event, row.channel_id or row.place) in keys]
    rows.filter(pk__in=old).delete()


def _choice(person: User, event: str, place: str | int, wanted: bool) -> EventChoice:
    if isinstance(place, int):
        return EventChoice(person=person, event=event, place=Place.CHANNEL, channel_id=place, wanted=wanted)
    return EventChoice(person=person, event=event, place=place, wanted=wanted)
