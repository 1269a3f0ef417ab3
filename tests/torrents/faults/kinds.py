"""Everything that can go wrong between us and TorBox, by the name the tables use."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from simulator.server import Running

CUT_JSON = '{"success": true, "error": null, "detail": "Torrent li'
NONSENSE = {"success": True, "error": None, "detail": ["?"], "data": {"id": "x", "hash": 5}}

#: How the simulator answers. Connection refused and torrentinfo's time-out need more than an answer.
ANSWERS: dict[str, dict[str, object]] = {
    "time-out": {"kind": "drop", "delay": 60},
    "half an answer": {"kind": "truncate"},
    "truncated JSON": {"kind": "body", "body": CUT_JSON},
    "HTML 502": {"kind": "html502"},
    "bare 500": {"kind": "500"},
    "TorBox's 500": {"kind": "500_envelope"},
    "429": {"kind": "429"},
    "429 with a time": {"kind": "429_headers"},
    "403 key": {"kind": "403_key"},
    "403 plan": {"kind": "403_plan"},
    "422": {"kind": "422"},
    "no verdict": {"kind": "wrong_types"},
    "wrong types": {"kind": "body", "body": NONSENSE, "after": True},
    "empty": {"kind": "empty"},
    "100 MB": {"kind": "huge"},
}
FAULTS = ("refused", *ANSWERS)
ENDLESS = 1000  # times: longer than any test asks


def begin(sim: Running, endpoint: str, fault: str, *, arrives: bool = False) -> None:
    """From now on every call of `endpoint` fails like this; `arrives`: only the answer is lost."""
    if fault == "refused":
        sim.stop()
        return
    answer = ANSWERS[fault] | ({"after": True} if arrives else {})
    sim.control.fail(endpoint, times=ENDLESS, **answer)


def end(sim: Running, fault: str) -> None:
    sim.control.clear_faults()
    if fault == "refused":
        sim.restart()


@contextlib.contextmanager
def nobody_accepts() -> Iterator[str]:
    """The address of a host that never completes a connection: its backlog is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def rows_of(table: str) -> dict[str, tuple[str, ...]]:
    """A table of the matrix by fault: lines of `fault | column | …`, every fault once."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    rows = {cells[0]: tuple(cells[1:]) for cells in lines}
    assert all(len(cells) == 5 for cells in lines), "a line has too many or too few columns"
    assert len(rows) == len(lines) and set(rows) <= set(FAULTS), "a fault is unknown or there twice"
    return rows
