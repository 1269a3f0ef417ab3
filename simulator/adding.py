"""What TorBox does with a create call: duplicate, cached, started, queued, or rejected."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator import lifecycle
from simulator.accounts import FREE, PLANS, PRO, Account, Addition
from simulator.clock import stamp
from simulator.errors import Rejection
from simulator.lifecycle import Torrent
from simulator.state import State


@dataclass(frozen=True)
class Added:
    info_hash: str
    auth_id: str
    torrent_id: int | None = None
    queued_id: int | None = None
    cached: bool = False
    duplicate: bool = False


def add(state: State, account: Account, addition: Addition, now: float) -> Added:
    found = _already_there(state, account, addition, now)
    if found is not None:
        return found
    _check_account(state, account, now)
    _check_size(state, account, addition)
    cached = state.is_cached(addition.work.info_hash, now)
    if addition.only_if_cached and not cached:
        raise Rejection(state.options.only_if_cached_refusal, "Torrent is not cached.")
    added = _place(state, account, addition, now, cached)
    _count(state, account, addition, now)
    return added


def _place(state: State, account: Account, addition: Addition, now: float, cached: bool) -> Added:
    full = len(account.active(now)) >= account.slots
    if not cached and full and state.options.no_slot == "active_limit" and not addition.as_queued:
        raise Rejection("ACTIVE_LIMIT", "Active download limit reached.", active_limit(account, now))
    if not cached and (full or (addition.as_queued and account.plan != FREE)):
        item = state.enqueue(account, addition, now)
        return Added(addition.work.info_hash, account.auth_id, queued_id=item.id)
    return _started(state.new_torrent(account, addition, now))


def _started(torrent: Torrent, duplicate: bool = False) -> Added:
    cached = torrent.cached_at is not None
    return Added(torrent.work.info_hash, torrent.auth_id, torrent.id, cached=cached, duplicate=duplicate)


def active_limit(account: Account, now: float) -> dict[str, int]:
    return {"active_limit": account.slots, "current_active_downloads": len(account.active(now))}


def _already_there(state: State, account: Account, addition: Addition, now: float) -> Added | None:
    if account.queued_for(addition.work.info_hash):
        state.repeated[account.auth_id, addition.work.info_hash] += 1
        raise Rejection("DIFF_ISSUE", "Torrent already queued.")
    torrent = account.torrent_for(addition.work.info_hash)
    if torrent is None:
        return None
    seen = lifecycle.view(torrent, now)
    if seen.state == "expired" or lifecycle.has_given_up(seen):
        return _again(state, account, torrent, now)
    state.repeated[account.auth_id, addition.work.info_hash] += 1
    if _refuses_duplicate(state, seen):
        raise Rejection("DUPLICATE_ITEM", "This torrent is already on the account.")
    return _started(torrent, duplicate=True)


def _refuses_duplicate(state: State, seen: lifecycle.View) -> bool:
    rule = state.options.duplicate
    return bool(rule == "error" or (rule == "by_state" and not seen.present))


def _again(state: State, account: Account, torrent: Torrent, now: float) -> Added:
    """Restart a purged or failed item under its old id."""
    cached = state.is_cached(torrent.work.info_hash, now)
    if not cached and len(account.active(now)) >= account.slots:
        raise Rejection("ACTIVE_LIMIT", "Active download limit reached.", active_limit(account, now))
    course = lifecycle.course_for(torrent.work, state.options, torrent.seed)
    fresh = replace(
        torrent, course=course, started_at=now, ran=0.0, changed_at=now,
        cached_at=now if cached else None, row={},
    )  # fmt: skip
    account.put(fresh)
    state.accepted[account.auth_id, torrent.work.info_hash] += 1
    return _started(fresh)


def _check_account(state: State, account: Account, now: float) -> None:
    if account.cooldown_until is not None and account.cooldown_until > now:
        data = {"cooldown_until": stamp(account.cooldown_until), "current_time": stamp(now)}
        raise Rejection("COOLDOWN_LIMIT", "Account is on cooldown.", data)
    limit = account.monthly_limit
    if limit is None and account.plan == FREE:
        limit = int(state.options.free_monthly)
    if limit is not None and account.monthly_used >= limit:
        data_used = {"monthly_limit": limit, "current_downloads": account.monthly_used}
        raise Rejection("MONTHLY_LIMIT", "Monthly download limit reached.", data_used)


def _check_size(state: State, account: Account, addition: Addition) -> None:
    most = state.options.pro_max_bytes if account.plan == PRO else PLANS[account.plan].max_bytes
    if addition.work.size > most:
        raise Rejection("DOWNLOAD_TOO_LARGE", "Item is larger than the plan allows.")


def _count(state: State, account: Account, addition: Addition, now: float) -> None:
    state.accepted[account.auth_id, addition.work.info_hash] += 1
    account.monthly_used += 1
    account.torrents_downloaded += 1
    account.bytes_downloaded += addition.work.size
    if account.plan == FREE:
        account.cooldown_until = now + state.options.free_cooldown
