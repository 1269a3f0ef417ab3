"""Paste or upload -> rows. Nothing here waits for TorBox: `sending` does that afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import TorBoxAccount, User
from torbox import magnets
from torbox.magnets import Magnet

from .. import tasks
from ..models import Activity, AddRequest, RequestState, Seed, Torrent
from ..models.inserting import insert_facts, insert_torrents
from ..states import Status
from . import controlling, hiding

BATCH = 500


@dataclass(frozen=True)
class Wish:
    """One thing somebody wants: a magnet, and the .torrent file when that is what they gave. `size` in bytes."""

    magnet: Magnet
    torrent_file: bytes | None = None
    size: int = 0


@dataclass(frozen=True)
class Options:
    """How TorBox should add it (docs/torbox-api.md#createtorrent). `name` is for a single wish.

    `hidden` is ours: only who adds it and the account's owner see it.
    """

    seed: int = Seed.AUTOMATIC
    allow_zip: bool = True
    name: str = ""
    as_queued: bool = False
    only_if_cached: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class AddResult:
    """`not_alone`: what cannot be hidden on this account, since somebody else keeps it to themselves there."""

    added: list[Torrent] = field(default_factory=list)
    existing: list[Torrent] = field(default_factory=list)
    not_alone: int = 0


@transaction.atomic
def add(*, person: User, account: TorBoxAccount, wishes: Sequence[Wish], options: Options) -> AddResult:
    """Record what `person` wants on `account`; it is sent from the rows. What is there already is left alone.

    Wanting what was just deleted takes the deletion back, if it has not begun.
    """
    wanted = {wish.magnet.info_hash: wish for wish in wishes}
    # First of all, so that two who paste the same at once come one after the other.
    revision = account.next_revision()
    deleted = [row for row in _rows(account, wanted) if row.removed_at]
    controlling.restore(deleted)
    known = {row.info_hash: row for row in _rows(account, wanted)}
    taken = _taken(person, account, known.values(), deleted) if options.hidden else []
    for row in taken:
        del wanted[row.info_hash], known[row.info_hash]
    flying = _flying(known.values())
    again = [row for row in known.values() if (row.removed_at or row.ended) and row.pk not in flying]
    existing = [row for row in known.values() if not (row.removed_at or row.ended)]
    landing = [row for row in known.values() if row.removed_at and row.pk in flying]
    secret = [row for row in existing if hiding.is_hidden_from(person, account, row)]
    fresh = [Torrent(account=account, info_hash=info_hash) for info_hash in wanted if info_hash not in known]
    now = timezone.now()
    for row in fresh + again:
        _start_over(row, wanted[row.info_hash], person, options, revision, now)
    insert_torrents(fresh)
    Torrent.objects.bulk_update(again, RESTARTED, batch_size=BATCH)
    _record(fresh, again, wanted, options)
    hiding.hand_over(landing + secret, person, revision, hidden=options.hidden)
    tasks.hint(tasks.send_adds, account.pk)
    seen = [row for row in existing if row not in secret]
    return AddResult(fresh + again + landing + secret, seen, len(taken))


def _taken(
    person: User, account: TorBoxAccount, known: Iterable[Torrent], deleted: Iterable[Torrent]
) -> list[Torrent]:
    """What somebody else keeps to themselves: a second person cannot have it alone as well."""
    free = {row.pk for row in deleted}
    return [row for row in known if row.pk not in free and hiding.is_hidden_from(person, account, row)]


def _flying(rows: Iterable[Torrent]) -> set[int]:
    """Those whose earlier wish is on its way to TorBox right now or may have arrived: it must not be sent beside it."""
    requests = AddRequest.objects.filter(torrent__in=[row.pk for row in rows])
    flying = requests.filter(state__in=[RequestState.SENDING, RequestState.UNSURE])
    return set(flying.values_list("torrent_id", flat=True))


@transaction.atomic
def add_again(*, person: User, torrent: Torrent) -> None:
    """Send a failed, gone or deleted torrent anew, from what was kept or from its hash."""
    request = AddRequest.objects.filter(torrent=torrent).first()
    wish = Wish(
        _kept_magnet(torrent, request),
        bytes(request.torrent_file) if request and request.torrent_file else None,
        torrent.size,
    )
    options = Options(request.seed, request.allow_zip, request.name) if request else Options()
    options = replace(options, hidden=torrent.hidden)
    # What is hidden stays its adder's, who would not see it otherwise.
    adder = (torrent.added_by or person) if torrent.hidden else person
    torrent.removed_at = torrent.removed_at or timezone.now()
    torrent.save(update_fields=["removed_at"])
    add(person=adder, account=torrent.account, wishes=[wish], options=options)
    Activity.about(torrent, Activity.Kind.RETRIED, person=person).save()


def _kept_magnet(torrent: Torrent, request: AddRequest | None) -> Magnet:
    """As it was pasted, or as TorBox gave it, with all trackers; else what the row knows."""
    kept = (request.magnet if request else "") or torrent.magnet
    try:
        return magnets.parse(kept)
    except magnets.InvalidMagnet:
        return Magnet(torrent.info_hash, torrent.name, (torrent.tracker,) if torrent.tracker else ())


RESTARTED = [
    "name", "size", "status", "status_since", "revision", "raw_state", "progress", "eta", "error", "waiting_for",
    "waiting_until", "waiting_place", "sent_at", "missing_since", "removed_at", "old_remote_id", "old_queued_id",
    "old_ids_until", "remote_id", "queued_id", "pending", "added_by", "added_at", "row_digest", "magnet",
    "remote_updated_at", "hidden",
]  # fmt: skip
EMPTIED = (
    "eta",
    "waiting_until",
    "waiting_place",
    "sent_at",
    "missing_since",
    "removed_at",
    "remote_updated_at",
)


def _start_over(
    row: Torrent, wish: Wish, person: User, options: Options, revision: int, now: datetime
) -> None:
    """Put a new or returning row at the beginning of its life."""
    if row.ended:
        row.remote_id = row.queued_id = None  # TorBox brings what ended back under its old id
    row.forget_ids()
    fields: dict[str, Any] = {
        "name": (options.name or row.name or wish.magnet.name)[:2000],
        "size": row.size or wish.size or wish.magnet.size or 0,
        "status": Status.WAITING,
        "status_since": now,
        "revision": revision,
        "added_by": person,
        "added_at": now,
        "hidden": options.hidden,
        "magnet": wish.magnet.uri,
        "progress": 0,
    }
    fields |= dict.fromkeys(EMPTIED) | dict.fromkeys(
        ("raw_state", "error", "waiting_for", "pending", "row_digest"), ""
    )
    for name, value in fields.items():
        setattr(row, name, value)


def _record(fresh: list[Torrent], again: list[Torrent], wanted: dict[str, Wish], options: Options) -> None:
    """One send request per row, the old one of a returning row replaced, and who added it."""
    AddRequest.objects.filter(torrent__in=[row.pk for row in again]).delete()
    rows = fresh + again
    insert_facts(AddRequest, [_request(row, wanted[row.info_hash], options) for row in rows])
    added = Activity.Kind.ADDED
    insert_facts(Activity, [Activity.facts(row, added, person_id=row.added_by_id) for row in rows])


def _request(row: Torrent, wish: Wish, options: Options) -> dict[str, Any]:
    return {
        "torrent_id": row.pk,
        "magnet": row.magnet,
        "torrent_file": wish.torrent_file,
        "seed": options.seed,
        "allow_zip": options.allow_zip,
        "name": options.name,
        "as_queued": options.as_queued,
        "only_if_cached": options.only_if_cached,
    }


def _rows(account: TorBoxAccount, hashes: Iterable[str]) -> Iterator[Torrent]:
    """The account's rows with these hashes, asked for in pieces that every database takes."""
    wanted = list(hashes)
    for start in range(0, len(wanted), BATCH):
        yield from Torrent.objects.filter(account=account, info_hash__in=wanted[start : start + BATCH])
