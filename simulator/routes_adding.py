"""The routes of createtorrent, asynccreatetorrent, checkcached, and torrentinfo."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from simulator import adding, content_library, lifecycle, magnets, names, params, rows, wire
from simulator.accounts import Account, Addition
from simulator.content_library import Work
from simulator.errors import Invalid, Rejection, Unreadable
from simulator.forms import form, upload
from simulator.params import Fields, to_bool, to_int, to_str
from simulator.wire import Request, Response
from simulator.world import Simulator

FOUND_CACHED = "Found Cached Torrent. Using Cached Torrent."
MAX_HASHES = 100
"""Limit of a GET. The switch `checkcached_post` sets that of a POST."""


def createtorrent(sim: Simulator, request: Request, account: Account) -> Response:
    """Add a torrent. The budget is charged before anything is rejected (docs/torbox-api.md#limits)."""
    addition, refused = _understood(sim, request)
    cached = addition is not None and sim.state.is_cached(addition.work.info_hash, sim.clock.now())
    headers = sim.limits.create(request.bearer or "", cached, sim.clock.now())
    if addition is None:
        raise refused or Rejection("UNKNOWN_ERROR", "Unknown error.")
    added = adding.add(sim.state, account, addition, sim.clock.now())
    data = None if sim.options.null_create_data else _created(added)
    return wire.success(sim.options, _detail(added), data, headers)


def _understood(sim: Simulator, request: Request) -> tuple[Addition | None, Exception | None]:
    try:
        return _addition(sim, form(request)), None
    except (Rejection, Invalid, Unreadable) as error:
        return None, error


def asynccreatetorrent(sim: Simulator, request: Request, account: Account) -> Response:
    """Add a torrent later. The response is the same whether or not that succeeds."""
    addition = _addition(sim, form(request))
    cached = sim.state.is_cached(addition.work.info_hash, sim.clock.now())
    headers = sim.limits.create(request.bearer or "", cached, sim.clock.now())
    with contextlib.suppress(Rejection):
        adding.add(sim.state, account, addition, sim.clock.now())
    data = {"hash": addition.work.info_hash, "auth_id": account.auth_id}
    return wire.success(
        sim.options, "Torrent accepted.", data if sim.options.async_data == "object" else None, headers
    )


def _addition(sim: Simulator, fields: Fields) -> Addition:
    seed = fields.get("seed", to_int, 1)
    options: dict[str, Any] = {
        "allow_zip": fields.get("allow_zip", to_bool, True),
        "as_queued": fields.get("as_queued", to_bool, False),
        "only_if_cached": fields.get("add_only_if_cached", to_bool, False),
        "name": fields.maybe("name", to_str) or None,
    }
    magnet = fields.maybe("magnet", to_str)
    fields.check()
    if seed not in (1, 2, 3):
        raise Rejection("INVALID_OPTION", "Seed is 1, 2 or 3.")
    data = upload(fields, "file")
    if data and magnet:
        raise Rejection("TOO_MANY_OPTIONS", "Give either a file or a magnet, not both.")
    return _asked(sim, data, magnet, seed, options)


def _asked(
    sim: Simulator, data: bytes | None, magnet: str | None, seed: int, options: dict[str, Any]
) -> Addition:
    if data:
        return Addition(_from_file(sim, data), uploaded=True, seed=seed, **options)
    if not magnet:
        raise Rejection("MISSING_REQUIRED_OPTION", "Give either a file or a magnet.")
    parsed = magnets.parse(magnet)
    if parsed is None:
        raise Rejection("BOZO_TORRENT", "Magnet is not valid.")
    work = content_library.renamed(sim.state.work(parsed.info_hash, parsed.name), parsed.name)
    return Addition(work, magnet=magnet, seed=seed, **options)


def _from_file(sim: Simulator, data: bytes) -> Work:
    try:
        work = content_library.from_torrent(data)
    except ValueError:
        raise Rejection("BOZO_TORRENT", "Torrent is not valid.") from None
    known = sim.state.work(work.info_hash)
    return known if known.torrent_bytes is not None else work


def _created(added: adding.Added) -> dict[str, Any]:
    place = {"torrent_id": added.torrent_id} if added.queued_id is None else {"queued_id": added.queued_id}
    return {**place, "hash": added.info_hash, "auth_id": added.auth_id}


def _detail(added: adding.Added) -> str:
    if added.queued_id is not None:
        return "Torrent queued."
    return FOUND_CACHED if added.cached else "Torrent added."


def checkcached(sim: Simulator, request: Request, account: Account | None) -> Response:
    fields = params.query(request)
    shape = fields.get("format", to_str, "object")
    list_files = fields.get("list_files", to_bool, False)
    fields.check()
    if shape not in ("object", "list"):
        raise Rejection("INVALID_OPTION", "Format is object or list.")
    hashes = _asked_hashes(request)
    if not hashes:
        raise Rejection("MISSING_REQUIRED_OPTION", "Give at least one hash.")
    most = MAX_HASHES if request.method == "GET" else int(sim.options.checkcached_post)
    found = [_cached_row(sim, hash_, list_files) for hash_ in hashes[:most] if sim.cached_answer(hash_)]
    return wire.success(sim.options, "Cache status retrieved.", _cached_data(sim, found, shape))


def _asked_hashes(request: Request) -> list[str]:
    if request.method == "POST":
        fields = params.json_body(request)
        none: list[str] = []
        texts = fields.need("hashes", params.to_strings, none)
        fields.check()
    else:
        texts = [part for value in request.params("hash") for part in value.split(",")]
    return list(dict.fromkeys(text.strip().lower() for text in texts if text.strip()))


def _cached_row(sim: Simulator, info_hash: str, list_files: bool) -> dict[str, Any]:
    work = sim.state.work(info_hash)
    row: dict[str, Any] = {
        "name": work.name, "size": work.size, "hash": rows.shown_hash(info_hash, sim.options)
    }  # fmt: skip
    return row | {"files": _cached_files(sim, work)} if list_files else row


def _cached_files(sim: Simulator, work: Work) -> list[dict[str, Any]]:
    return [
        {
            "id": id_,
            "name": file.path,
            "short_name": file.path.rpartition("/")[2],
            "size": file.size,
            "mimetype": names.mime(file.path),
        }
        for id_, file in zip(rows.file_ids(work, sim.options), work.files, strict=True)
    ]


def _cached_data(sim: Simulator, found: list[dict[str, Any]], shape: str) -> Any:
    if not found:
        return {"null": None, "object": {}, "list": []}[sim.options.cache_miss]
    return found if shape == "list" else {row["hash"].lower(): row for row in found}


def torrentinfo(sim: Simulator, request: Request, account: Account | None) -> Response:
    fields = params.query(request) if request.method == "GET" else form(request)
    if request.method == "GET":
        fields.need("hash", to_str, "")
    timeout = fields.get("timeout", to_int, sim.options.info_timeout if request.method == "GET" else 10)
    fields.get("use_cache_lookup", to_bool, False)
    peers_only = fields.get("peers_only", to_bool, False)
    work = _info_work(sim, fields)
    if not _can_tell(sim, work):
        late = Rejection(sim.options.info_timeout_error, f"No peers responded within {timeout} seconds.")
        return replace(wire.refusal(sim.options, late), delay=sim.options.info_delay)
    return wire.success(sim.options, "Torrent metadata retrieved.", _info(work, peers_only))


def _info_work(sim: Simulator, fields: Fields) -> Work:
    """Return the work by hash, else by magnet, else by file."""
    text, magnet = fields.maybe("hash", to_str), fields.maybe("magnet", to_str)
    fields.check()
    data = upload(fields, "file")
    if text:
        return sim.state.work(_checked_hash(text))
    if magnet:
        parsed = magnets.parse(magnet)
        return sim.state.work(_checked_hash(parsed.info_hash if parsed else ""))
    if data:
        return _from_file(sim, data)
    raise Rejection("MISSING_REQUIRED_OPTION", "Give a hash, a magnet or a file.")


def _checked_hash(text: str) -> str:
    info_hash = magnets.info_hash(text)
    if info_hash is None:
        raise Rejection("BOZO_TORRENT", "Hash is not valid.")
    return info_hash


def _can_tell(sim: Simulator, work: Work) -> bool:
    """Return whether a work is known: from the catalogue, its .torrent, the cache, or a torrent with metadata."""
    info_hash, now = work.info_hash, sim.clock.now()
    if work.torrent_bytes or info_hash in sim.state.cache or sim.options.info_unknown == "invent":
        return True
    if info_hash not in sim.state.seen:
        return info_hash in sim.state.works
    holders = (sim.state.accounts[auth_id] for auth_id in sim.state.holders[info_hash])
    held = (account.torrent_for(info_hash) for account in holders)
    return any(lifecycle.view(torrent, now).known for torrent in held if torrent)


def _info(work: Work, peers_only: bool) -> dict[str, Any]:
    number = int(work.info_hash[-6:], 16)
    swarm = {"seeds": 3 + number % 180, "peers": 1 + number // 180 % 40}
    if peers_only:
        return {"hash": work.info_hash, **swarm}
    listed = [{"name": file.path, "size": file.size} for file in work.files]
    return {
        "name": work.name,
        "hash": work.info_hash,
        "size": work.size,
        "trackers": list(work.trackers),
        **swarm,
        "files": listed,
    }
