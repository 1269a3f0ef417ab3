"""Record edits of torrents: name, tags, AirLock. Our rows show them at once, and `edits` sends them to TorBox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.utils import timezone

from accounts.models import TorBoxAccount, User
from accounts.transactions import in_transaction, lock_accounts
from torbox.sanitize import is_blank
from torrents import queueing
from torrents.models import Activity, Batch, EditRequest, RequestState, Torrent
from torrents.models.writing import write_rows
from torrents.operations import EDITS, KEEP, UNKEEP
from torrents.reasons import Reason
from torrents.states import Status

from ..sync import edit_overlay
from ..sync.change_detection import UNSETTLED
from ..sync.edit_overlay import Editable, changes, kind_of, reverse_of

# Returns the unsaved edit of a row, or None.
Edit = Callable[[Torrent], EditRequest | None]
Wanted = Sequence[tuple[Torrent, EditRequest]]
REVERSED = {KEEP: UNKEEP, UNKEEP: KEEP}
PIECE = 500


@in_transaction
def record(*, person: User, torrents: Iterable[int], operation: str, edit: Edit) -> Batch | None:
    """Record what `edit` returns for those of `torrents` that `person` may change, if it changes them.

    `torrents`: their keys. Return None if nothing changes. Torrents that are gone from TorBox fail at once.
    """
    accounts, rows = _locked(person, torrents)
    wanted = edits_of(rows, edit)
    return _record(person, operation, accounts, wanted) if wanted else None


def edits_of(rows: Iterable[Torrent], edit: Edit) -> Wanted:
    """Return the rows that `edit` changes, with their edits."""
    return [(row, made) for row in rows if (made := edit(row)) and changes(made, row)]


def show(wanted: Wanted) -> None:
    """Show rows as they will be after their edits. The caller writes them, and then calls `store`."""
    for row, edit in wanted:
        edit.before = Editable.of(row).as_json()
        edit.reason = _problem(row)
        edit.state = RequestState.FAILED if edit.reason else RequestState.WAITING
        if _is_shown(edit):
            _show(row, edit)
            row.edit_pending = row.edit_pending or not edit.reason


def store(person: User, operation: str, wanted: Wanted) -> Batch:
    """Write the edits of rows that `show` has changed, with an event for each."""
    now = timezone.now()
    batch = Batch.objects.create(person=person, operation=operation, created_at=now)
    for _, edit in wanted:
        edit.person, edit.batch, edit.created_at, edit.due_at = person, batch, now, now
    EditRequest.objects.bulk_create([edit for _, edit in wanted], batch_size=PIECE)
    edit_overlay.settle_lasting([edit.torrent_id for _, edit in wanted if edit.lasts and edit.reason])
    shown = [(row, edit) for row, edit in wanted if _is_shown(edit)]
    # All events of a batch have its time, by which undoing finds them.
    Activity.record_many(Activity.values(row, kind_of(edit), person.pk) | {"at": now} for row, edit in shown)
    return batch


@in_transaction
def undo(*, person: User, batch_id: int) -> int:
    """Undo the edits of a batch of `person`, and return how many torrents changed back.

    An edit that was never sent is canceled. Otherwise its reverse is recorded. What others have changed since stays.
    """
    batch = Batch.objects.filter(pk=batch_id, person=person).first()
    if batch is None or batch.operation not in EDITS:
        return 0
    keys = list(batch.edits.values_list("torrent_id", flat=True))
    accounts, rows = _locked(person, keys)
    by_key = {row.pk: row for row in rows}
    edits = list(batch.edits.exclude(state=RequestState.FAILED).filter(torrent__in=by_key).order_by("pk"))
    left = _cancel(edits)
    canceled = [(by_key[edit.torrent_id], edit) for edit in edits if edit.pk not in left]
    sent = [(row := by_key[edit.torrent_id], _reverse(edit, row)) for edit in edits if edit.pk in left]
    reverses = [(row, reverse) for row, reverse in sent if changes(reverse, row)]
    _take_back(batch, accounts, canceled)
    if reverses:
        _record(person, REVERSED.get(batch.operation, batch.operation), accounts, reverses)
    return len(canceled) + len(reverses)


def _cancel(edits: Sequence[EditRequest]) -> set[int]:
    """Delete the edits that were never sent. Return the keys of the others."""
    ours = EditRequest.objects.filter(pk__in=[edit.pk for edit in edits])
    # In one statement, because a worker may claim some of them now.
    ours.filter(state=RequestState.WAITING, attempts=0).delete()
    return set(ours.values_list("pk", flat=True))


def _reverse(edit: EditRequest, row: Torrent) -> EditRequest:
    """Return the edit that undoes one that TorBox may have. TorBox can't be given a blank name."""
    reverse = reverse_of(edit, row)
    if reverse.name is not None and is_blank(reverse.name):
        reverse.name = None
    return reverse


