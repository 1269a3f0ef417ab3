"""The routes of mylist, controltorrent, requestdl, exportdata, edittorrent, and magnettofile."""

from __future__ import annotations

import json
from urllib.parse import quote

from simulator import content_library, controlling, editing, lifecycle, magnets, params, rows, wire
from simulator.accounts import Account
from simulator.content_library import Work
from simulator.errors import Rejection
from simulator.lifecycle import Torrent
from simulator.malformed_lists import MYLIST
from simulator.params import to_bool, to_int, to_str, to_strings
from simulator.wire import Request, Response
from simulator.world import Simulator

PAGE = 1000


def mylist(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.query(request)
    torrent_id = fields.maybe("id", to_int)
    bypass = fields.get("bypass_cache", to_bool, False)
    offset, limit = fields.get("offset", to_int, 0), fields.get("limit", to_int, PAGE)
    fields.check()
    if torrent_id is not None:
        return _single(sim, account, torrent_id, bypass)
    return _page(sim, account, bypass, max(0, offset), max(0, min(limit, PAGE)))


def _single(sim: Simulator, account: Account, torrent_id: int, bypass: bool) -> Response:
    at, torrent = sim.listing.one(account, torrent_id, bypass, sim.clock.now())
    if torrent is not None:
        text = _row(sim, account, torrent, at)
        return wire.success_raw(sim.options, "Torrent retrieved.", text)
    if sim.options.missing_id == "404":
        raise Rejection("ITEM_NOT_FOUND", "Item not found.")
    data: list[str] | None = None if sim.options.missing_id == "null" else []
    return wire.success(sim.options, "Torrent retrieved.", data)


def _page(sim: Simulator, account: Account, bypass: bool, offset: int, limit: int) -> Response:
    at, torrents = sim.listing.torrents(account, bypass, sim.clock.now(), offset)
    extra = 1 if sim.options.list_extra_row else 0
    page = torrents[: limit + extra]
    if not page and sim.options.empty_list_null:
        return wire.success(sim.options, "Torrent list retrieved.", None)
    text = ",".join([_row(sim, account, torrent, at) for torrent in page])
    return wire.success_raw(sim.options, "Torrent list retrieved.", f"[{text}]")


def _row(sim: Simulator, account: Account, torrent: Torrent, at: float) -> str:
    text = rows.torrent_text(torrent, at, sim.options)
    odd = sim.listing.oddities.values(account.auth_id, MYLIST, torrent.work.info_hash)
    return json.dumps(json.loads(text) | odd) if odd else text


def controltorrent(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.json_body(request)
    operation = fields.need("operation", to_str, "")
    torrent_id = fields.maybe("torrent_id", to_int)
    everything = fields.get("all", to_bool, False)
    fields.check()
    controlling.control(sim.state, account, operation, torrent_id, everything)
    return wire.success(sim.options, "Operation done.", None)


def _owned(account: Account, torrent_id: int) -> Torrent:
    torrent = account.torrents.get(torrent_id)
    if torrent is None:
        raise Rejection("ITEM_NOT_FOUND", "Item not found.")
    return torrent


def requestdl(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.query(request)
    fields.need("token", to_str, "")
    torrent_id = fields.need("torrent_id", to_int, 0)
    file_id = fields.get("file_id", to_int, 0)
    whole = fields.get("zip_link", to_bool, False)
    named = fields.get("append_name", to_bool, False)
    as_torrent = fields.get("torrent_file", to_bool, False)
    redirect = fields.get("redirect", to_bool, False)
    user_ip = fields.maybe("user_ip", to_str)
    fields.check()
    torrent = _owned(account, torrent_id)
    if user_ip:
        account.user_ips = [*account.user_ips[-49:], user_ip]
    if as_torrent and sim.options.requestdl_torrent_file:
        url = _torrent_link(sim, torrent)
    else:
        url = _content_link(sim, torrent, None if whole else file_id)
    origin = sim.options.links_at or request.origin
    return _link_answer(sim, origin + (_with_name(url, sim) if named else url), redirect)


def _torrent_link(sim: Simulator, torrent: Torrent) -> str:
    work = _work_with_file(sim, torrent)
    if work.torrent_bytes is None:
        raise Rejection("ITEM_NOT_FOUND", "No torrent file is kept for this item.")
    return sim.cdn.link("torrent", torrent, work, f"{work.name}.torrent")


def _content_link(sim: Simulator, torrent: Torrent, file_id: int | None) -> str:
    if not lifecycle.view(torrent, sim.clock.now()).present:
        raise Rejection("DIFF_ISSUE", "Download is not ready yet.")
    work = torrent.work
    if file_id is None:
        return sim.cdn.link("zip", torrent, work, f"{torrent.name or work.name}.zip")
    ids = rows.file_ids(work, sim.options)
    if file_id not in ids:
        raise Rejection("ITEM_NOT_FOUND", "File not found.")
    return sim.cdn.link("dld", torrent, work, work.files[ids.index(file_id)].path)


def _with_name(url: str, sim: Simulator) -> str:
    head, _, token = url.partition("?")
    return f"{head}/{quote(sim.cdn.file_name(url))}?{token}"


def _link_answer(sim: Simulator, url: str, redirect: bool) -> Response:
    if redirect:
        return Response(int(sim.options.redirect_status), b"", {"location": url})
    return wire.success(sim.options, "Link created.", url)


def _work_with_file(sim: Simulator, torrent: Torrent) -> Work:
    """Return the work with its own .torrent, or one learned since."""
    known = sim.state.work(torrent.work.info_hash)
    return torrent.work if torrent.work.torrent_bytes is not None else known


def exportdata(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.query(request)
    torrent_id = fields.need("torrent_id", to_int, 0)
    kind = fields.get("type", to_str, "magnet")
    fields.check()
    if kind not in ("magnet", "file"):
        raise Rejection("INVALID_OPTION", "Type is magnet or file.")
    torrent = _owned(account, torrent_id)
    if torrent.cached_at is not None:
        raise Rejection(sim.options.export_refusal, "Cached items cannot be exported.")
    if kind == "file":
        return _export_file(sim, torrent)
    return wire.success(sim.options, "Exported.", _exported_magnet(sim, torrent))


def _exported_magnet(sim: Simulator, torrent: Torrent) -> str:
    """Build a magnet with the trackers the torrent was added with, or those of its .torrent."""
    work = torrent.work
    name = work.name if lifecycle.view(torrent, sim.clock.now()).known else None
    added = magnets.parse(torrent.magnet) if torrent.magnet else None
    trackers = added.trackers if added else work.trackers
    return magnets.build(work.info_hash, name, trackers if sim.options.export_trackers else ())


def _export_file(sim: Simulator, torrent: Torrent) -> Response:
    work = _work_with_file(sim, torrent)
    known = lifecycle.view(torrent, sim.clock.now()).known
    if work.torrent_bytes is None and known and sim.options.export_any_file:
        work = content_library.with_stand_in(work)
    if work.torrent_bytes is None:
        raise Rejection(sim.options.export_refusal, "Item cannot be exported as a file.")
    return torrent_answer(work, sim.options.export_type)


def torrent_answer(work: Work, content_type: str) -> Response:
    headers = {
        "content-type": content_type,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(work.name, safe='')}.torrent",
    }
    return Response(200, work.torrent_bytes or b"", headers)


def edittorrent(sim: Simulator, request: Request, account: Account) -> Response:
    fields = params.json_body(request)
    torrent_id = fields.need("torrent_id", to_int, 0)
    name = fields.maybe("name", to_str)
    tags = fields.maybe("tags", to_strings)
    hashes = fields.maybe("alternative_hashes", to_strings)
    airlocked = fields.maybe("airlocked", to_bool)
    fields.check()
    edit = editing.Edit(name, tags, hashes, airlocked)
    editing.edit(sim.state, account, _owned(account, torrent_id), edit)
    return wire.success(sim.options, "Torrent changed.", None)


def magnettofile(sim: Simulator, request: Request, account: Account | None) -> Response:
    fields = params.json_body(request)
    text = fields.need("magnet", to_str, "")
    fields.check()
    magnet = magnets.parse(text)
    if magnet is None:
        raise Rejection("BOZO_TORRENT", "Magnet is not valid.")
    work = sim.state.work(magnet.info_hash, magnet.name)
    if work.torrent_bytes is None:
        raise Rejection(sim.options.info_timeout_error, "No peer had the metadata in time.")
    return torrent_answer(work, "application/x-bittorrent")
