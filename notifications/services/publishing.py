"""Write notifications, and what has to be sent of them. The only writer of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction
from torrents.models import Torrent
from torrents.models.bulk_insert import insert

from ..events import EVENT_OF, Kind
from ..models import Channel, Cursor, Delivery, Notification
from . import bursts
from .choices import Wanted, wanted_by
from .hints import enqueue_on_commit
from .pieces import pieces

OLD = timedelta(hours=24)  # what is older isn't sent, but the bell shows it
LOCK = "publishing"


@in_transaction
def publish(drafts: Sequence[Notification]) -> int:
    """Write unsaved notifications and their deliveries, each thing once for each person, and return how many are new.

    A draft has everything but `in_bell` and `burst`, which follow from the person's choices and from what else there is.
    A draft that the person wants nowhere isn't written.
    """
    if not drafts:
        return 0
    Cursor.objects.select_for_update().get_or_create(name=LOCK)  # One publishes at a time.
    routes = _Routes(drafts)
    new = [note for note in _unknown(drafts) if routes.leads_anywhere(note)]
    _insert(new)
    bursts.mark(new)
    if _insert_deliveries(routes.deliveries(new)):
        enqueue_on_commit("deliver")
    return len(new)


class _Routes:
    """Where each of some drafts goes, read in a fixed number of queries."""

    def __init__(self, drafts: Sequence[Notification]) -> None:
        self.people = User.objects.in_bulk({draft.person_id for draft in drafts})
        self.wanted: dict[int, Wanted] = wanted_by(self.people.values())
        usable = Q(person__in=self.people) | Q(household=True)
        self.household: list[Channel] = []
        self.own: dict[int, list[Channel]] = {pk: [] for pk in self.people}
        for channel in Channel.objects.filter(usable).defer("encrypted_address"):
            (self.household if channel.household else self.own[channel.person_id]).append(channel)
        self.hidden = _hidden({draft.torrent_id for draft in drafts if draft.torrent_id})
        self.oldest = timezone.now() - OLD

    def leads_anywhere(self, note: Notification) -> bool:
        """Set whether the bell shows a draft, and return whether the person wants it there or on a channel."""
        person = self.people.get(note.person_id)
        if person is None:
            return False
        note.in_bell = self.wanted[person.pk].goes_to_bell(EVENT_OF.get(note.kind, ""))
        return note.in_bell or any(self._channels(note))

    def deliveries(self, notes: Iterable[Notification]) -> list[Delivery]:
        """Return the unsaved deliveries of notifications. A channel gets a thing once, for its maker if they want it."""
        found: dict[tuple[int, str], Delivery] = {}
        now = timezone.now()
        for note in notes:
            for channel in self._channels(note):
                key = channel.pk, note.source
                if key not in found or note.person_id == channel.person_id:
                    found[key] = Delivery(
                        channel=channel,
                        person_id=note.person_id,
                        notification=note,
                        source=note.source,
                        created_at=now,
                        due_at=now,
                    )
        return list(found.values())

    def _channels(self, note: Notification) -> Iterator[Channel]:
        person = self.people[note.person_id]
        if not person.is_active or note.at < self.oldest:
            return
        public = [] if note.torrent_id in self.hidden else self.household
        for channel in (*self.own[person.pk], *public):
            if self._wants(note, channel, person):
                yield channel

    def _wants(self, note: Notification, channel: Channel, person: User) -> bool:
        """Return whether a channel gets a kind. A summary is for its person alone, and the bell has the rest."""
        if event := EVENT_OF.get(note.kind):
            return self.wanted[person.pk].goes_to(event, channel, person)
        return note.kind == Kind.SUMMARY and channel.person_id == person.pk and not channel.household


def _hidden(torrents: Iterable[int]) -> set[int]:
    hidden: set[int] = set()
    for piece in pieces(torrents):
        hidden.update(Torrent.objects.filter(pk__in=piece, hidden=True).values_list("pk", flat=True))
    return hidden


def _unknown(drafts: Sequence[Notification]) -> list[Notification]:
    """Return the drafts that aren't written yet, each once, in order of account.

    Accounts are locked in that order everywhere, and a row locks its account until the transaction ends.
    """
    by_key = {(draft.person_id, draft.source): draft for draft in drafts}
    theirs = Notification.objects.filter(person__in={person_id for person_id, _ in by_key})
    for piece in pieces(source for _, source in by_key):
        for key in theirs.filter(source__in=piece).values_list("person", "source"):
            by_key.pop(key, None)
    return sorted(by_key.values(), key=lambda draft: draft.account_id or 0)


def _insert(notes: Sequence[Notification]) -> None:
    """Insert notifications, and set their keys. No one else inserts any, so they are those with the highest keys."""
    newest = Notification.objects.aggregate(newest=Max("pk"))["newest"] or 0
    insert(notes)
    made = Notification.objects.filter(pk__gt=newest).values_list("person", "source", "pk") if notes else ()
    keys = {(person_id, source): pk for person_id, source, pk in made}
    for note in notes:
        note.pk, note._state.adding = keys[note.person_id, note.source], False


def _insert_deliveries(deliveries: Sequence[Delivery]) -> int:
    """Insert deliveries, without those that their channel had before, and return how many."""
    channels = {row.channel_id for row in deliveries}
    known: set[tuple[int, str]] = set()
    for piece in pieces(row.source for row in deliveries):
        same = Delivery.objects.filter(channel__in=channels, source__in=piece)
        known.update(same.values_list("channel", "source"))
    new = [row for row in deliveries if (row.channel_id, row.source) not in known]
    insert(new)
    return len(new)
