"""Change torrents that are there: one, or many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from ninja import Status

from accounts.models import User
from torrents.access import controllable_torrent, hideable_torrent, visible_torrent
from torrents.models import Torrent
from torrents.services.actions import adding, controlling, hiding, keeping, renaming, tagging
from torrents.services.actions.tagging import COMMAS
from torrents.states import ENDED

from .. import auth
from ..calling import ProgramRequest
from ..field_problems import field_problem
from ..problems import Code, Problem, answers, details
from ..schemas.bulk import Results, lacking, results
from ..schemas.operations import Changes, Deleted, Operation, OperationSent, TagsSent
from ..schemas.problems import ProblemDetails
from ..schemas.torrents import TorrentOut
from ..torrent_rows import torrent_out
from .torrents import router

Problems = dict[int, ProblemDetails]
Act = Callable[[User, Sequence[Torrent]], Problems]


@router.post(
    "/torrents/operations",
    auth=auth.manage,
    response=answers(Results, 413, 415),
    operation_id="operate",
    tags=["operations"],
    summary="Pause, delete, … torrents",
)
def operate(request: ProgramRequest, sent: OperationSent) -> Results:
    """Carry out an operation on each of these torrents, as far as you may. TorBox gets it shortly afterward."""
    includes_deleted = sent.operation in (Operation.RESTORE, Operation.ADD_AGAIN)
    rows = _rows(request.user, sent.ids, includes_deleted=includes_deleted)
    problems = _not_found(sent.ids, rows) | ACTS[sent.operation](request.user, rows)
    return results(sent.ids, problems)


@router.post(
    "/torrents/tags",
    auth=auth.manage,
    response=answers(Results, 413, 415),
    operation_id="tag_torrents",
    tags=["operations"],
    summary="Tag torrents",
)
def tag_torrents(request: ProgramRequest, sent: TagsSent) -> Results:
    """Add and remove tags. A tag in both is removed."""
    rows = _rows(request.user, sent.ids)
    tagging.tag(person=request.user, torrents=rows, add=sent.add, remove=sent.remove)
    return results(sent.ids, _not_found(sent.ids, rows))


@router.patch(
    "/torrents/{int:torrent_id}",
    auth=auth.manage,
    response=answers(TorrentOut, 404, 413, 415),
    operation_id="change_torrent",
    tags=["operations"],
    summary="Change a torrent",
)
def change_torrent(request: ProgramRequest, torrent_id: int, changes: Changes) -> TorrentOut:
    """Change its name, its tags, whether TorBox keeps it, or who sees it. What isn’t sent stays."""
    row = controllable_torrent(request, torrent_id)
    if any(COMMAS.search(tag) and tag not in row.tags for tag in changes.tags or ()):
        raise Problem(Code.INVALID, errors=[field_problem("body", "tags", "invalid")])
    if changes.hidden is not None:
        _hide(request, torrent_id, hidden=changes.hidden)
    if changes.name is not None:
        renaming.rename(person=request.user, names={row.pk: changes.name})
    if changes.tags is not None:
        removed = [tag for tag in row.tags if tag not in changes.tags]
        tagging.tag(person=request.user, torrents=[row], add=changes.tags, remove=removed)
    if changes.kept is not None:
        keeping.keep(person=request.user, torrents=[row], kept=changes.kept)
    return torrent_out(visible_torrent(request, torrent_id))


@router.delete(
    "/torrents/{int:torrent_id}",
    auth=auth.manage,
    response=answers(Deleted, 404, status=202),
    operation_id="delete_torrent",
    tags=["operations"],
    summary="Delete a torrent",
)
def delete_torrent(request: ProgramRequest, torrent_id: int) -> Status[Deleted]:
    """Delete a torrent from the list now, and from TorBox once it can’t be restored any more."""
    row = controllable_torrent(request, torrent_id)
    removed_at = controlling.remove(person=request.user, torrents=[row])
    until = removed_at + timedelta(seconds=settings.UNDO_SECONDS)
    return Status(202, Deleted(id=row.pk, restorable_until=until))


def _hide(request: ProgramRequest, torrent_id: int, *, hidden: bool) -> None:
    """Hide a torrent or show it to others. Raises `Problem` for an account that no one else sees."""
    row = hideable_torrent(request, torrent_id)
    if not visible_torrent(request, torrent_id).may_hide:
        raise Problem(Code.INVALID, errors=[field_problem("body", "hidden", "invalid")])
    if row.hidden != hidden:
        (hiding.hide if hidden else hiding.show)(row)


def _rows(person: User, ids: Sequence[int], *, includes_deleted: bool = False) -> list[Torrent]:
    """Return those of these torrents that the person may change."""
    rows = Torrent.objects.controllable_by(person).filter(pk__in=ids)
    rows = rows if includes_deleted else rows.listed()
    return list(rows.select_related("account", "added_by").order_by("pk"))


def _not_found(ids: Iterable[int], rows: Iterable[Torrent]) -> Problems:
    problem = details(Problem(Code.NOT_FOUND))
    return dict.fromkeys(lacking(ids, (row.pk for row in rows)), problem)


def _control(operation: str) -> Act:
    def act(person: User, rows: Sequence[Torrent]) -> Problems:
        controlling.control(person=person, torrents=rows, operation=operation)
        absent = [row.pk for row in rows if row.remote_id is None and row.queued_id is None]
        return dict.fromkeys(absent, details(Problem(Code.NOT_AT_TORBOX_YET)))

    return act


def _keep(kept: bool) -> Act:
    def act(person: User, rows: Sequence[Torrent]) -> Problems:
        keeping.keep(person=person, torrents=rows, kept=kept)
        return {}

    return act


def _delete(person: User, rows: Sequence[Torrent]) -> Problems:
    if rows:
        controlling.remove(person=person, torrents=rows)
    return {}


def _restore(person: User, rows: Sequence[Torrent]) -> Problems:
    controlling.restore([row for row in rows if row.removed_at])
    left = _rows(person, [row.pk for row in rows], includes_deleted=True)
    return dict.fromkeys((row.pk for row in left if row.removed_at), details(Problem(Code.DELETED)))


def _add_again(person: User, rows: Sequence[Torrent]) -> Problems:
    problems: Problems = {}
    for row in rows:
        if row.removed_at or row.status in ENDED:
            adding.add_again(person=person, torrent=row)
        else:
            problems[row.pk] = details(Problem(Code.NOT_ENDED))
    return problems


ACTS: dict[Operation, Act] = {
    **{
        one: _control(one.value)
        for one in (
            Operation.PAUSE,
            Operation.RESUME,
            Operation.REANNOUNCE,
            Operation.STOP_SEEDING,
            Operation.START,
        )
    },
    Operation.DELETE: _delete,
    Operation.RESTORE: _restore,
    Operation.ADD_AGAIN: _add_again,
    Operation.KEEP: _keep(kept=True),
    Operation.UNKEEP: _keep(kept=False),
}