def _take_back(
    batch: Batch, accounts: dict[int, TorBoxAccount], canceled: Sequence[tuple[Torrent, EditRequest]]
) -> None:
    """Show rows without edits that were canceled, and delete the events of these."""
    rows = [row for row, _ in canceled]
    waiting = EditRequest.objects.filter(torrent__in=rows, state__in=UNSETTLED)
    pending = set(waiting.values_list("torrent_id", flat=True))
    for row, edit in canceled:
        _show(row, reverse_of(edit, row))
        row.edit_pending = row.pk in pending
        row.row_digest = ""  # another app may have changed what the edit hid, so the next reading is applied
    events = Activity.objects.filter(torrent__in=rows, at=batch.created_at, person=batch.person_id)
    events.filter(kind__in={kind_of(edit) for _, edit in canceled}).delete()
    _write(accounts, rows)


def _record(person: User, operation: str, accounts: dict[int, TorBoxAccount], wanted: Wanted) -> Batch:
    """Write edits, the rows as they will be, and an event for each."""
    show(wanted)
    _write(accounts, [row for row, edit in wanted if _is_shown(edit)])
    return store(person, operation, wanted)


def _problem(row: Torrent) -> str:
    """Return why a torrent can't be edited, or ""."""
    if row.status == Status.GONE:
        return Reason.NOT_FOUND
    never_sent = row.status == Status.FAILED and row.remote_id is None
    return Reason.NOT_AT_TORBOX_YET if never_sent else ""


def _is_shown(edit: EditRequest) -> bool:
    """Return whether rows show a new edit: if it can be sent, or lasts even if it can't."""
    return edit.lasts or not edit.reason


def _show(row: Torrent, edit: EditRequest) -> None:
    Editable.of(row).with_edits([edit]).show_in(row)


def _locked(person: User, torrents: Iterable[int]) -> tuple[dict[int, TorBoxAccount], list[Torrent]]:
    """Lock the accounts of torrents, then read those that `person` may change."""
    keys = list(torrents)
    mine = Torrent.objects.controllable_by(person).listed().filter(pk__in=keys)
    accounts = lock_accounts(mine.order_by().values_list("account_id", flat=True).distinct())
    return accounts, list(mine.filter(account__in=accounts).order_by("pk"))


def _write(accounts: dict[int, TorBoxAccount], rows: Iterable[Torrent]) -> None:
    """Write rows by account, and have their edits sent."""
    parts: dict[int, list[Torrent]] = {}
    for row in rows:
        parts.setdefault(row.account_id, []).append(row)
    for key, mine in sorted(parts.items()):
        write_rows(accounts[key], mine)
        send_soon(key, mine)


def send_soon(account_id: int, rows: Iterable[Torrent]) -> None:
    """Queue the sending of the edits of an account's rows, if TorBox has some of them."""
    if any(row.remote_id is not None for row in rows):
        queueing.enqueue_on_commit("send_edits", account_id)
