from __future__ import annotations

import base64
from typing import Any

import requests

from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


def post(sim: Running, command: str, **values: Any) -> Any:
    answer = requests.post(f"{sim.url}/_sim/{command}", json=values)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_a_world_is_seeded_and_read_back(sim: Running) -> None:
    post(sim, "seed", accounts=[{"key": "k2", "plan": "pro", "slots": 3}])
    post(
        sim, "seed", torrents=[{"key": "k2", "name": "Notes", "files": {"a.txt": 5}, "state": "downloading"}]
    )
    account = post(sim, "state")["accounts"][-1]
    assert (account["keys"], account["slots"], account["active"]) == (["k2"], 13, 1)
    assert account["torrents"][0]["state"] == "downloading"


def test_the_clock_is_moved_and_read(sim: Running) -> None:
    before = requests.get(f"{sim.url}/_sim/now").json()["result"]
    assert post(sim, "advance", seconds=50) == before + 50
    assert post(sim, "speed", factor=0) == 0
    assert post(sim, "freeze") == 0


def test_faults_are_planned_and_cleared(sim: Running, api: Api) -> None:
    post(sim, "fail", endpoint="mylist", kind="status", status=503, times=5)
    assert api.get("torrents/mylist").status_code == 503
    post(sim, "fail/clear")
    assert api.get("torrents/mylist").status_code == 200


def test_calls_are_counted_and_forgotten(sim: Running, api: Api) -> None:
    post(sim, "calls/reset")
    api.rows()
    assert post(sim, "calls")["counts"] == [{"key": KEY, "endpoint": "mylist", "bypass": True, "count": 1}]
    assert requests.get(f"{sim.url}/_sim/calls?last=0").json()["result"]["last"] == []


def test_accepted_creates_are_counted_by_hash(sim: Running, api: Api) -> None:
    for _ in range(2):
        api.create(magnet(1))
    assert post(sim, "accepted") == {hash_of(1): 1}
    assert post(sim, "accepted", key="5e1f0a3c-0b2d-4c6e-9a71-1d0c5b7e2f01") == {}


def test_works_are_made_and_their_bytes_told(sim: Running) -> None:
    made = post(sim, "make", name="Notes", files={"a.txt": 9})
    assert base64.b64decode(made["torrent"]).startswith(b"d8:announce")
    told = post(sim, "expected_bytes", info_hash=made["hash"], path="a.txt")
    assert len(base64.b64decode(told)) == 9


def test_wrong_commands_and_arguments_are_told(sim: Running) -> None:
    assert requests.post(f"{sim.url}/_sim/nothing").status_code == 404
    for command, values in (("advance", {"minutes": 1}), ("options", {"x": 1}), ("reset", {"scenario": "x"})):
        answer = requests.post(f"{sim.url}/_sim/{command}", json=values)
        assert (answer.status_code, answer.json()["ok"]) == (400, False)
    assert requests.post(f"{sim.url}/_sim/seed", data=b"[1").status_code == 400


def test_reset_starts_over_with_default_switches(sim: Running, api: Api) -> None:
    post(sim, "options", no_slot="active_limit")
    post(sim, "reset", scenario="household", options={"files_null": True})
    assert post(sim, "options")["no_slot"] == "queue"
    assert len(post(sim, "state")["accounts"]) == 3
    assert api.get("user/me").json()["error"] == "BAD_TOKEN"
