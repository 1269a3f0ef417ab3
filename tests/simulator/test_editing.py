"""Edits at TorBox: what they overwrite, and what AirLock allows."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from simulator.errors import Unsupported
from simulator.server import Running
from tests.simulator.support import KEY, NOON, Api, hash_of

DAY = 86400
GB = 1000**3
WHOLE = {"name": "Shown", "tags": ["a", "b"], "alternative_hashes": [hash_of(9)], "airlocked": True}
FIELDS = tuple(WHOLE)


def stored(sim: Running, number: int = 1, size: int = 5 * GB, **spec: Any) -> int:
    row = {"key": KEY, "hash": hash_of(number), "name": "Own", "files": [("Own/a.mkv", size)], "age": DAY}
    return int(sim.control.seed(torrents=[row | spec])["torrents"][0]["torrent_id"])


def put(api: Api, torrent_id: int, **body: Any) -> requests.Response:
    return api.call("PUT", "torrents/edittorrent", json={"torrent_id": torrent_id, **body})


def shown(api: Api, torrent_id: int) -> dict[str, Any]:
    row = api.row(torrent_id)
    return {field: row[field] for field in FIELDS}


def test_an_edit_changes_all_four_fields(sim: Running, api: Api) -> None:
    id_ = stored(sim)
    assert put(api, id_, **WHOLE).json()["success"] is True
    assert shown(api, id_) == WHOLE


@pytest.mark.parametrize("absent", [{}, dict.fromkeys(FIELDS)])
def test_an_edit_resets_the_fields_that_it_leaves_out(
    sim: Running, api: Api, absent: dict[str, None]
) -> None:
    id_ = stored(sim)
    put(api, id_, **WHOLE)
    put(api, id_, **absent)
    assert shown(api, id_) == {"name": "Own", "tags": [], "alternative_hashes": [], "airlocked": False}


def test_an_edit_can_keep_the_fields_that_it_leaves_out(sim: Running, api: Api) -> None:
    sim.control.options(edit_fields="keep")
    id_ = stored(sim)
    put(api, id_, **WHOLE)
    put(api, id_, tags=[])
    assert shown(api, id_) == WHOLE | {"tags": []}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "  "}, {"name": "x" * 501}, {"tags": [""]}, {"tags": ["x" * 101]}, {"tags": ["x"] * 101},
        {"alternative_hashes": ["not a hash"]}, {"alternative_hashes": [""]},
    ],
    ids=str,
)  # fmt: skip
def test_values_that_make_no_sense_are_refused_and_change_nothing(
    sim: Running, api: Api, body: dict[str, Any]
) -> None:
    id_ = stored(sim)
    put(api, id_, **WHOLE)
    assert put(api, id_, **WHOLE | body).json()["error"] == "INVALID_OPTION"
    assert shown(api, id_) == WHOLE


@pytest.mark.parametrize(
    "body", [{"name": 5}, {"tags": "a,b"}, {"tags": [5]}, {"airlocked": "perhaps"}], ids=str
)
def test_values_of_another_type_fail_validation(sim: Running, api: Api, body: dict[str, Any]) -> None:
    assert put(api, stored(sim), **body).status_code == 422


@pytest.mark.parametrize(("plan", "limit"), [("essential", 300), ("standard", 500), ("pro", 1000)])
def test_airlock_holds_as_much_as_the_plan_allows(sim: Running, api: Api, plan: str, limit: int) -> None:
    sim.control.seed(accounts=[{"key": KEY, "plan": plan}])
    stored(sim, 1, (limit - 5) * GB, airlocked=True)
    over, fitting = stored(sim, 2, 5 * GB + 1), stored(sim, 3, 5 * GB)
    refused = put(api, over, airlocked=True)
    assert (refused.status_code, refused.json()["error"]) == (400, "DIFF_ISSUE")
    assert f"{limit - 5}.0 GB of {limit}.0 GB are used" in refused.json()["detail"]
    assert put(api, fitting, airlocked=True).status_code == 200
    assert [api.row(id_)["airlocked"] for id_ in (over, fitting)] == [False, True]


def test_a_plan_without_airlock_refuses_it_but_takes_other_edits(sim: Running, api: Api) -> None:
    id_ = stored(sim)
    sim.control.account(KEY, plan=0)
    refused = put(api, id_, airlocked=True)
    assert (refused.status_code, refused.json()["error"]) == (403, "PLAN_RESTRICTED_FEATURE")
    assert put(api, id_, tags=["a"]).status_code == 200


def test_a_torrent_in_a_full_airlock_can_still_be_tagged(sim: Running, api: Api) -> None:
    id_ = stored(sim, airlocked=True)
    sim.control.account(KEY, airlock_bytes=1)
    assert put(api, id_, tags=["a"], airlocked=True).status_code == 200
    assert shown(api, id_)["airlocked"] is True


def test_what_is_deleted_makes_room_in_airlock(sim: Running, api: Api) -> None:
    first, second = stored(sim, 1, airlocked=True), stored(sim, 2)
    sim.control.account(KEY, airlock_bytes=5 * GB)
    assert put(api, second, airlocked=True).status_code == 400
    api.control(first, "delete")
    assert put(api, second, airlocked=True).status_code == 200


def test_airlock_ends_seven_days_after_the_plan(sim: Running, api: Api) -> None:
    ends = NOON + 10 * DAY
    sim.control.account(KEY, premium_expires_at=ends)
    id_, other = stored(sim, 1, airlocked=True), stored(sim, 2)
    sim.control.advance(17 * DAY - 1)
    assert api.row(id_)["airlocked"] is True
    assert put(api, other, airlocked=True).json()["error"] == "PLAN_RESTRICTED_FEATURE"
    sim.control.advance(1)
    row = api.row(id_)
    assert (row["airlocked"], row["expires_at"]) == (False, "2026-06-18T10:00:00Z")


def test_airlock_lasts_if_the_plan_is_renewed_in_time(sim: Running, api: Api) -> None:
    sim.control.account(KEY, premium_expires_at=NOON + DAY)
    id_ = stored(sim, airlocked=True)
    sim.control.advance(7 * DAY)
    sim.control.account(KEY, premium_expires_at=NOON + 60 * DAY)
    sim.control.advance(30 * DAY)
    assert api.row(id_)["airlocked"] is True


def test_another_client_edits_at_torbox(sim: Running, api: Api) -> None:
    id_ = stored(sim)
    put(api, id_, **WHOLE)
    edit = {"key": KEY, "hash": hash_of(1), "tags": ["theirs"]}
    assert requests.post(f"{sim.url}/_sim/edit", json=edit).json()["ok"] is True
    assert shown(api, id_) == WHOLE | {"tags": ["theirs"]}
    sim.control.edit(KEY, hash_of(1), name="Theirs", airlocked=False)
    assert shown(api, id_) == WHOLE | {"tags": ["theirs"], "name": "Theirs", "airlocked": False}
    sim.control.edit(KEY, hash_of(1), name="")
    assert shown(api, id_)["name"] == "Own"


def test_another_client_is_refused_as_well(sim: Running) -> None:
    stored(sim)
    sim.control.account(KEY, airlock_bytes=1)
    with pytest.raises(Unsupported, match="DIFF_ISSUE"):
        sim.control.edit(KEY, hash_of(1), airlocked=True)
    with pytest.raises(Unsupported, match="no torrent"):
        sim.control.edit(KEY, hash_of(2), name="x")
