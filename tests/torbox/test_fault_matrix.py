"""Every method of the client against everything that can go wrong on the way."""

from __future__ import annotations

import gzip
import inspect
import json
import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from tests.torbox.support import KEY, Reply, Server, client_of, ok, refusal
from torbox import (
    AuthError,
    Client,
    Malformed,
    RateLimited,
    Refused,
    TooLarge,
    TorBoxError,
    Unavailable,
    Unreachable,
)

HASH = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"
MAGNET = f"magnet:?xt=urn:btih:{HASH}"

CALLS: dict[str, Callable[[Client], Any]] = {
    "create_torrent": lambda c: c.create_torrent(magnet=MAGNET),
    "create_torrent_async": lambda c: c.create_torrent_async(file=b"d1:ai1ee"),
    "control_torrent": lambda c: c.control_torrent("pause", torrent_id=1),
    "control_queued": lambda c: c.control_queued("start", queued_id=1),
    "edit_torrent": lambda c: c.edit_torrent(1, name="x", tags=[], alternative_hashes=[], airlocked=False),
    "request_download": lambda c: c.request_download(torrent_id=1, file_id=0),
    "request_torrent_file": lambda c: c.request_torrent_file(1),
    "list_torrents": lambda c: c.list_torrents(),
    "list_changes": lambda c: c.list_changes({}),
    "list_page": lambda c: c.list_page(),
    "get_torrent": lambda c: c.get_torrent(1),
    "list_queued": lambda c: c.list_queued(),
    "user": lambda c: c.user(),
    "usage_stats": lambda c: c.usage_stats(),
    "check_cached": lambda c: c.check_cached([HASH]),
    "check_cached_get": lambda c: c.check_cached_get([HASH]),
    "export_magnet": lambda c: c.export_magnet(1),
    "export_file": lambda c: c.export_file(1),
    "torrent_info": lambda c: c.torrent_info(HASH),
    "torrent_info_from": lambda c: c.torrent_info_from(magnet=MAGNET),
    "magnet_to_file": lambda c: c.magnet_to_file(MAGNET),
}
LISTS = {"list_torrents", "list_changes", "list_page", "list_queued"}
NO_DATA_EXPECTED = {"control_torrent", "control_queued", "edit_torrent"}
#: Everything in their answer may be missing, so any object is one.
LENIENT = {"usage_stats"}
#: Slow by nature: they wait longer than the read time-out, see test_slow_calls_get_their_time.
PATIENT = {"magnet_to_file", "torrent_info", "torrent_info_from"}

FAULTS: dict[str, tuple[Reply, type[TorBoxError], bool]] = {
    "dropped": (Reply(fault="drop"), Unreachable, True),
    "stalled": (Reply(fault="stall"), Unreachable, True),
    "body cut short": (Reply(body=b'{"success": true, "da', fault="truncate"), Unreachable, True),
    "json cut short": (Reply(body=b'{"success": true, "da'), Malformed, True),
    "empty": (Reply(), Malformed, True),
    "redirect": (Reply(307, headers={"Location": "/elsewhere"}), Malformed, True),
    "page from the gateway": (Reply(502, b"<html>Bad Gateway</html>"), Unavailable, True),
    "500 of TorBox": (refusal("UNKNOWN_ERROR", status=500), Unavailable, False),
    "500 of something else": (Reply(500, b"oops"), Unavailable, True),
    "429 silent": (Reply(429, b'{"detail":"60 per 1 hour"}'), RateLimited, False),
    "429 with headers": (Reply(429, b"{}", {"Retry-After": "9"}), RateLimited, False),
    "key not accepted": (refusal("BAD_TOKEN", status=403), AuthError, False),
    "plan too small": (refusal("PLAN_RESTRICTED_FEATURE", status=403), Refused, False),
    "validation": (Reply(422, b'{"detail":[{"loc":["body"],"msg":"bad"}]}'), Refused, False),
    "key echoed": (refusal("BAD_TOKEN", f"The token {KEY} is invalid", 403, KEY), AuthError, False),
}


def failure_of(url: str, method: str, **options: Any) -> TorBoxError:
    with client_of(url, **options) as client, pytest.raises(TorBoxError) as caught:
        CALLS[method](client)
    assert_silent_about_the_key(caught.value)
    return caught.value


def assert_silent_about_the_key(error: TorBoxError) -> None:
    """Neither the error, nor what it keeps, nor any error behind it may hold the key."""
    assert error.__context__ is None
    assert error.__cause__ is None
    told = [repr(error), str(error), repr(error.args), repr(vars(error)), *traceback.format_exception(error)]
    assert KEY not in "".join(told)


