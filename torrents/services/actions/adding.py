"""Store the torrents of a paste or an upload as rows. `sending` sends them to TorBox afterward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from accounts.models import TorBoxAccount, User
from accounts.transactions import in_transaction
from torbox import magnets
from torbox.magnets import Magnet
from torrents import queueing
from torrents.models import Activity, AddRequest, EditRequest, RequestState, Seed, Torrent
from torrents.models.bulk_insert import insert_facts
from torrents.models.writing import write_rows
from torrents.operations import TAG
from torrents.reasons import NO_REASON
from torrents.states import Status

from ..sync import edit_overlay
from . import controlling, editing, hiding, tagging

BATCH = 500


@dataclass(frozen=True)
class NewTorrent:
    """A torrent to add: its magnet, and its .torrent file if one was given. `size` in bytes."""

    magnet: Magnet
    torrent_file: bytes | None = None
    size: int = 0


@dataclass(frozen=True)
class Options:
    """How TorBox should add a torrent (docs/torbox-api.md#createtorrent). `name` is for a single torrent.

    TorBox doesn't know `hidden`: only the person who added it and the account's owner see the torrent. It gets `tags`
    by an edit, when it has the torrent. `tags_last`: they show here even if it refuses them.
    """

    seed: int = Seed.AUTOMATIC
    allow_zip: bool = True
    name: str = ""
    as_queued: bool = False
    only_if_cached: bool = False
    hidden: bool = False
    tags: tuple[str, ...] = ()
    tags_last: bool = False


@dataclass(frozen=True)
class AddResult:
    """The result of an add.

    `not_alone`: how many can't be hidden on this account, because another person already has them hidden there.
    `back`: those of `added` that the account had before.
    """

    added: list[Torrent] = field(default_factory=list)
    existing: list[Torrent] = field(default_factory=list)
    not_alone: int = 0
    back: list[Torrent] = field(default_factory=list)


@in_transaction
def add(
    *, person: User, account: TorBoxAccount, new_torrents: Sequence[NewTorrent], options: Options
) -> AddResult:
    """Store `new_torrents` of `person` on `account`, from where they are sent. Existing rows stay as they are.

    Adding a torrent that was just deleted restores it, unless the deletion has begun. One of another person becomes that
    of `person`, as it would a moment later.
    """
    wanted = {new_torrent.magnet.info_hash: new_torrent for new_torrent in new_torrents}
    # Locked first, so that two people who paste the same torrents at once come one after the other.
    account.lock()
    known = {row.info_hash: row for row in _rows(account, wanted)}
    deleted = [row for row in known.values() if row.removed_at]
    if deleted and controlling.restore(deleted):
        known = {row.info_hash: row for row in _rows(account, wanted)}
    held_privately = _held_privately(person, account, known.values(), deleted) if options.hidden else []
    for row in held_privately:
        del wanted[row.info_hash], known[row.info_hash]
    in_flight = _in_flight(known.values())
    restarted = [row for row in known.values() if (row.removed_at or row.ended) and row.pk not in in_flight]
    existing = [row for row in known.values() if not (row.removed_at or row.ended)]
    deleted_in_flight = [row for row in known.values() if row.removed_at and row.pk in in_flight]
    taken_over = _taken_over(person, account, existing, deleted)
    new = [Torrent(account=account, info_hash=info_hash) for info_hash in wanted if info_hash not in known]
    for row in new + restarted:
        _start_over(row, wanted[row.info_hash], person, options)
    _keep_edits(restarted, person)
    edit_overlay.withdraw(taken_over, person)
    hiding.hand_over(deleted_in_flight + taken_over, person, hidden=options.hidden)
    added = new + restarted + deleted_in_flight + taken_over
    edit = tagging.edit_for(options.tags, lasts=options.tags_last)
    tagged = editing.edits_of(added, edit) if options.tags else []
    editing.show(tagged)
    write_rows(account, added)
    _record(new, restarted, wanted, options)
    if tagged:
        editing.store(person, TAG, tagged)
    _send_soon(account, added)
    seen = [row for row in existing if row not in taken_over]
    return AddResult(added, seen, len(held_privately), added[len(new) :])


def _send_soon(account: TorBoxAccount, rows: Sequence[Torrent]) -> None:
    queueing.enqueue_on_commit("send_adds", account.pk)
    editing.send_soon(account.pk, [row for row in rows if row.edit_pending])


def _taken_over(
    person: User, account: TorBoxAccount, existing: Iterable[Torrent], deleted: Iterable[Torrent]
) -> list[Torrent]:
    """Return rows that become those of `person`: what was hidden from them, and what others had just deleted."""
    restored = {row.pk for row in deleted}
    return [
        row
        for row in existing
        if hiding.is_hidden_from(person, account, row)
        or (row.pk in restored and row.added_by_id != person.pk)
    ]


def _held_privately(
    person: User, account: TorBoxAccount, known: Iterable[Torrent], deleted: Iterable[Torrent]
) -> list[Torrent]:
    """Return rows that another person has hidden: a second person can't hide them as well."""
    free = {row.pk for row in deleted}
    return [row for row in known if row.pk not in free and hiding.is_hidden_from(person, account, row)]


def _in_flight(rows: Iterable[Torrent]) -> set[int]:
    """Return the keys of rows whose earlier request is being sent to TorBox or may have arrived."""
    requests = AddRequest.objects.filter(torrent__in=[row.pk for row in rows])
    in_flight = requests.filter(state__in=[RequestState.SENDING, RequestState.UNSURE])
    return set(in_flight.values_list("torrent_id", flat=True))


@in_transaction
def add_again(*, person: User, torrent: Torrent) -> None:
    """Send a failed, gone, or deleted torrent again, with the stored magnet or file, or else with its hash."""
    torrent.account.lock()
    request = AddRequest.objects.filter(torrent=torrent).first()
    new_torrent = NewTorrent(
        _kept_magnet(torrent, request),
        bytes(request.torrent_file) if request and request.torrent_file else None,
        torrent.size,
    )
    options = Options(request.seed, request.allow_zip, request.name) if request else Options()
    options = replace(options, hidden=torrent.hidden)
    # A hidden torrent keeps the person who added it, who wouldn't see it otherwise.
    adder = (torrent.added_by or person) if torrent.hidden else person
    torrent.removed_at = torrent.removed_at or timezone.now()
    torrent.account.write(Torrent.objects.filter(pk=torrent.pk), removed_at=torrent.removed_at)
    add(person=adder, account=torrent.account, new_torrents=[new_torrent], options=options)
    Activity.record(torrent, Activity.Kind.RETRIED, person=person)


def _kept_magnet(torrent: Torrent, request: AddRequest | None) -> Magnet:
    """Return the magnet as pasted, or as TorBox sent it, with all trackers, or else one made from the row."""
    kept = (request.magnet if request else "") or torrent.magnet
    try:
        return magnets.parse(kept)
    except magnets.InvalidMagnet:
        return Magnet(torrent.info_hash, torrent.name, (torrent.tracker,) if torrent.tracker else ())


def _start_over(row: Torrent, new_torrent: NewTorrent, person: User, options: Options) -> None:
    """Reset a new or returning row to its first state. Its files stay until TorBox lists others."""
    if row.ended:
        row.remote_id = row.queued_id = None  # TorBox gives a torrent that is added again its old id
    row.forget_ids()
    row.set_name(options.name or row.name or new_torrent.magnet.name)
    size = row.size or new_torrent.size or new_torrent.magnet.size or 0
    row.empty()
    row.size, row.magnet = size, new_torrent.magnet.uri
    now = timezone.now()
    row.status, row.status_since = Status.WAITING, now
    row.added_by, row.added_at, row.hidden = person, now, options.hidden
    row.waiting_until = row.waiting_place = None
    row.sent_at = row.missing_since = row.removed_at = row.remote_updated_at = None
    row.pending = row.row_digest = ""
    row.explain(NO_REASON)
    row.settle_removal()


def _keep_edits(restarted: Sequence[Torrent], person: User) -> None:
    """Delete the edits of returning rows, except for those of `person` that TorBox never got. These show again."""
    edits = EditRequest.objects.filter(torrent__in=[row.pk for row in restarted])
    edits.exclude(person=person, state=RequestState.WAITING).delete()
    waiting: dict[int, list[EditRequest]] = {}
    for edit in edits.order_by("pk"):
        waiting.setdefault(edit.torrent_id, []).append(edit)
    for row in restarted:
        edit_overlay.show(row, waiting.get(row.pk, []))


def _record(
    new: list[Torrent], restarted: list[Torrent], wanted: dict[str, NewTorrent], options: Options
) -> None:
    """Store one request per row, in place of the old one of a returning row, and record who added it."""
    AddRequest.objects.filter(torrent__in=[row.pk for row in restarted]).delete()
    rows = new + restarted
    insert_facts(AddRequest, [_request(row, wanted[row.info_hash], options) for row in rows])
    added = Activity.Kind.ADDED
    Activity.record_many(Activity.values(row, added, row.added_by_id) for row in rows)


def _request(row: Torrent, new_torrent: NewTorrent, options: Options) -> dict[str, Any]:
    return {
        "torrent_id": row.pk,
        "magnet": row.magnet,
        "torrent_file": new_torrent.torrent_file,
        "seed": options.seed,
        "allow_zip": options.allow_zip,
        "name": options.name,
        "as_queued": options.as_queued,
        "only_if_cached": options.only_if_cached,
    }


def _rows(account: TorBoxAccount, hashes: Iterable[str]) -> Iterator[Torrent]:
    """Yield the account's rows with these hashes, in queries small enough for every database."""
    wanted = list(hashes)
    for start in range(0, len(wanted), BATCH):
        yield from Torrent.objects.filter(account=account, info_hash__in=wanted[start : start + BATCH])
