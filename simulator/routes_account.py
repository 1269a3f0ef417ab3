"""The routes of user/me, the queue, up, stats, and retired endpoints."""

from __future__ import annotations

from typing import Any

from simulator import controlling, lifecycle, params, rows, usage, wire
from simulator.accounts import FREE, Account, QueueItem
from simulator.errors import Rejection
from simulator.malformed_lists import GETQUEUED
from simulator.params import to_bool, to_int, to_str
from simulator.wire import Request, Response
from simulator.world import Simulator

STATS_DAYS = 30


def me(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.query(request)
    with_settings = fields.get("settings", to_bool, False)
    fields.check()
    data = _user(sim, account)
    if with_settings:
        data["settings"] = SETTINGS | account.settings
    return wire.success(sim.options, "User data retrieved.", data)


SETTINGS: dict[str, Any] = {
    "seed_torrents": 1,
    "allow_zipped": True,
    "append_filename_to_links": False,
    "email_notifications": True,
    "web_notifications": True,
}


def _user(sim: Simulator, account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "auth_id": account.auth_id,
        "created_at": rows.when(account.created_at, sim.options),
        "updated_at": rows.when(sim.clock.now(), sim.options),
        "plan": account.plan,
        "total_downloaded": account.torrents_downloaded,
        "customer": None if account.plan == FREE else f"cus_{account.auth_id[:8]}",
        "is_subscribed": account.plan != FREE,
        "premium_expires_at": rows.when(account.premium_expires_at, sim.options),
        "cooldown_until": rows.when(account.cooldown_until, sim.options),
        "email": account.email,
        "user_referral": account.auth_id,
        "base_email": account.email,
        "total_bytes_downloaded": account.bytes_downloaded,
        "total_bytes_uploaded": account.bytes_downloaded // 50,
        "torrents_downloaded": account.torrents_downloaded,
        "web_downloads_downloaded": 0,
        "usenet_downloads_downloaded": 0,
        "additional_concurrent_slots": account.additional_slots,
        "long_term_seeding": False,
        "long_term_storage": False,
        "is_vendor": False,
        "vendor_id": None,
        "purchases_referred": 0,
    }


def getqueued(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.query(request)
    kind = fields.get("type", to_str, "torrent")
    queued_id = fields.maybe("id", to_int)
    bypass = fields.get("bypass_cache", to_bool, False)
    offset, limit = fields.get("offset", to_int, 0), fields.get("limit", to_int, 1000)
    fields.check()
    # A single id is looked up in all of them.
    start = max(0, offset) if queued_id is None else 0
    items = sim.listing.queue(account, bypass, sim.clock.now(), start) if kind == "torrent" else ()
    found = [_queue_row(sim, account, item) for item in items]
    if queued_id is not None:
        return _one_queued(sim, found, queued_id)
    page = found[: max(0, min(limit, 1000))]
    empty_as_null = None if sim.options.empty_list_null and not page else page
    return wire.success(sim.options, "Queued downloads retrieved.", empty_as_null)


def _queue_row(sim: Simulator, account: Account, item: QueueItem) -> dict[str, Any]:
    odd = sim.listing.oddities.values(account.auth_id, GETQUEUED, item.addition.work.info_hash)
    return rows.queue_row(item, account.auth_id, sim.options) | odd


def _one_queued(sim: Simulator, found: list[dict[str, Any]], queued_id: int) -> Response:
    row = next((row for row in found if row["id"] == queued_id), None)
    if row is None:
        raise Rejection("ITEM_NOT_FOUND", "Item not found.")
    return wire.success(sim.options, "Queued download retrieved.", row)


def controlqueued(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.json_body(request)
    operation = fields.need("operation", to_str, "")
    queued_id = fields.maybe("queued_id", to_int)
    everything = fields.get("all", to_bool, False)
    fields.check()
    controlling.control_queue(sim.state, account, operation, queued_id, everything)
    return wire.success(sim.options, "Operation done.", None)


def retired(sim: Simulator, request: Request, account: Account | None) -> Response:
    raise Rejection("DEPRECATED", "Use the queued endpoint.")


def up(sim: Simulator, request: Request, account: Account | None) -> Response:
    return wire.success(sim.options, "Service is up.", None)


def stats(sim: Simulator, request: Request, account: Account | None) -> Response:
    now = sim.clock.now()
    seen = [(torrent, lifecycle.view(torrent, now)) for _, torrent in sim.state.rows()]
    done = sum(torrent.work.size for torrent, view in seen if view.finished)
    data = {
        "total_users": len(sim.state.accounts),
        "total_servers": 12,
        "total_downloads": len(seen),
        "total_torrent_downloads": len(seen),
        "total_bytes_downloaded": done,
        "total_bytes_uploaded": done // 50,
        "active_torrents": sum(view.active for _, view in seen),
    }
    return wire.success(sim.options, "Statistics retrieved.", data)


def user_stats(sim: Simulator, request: Request, account: Account) -> Response:
    """Return the usage of an account (docs/torbox-api.md#user-statistics)."""
    fields = params.query(request)
    general = fields.maybe("general", to_bool)
    bandwidth = fields.get("bandwidth", to_bool, False)
    grouping = fields.get("bandwidth_grouping", to_str, "day")
    fields.check()
    alone = general is not None and set(fields.values) == {"general"}
    if alone or general is False or sim.options.user_stats == "unknown_error":
        raise Rejection("UNKNOWN_ERROR", "Unknown error.")
    if grouping not in ("day", "week"):
        raise Rejection("INVALID_OPTION", "Bandwidth grouping is day or week.")
    now = sim.clock.now()
    data: dict[str, Any] = {"general": _airlock(account, now)}
    if sim.options.user_stats == "missing_general":
        data = {}
    shown = bandwidth and sim.options.user_stats != "null_bandwidth"
    data["bandwidth"] = _bandwidth(sim, account, now, grouping) if shown else None
    return wire.success(sim.options, "Statistics retrieved.", data)


def _airlock(account: Account, now: float) -> dict[str, int]:
    return {
        "airlocked_downloads": account.airlock_used,
        "airlock_storage_limit": account.airlock_limit(now),
    }


def _bandwidth(sim: Simulator, account: Account, now: float, grouping: str) -> list[dict[str, Any]]:
    """Return a row for each period, oldest first. No source names the field with its day, so `date` is a guess."""
    found = sim.usage.days(account.auth_id, now, STATS_DAYS)
    found = usage.by_week(found) if grouping == "week" else found
    return [
        {
            "date": day.isoformat(),
            "bytes_downloaded": traffic.downloaded,
            "bytes_uploaded": traffic.uploaded,
        }
        for day, traffic in found
        if sim.options.usage_days == "all" or any(traffic)
    ]


def inactivecheck(sim: Simulator, request: Request, account: Account | None) -> Response:
    """Return the relay's response, which has no envelope (docs/torbox-api.md#relay)."""
    auth_id, _, torrent_id = request.path.rpartition("/inactivecheck/torrent/")[2].partition("/")
    owner = sim.state.accounts.get(auth_id)
    known = owner.torrents if owner else {}
    torrent = next((known[id_] for id_ in known if str(id_) == torrent_id), None)
    if torrent is None:
        return wire.json_response({"status": False, "message": "Item not found."}, 404)
    return wire.json_response({"status": True, "message": "Update requested."})