def test_the_matrix_knows_every_method() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert methods - {"close"} == set(CALLS)


@pytest.mark.parametrize(
    ("method", "fault"),
    [(m, f) for m in CALLS for f in FAULTS if (f, m) not in {("stalled", slow) for slow in PATIENT}],
)
def test_a_fault_becomes_its_error(server: Server, method: str, fault: str) -> None:
    reply, kind, maybe_done = FAULTS[fault]
    server.will(reply)
    error = failure_of(server.url, method, timeout=(2, 0.1 if fault == "stalled" else 5))
    assert (type(error), error.maybe_done) == (kind, maybe_done)


@pytest.mark.parametrize("where", [0, 1, 190, 470, 495, 1990])
def test_no_part_of_the_key_is_left_at_a_cut(server: Server, where: int) -> None:
    text = "x" * where + KEY
    server.will(refusal("INVALID_OPTION", text, data={"echo": text}))
    error = failure_of(server.url, "user")
    server.will(Reply(422, json.dumps({"detail": [{"loc": ["q"], "msg": text}]}).encode()))
    told = repr(vars(error)) + repr(vars(failure_of(server.url, "user")))
    assert KEY[:6] not in told


@pytest.mark.parametrize("method", CALLS)
def test_a_refused_connection_did_nothing(method: str) -> None:
    error = failure_of(closed_port(), method)
    assert (type(error), error.maybe_done) == (Unreachable, False)


@pytest.mark.parametrize(
    ("method", "data"),
    [
        (method, data)
        for method in sorted(set(CALLS) - NO_DATA_EXPECTED)
        for data in (5, "text", [5], [None], {"id": "x", "hash": 5}, True)
        if not (method in LISTS and isinstance(data, list))  # a list of rows that are left out
        and not (method in LENIENT and isinstance(data, dict))
    ],
    ids=repr,
)
def test_data_of_another_type_is_malformed(server: Server, method: str, data: Any) -> None:
    server.will(ok(data))
    assert type(failure_of(server.url, method)) is Malformed


@pytest.mark.parametrize("method", ["list_torrents", "create_torrent", "export_file"])
def test_an_answer_beyond_all_measure_is_too_large(server: Server, method: str) -> None:
    server.will(Reply(body=b" ", fault="endless"))
    error = failure_of(server.url, method, timeout=(1, 1), body_deadline=30)
    assert (type(error), error.maybe_done) == (TooLarge, True)


def test_an_answer_that_unpacks_beyond_all_measure_is_too_large(server: Server) -> None:
    bomb = gzip.compress(b" " * (70 * 2**20), 9)
    server.will(Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    assert type(failure_of(server.url, "list_torrents", timeout=(1, 5))) is TooLarge


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
def test_an_encoding_that_is_not_what_it_says_is_malformed(server: Server, encoding: str) -> None:
    server.will(Reply(body=b"not compressed at all", headers={"Content-Encoding": encoding}))
    assert type(failure_of(server.url, "user")) is Malformed


def test_gzip_cut_short_is_malformed(server: Server) -> None:
    packed = gzip.compress(json.dumps({"success": True, "data": []}).encode())
    server.will(Reply(body=packed[:-9], headers={"Content-Encoding": "gzip"}))
    assert type(failure_of(server.url, "list_torrents")) is Malformed


def test_a_dripping_answer_is_given_up(server: Server) -> None:
    server.will(Reply(body=b" ", fault="drip"))
    error = failure_of(server.url, "list_torrents", body_deadline=0.2)
    assert (type(error), error.maybe_done) == (Unreachable, True)


def test_a_time_out_while_connecting_did_nothing() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]  # fill the queue of connections nobody accepts
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        error = failure_of(
            f"http://127.0.0.1:{listener.getsockname()[1]}", "create_torrent", timeout=(0.2, 0.2)
        )
        for one in waiting:
            one.close()
    assert type(error) is Unreachable


def test_a_name_nobody_knows_did_nothing() -> None:
    error = failure_of("http://torbox.invalid", "create_torrent")
    assert (type(error), error.maybe_done) == (Unreachable, False)


@pytest.mark.parametrize("method", sorted(PATIENT))
def test_slow_calls_get_their_time(server: Server, method: str) -> None:
    info = {"hash": HASH, "name": "x", "size": 1, "files": []}
    body = b"d1:ai1ee" if method == "magnet_to_file" else ok(info).body
    server.will(Reply(body=body, fault="late"))
    with client_of(server.url, timeout=(0.5, 0.05)) as client:
        assert CALLS[method](client)


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
