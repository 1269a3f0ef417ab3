"""The operations of controltorrent and controlqueued."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator import adding, lifecycle
from simulator.accounts import Account, QueueItem
from simulator.errors import Rejection
from simulator.lifecycle import Torrent
from simulator.state import State

Act = Callable[[State, Account, Torrent, float], None]


def control(state: State, account: Account, operation: str, torrent_id: int | None, everything: bool) -> None:
    act = _operation(state, operation)
    now = state.clock.now()
    for torrent in _targets(account, torrent_id, everything):
        act(state, account, torrent, now)


def _operation(state: State, name: str) -> Act:
    known = DOCUMENTED if not state.options.extra_operations else DOCUMENTED | EXTRA
    name = _spelled(state, name)
    if name not in known:
        raise Rejection("INVALID_OPTION", "Operation is not known.")
    return known[name]


def _spelled(state: State, name: str) -> str:
    return name.lower() if state.options.operations == "any_case" else name


def _targets(account: Account, torrent_id: int | None, everything: bool) -> list[Torrent]:
    if everything:
        return list(account.torrents.values())
    if torrent_id is None:
        raise Rejection("MISSING_REQUIRED_OPTION", "Give a torrent id or ask for all.")
    if torrent_id not in account.torrents:
        raise Rejection("ITEM_NOT_FOUND", "Item not found.")
    return [account.torrents[torrent_id]]


def delete(state: State, account: Account, torrent: Torrent, now: float) -> None:
    state.delete(account, torrent, now)


def pause(state: State, account: Account, torrent: Torrent, now: float) -> None:
    """Pause a torrent. A complete one stops seeding instead."""
    seen = lifecycle.view(torrent, now)
    if seen.finished:
        stop_seeding(state, account, torrent, now)
    elif seen.active:
        ran = torrent.elapsed(now)
        account.put(replace(torrent, started_at=None, ran=ran, changed_at=now, row={}))


def resume(state: State, account: Account, torrent: Torrent, now: float) -> None:
    """Resume a torrent. This also restarts a failed or incomplete one."""
    seen = lifecycle.view(torrent, now)
    failed = lifecycle.has_given_up(seen)
    if torrent.started_at is not None and not failed:
        return
    if len(account.active(now)) >= account.slots:
        raise Rejection("ACTIVE_LIMIT", "Active download limit reached.", adding.active_limit(account, now))
    _run_on(account, torrent, now, peers_back=failed)


def reannounce(state: State, account: Account, torrent: Torrent, now: float) -> None:
    """Reannounce a torrent. One that is active and lacks peers gets some again."""
    seen = lifecycle.view(torrent, now)
    if seen.active and seen.state in (lifecycle.STALLED, lifecycle.INCOMPLETE):
        _run_on(account, torrent, now, peers_back=True)


def lose_seeds(account: Account, torrent: Torrent, now: float, active: bool) -> None:
    """Leave a download incomplete for lack of seeds. It continues when it is resumed or finds some."""
    course = torrent.course
    done = min(max(torrent.elapsed(now) - course.meta, 0.0) / course.download, 1.0)
    state = lifecycle.INCOMPLETE
    course = replace(course, stall_at=done, waiting=state, fails=not active, failure=state)
    ran = course.stalled if active else course.failed
    account.put(replace(torrent, course=course, started_at=now, ran=ran, changed_at=now, row={}))


def find_seeds(account: Account, torrent: Torrent, now: float) -> None:
    """Let a stalled, failed, or incomplete download go on, as when someone seeds it again."""
    _run_on(account, torrent, now, peers_back=True)


def _run_on(account: Account, torrent: Torrent, now: float, peers_back: bool) -> None:
    course = torrent.course
    ran = min(torrent.elapsed(now), course.stalled)
    if peers_back:
        course = replace(course, stall_at=None, waiting=lifecycle.STALLED, fails=False)
    account.put(replace(torrent, course=course, started_at=now, ran=ran, changed_at=now, row={}))


def stop_seeding(state: State, account: Account, torrent: Torrent, now: float) -> None:
    """Free the slot without deleting. Before the download has finished this means not to seed."""
    if torrent.cached_at is not None:
        return
    seeded = max(0.0, torrent.elapsed(now) - torrent.course.present)
    seed = min(torrent.course.seed, seeded)
    account.put(replace(torrent, course=replace(torrent.course, seed=seed), changed_at=now, row={}))


def recheck(state: State, account: Account, torrent: Torrent, now: float) -> None:
    """Check a torrent, which always succeeds."""


DOCUMENTED: dict[str, Act] = {"reannounce": reannounce, "delete": delete, "resume": resume}
EXTRA: dict[str, Act] = {"pause": pause, "stop_seeding": stop_seeding, "recheck": recheck}


def control_queue(
    state: State, account: Account, operation: str, queued_id: int | None, everything: bool
) -> None:
    operation = _spelled(state, operation)
    if operation not in ("delete", "start") or (operation == "start" and everything):
        raise Rejection("INVALID_OPTION", "Operation is not known.")
    items = _queued(account, queued_id, everything)
    if operation == "delete":
        account.queue = [item for item in account.queue if item not in items]
        return
    _start(state, account, items[0])


def _queued(account: Account, queued_id: int | None, everything: bool) -> list[QueueItem]:
    if everything:
        return list(account.queue)
    found = [item for item in account.queue if item.id == queued_id]
    if not found:
        raise Rejection("ITEM_NOT_FOUND", "Item not found.")
    return found


def _start(state: State, account: Account, item: QueueItem) -> None:
    now = state.clock.now()
    cached = state.is_cached(item.addition.work.info_hash, now)
    if not cached and len(account.active(now)) >= account.slots:
        raise Rejection("ACTIVE_LIMIT", "Active download limit reached.", adding.active_limit(account, now))
    account.queue.remove(item)
    state.new_torrent(account, item.addition, now)
