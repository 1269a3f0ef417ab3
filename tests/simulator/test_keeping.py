"""How long TorBox keeps a torrent: 30 days after the last download of it, or for as long as it is in AirLock."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from simulator.server import Running
from tests.simulator.support import KEY, NOON, Api, hash_of

DAY = 86400


@pytest.fixture
def id_(sim: Running) -> int:
    """A torrent with one file of 1,000 bytes that was stored at noon of May 2."""
    work = sim.control.make_work("Notes", 1000)
    row = {"key": KEY, "work": work, "state": "cached", "age": 0}
    return int(sim.control.seed(torrents=[row])["torrents"][0]["torrent_id"])


def download(api: Api, id_: int, **params: Any) -> None:
    assert requests.get(api.link(id_, **params).json()["data"]).status_code == 200


def file_of(api: Api, id_: int) -> int:
    return int(api.row(id_)["files"][0]["id"])


def test_what_is_not_downloaded_is_removed_after_thirty_days(sim: Running, api: Api, id_: int) -> None:
    assert api.row(id_)["expires_at"] == "2026-06-01T10:00:00Z"
    sim.control.advance(30 * DAY - 1)
    assert api.row(id_)["download_present"] is True
    sim.control.advance(1)
    row = api.row(id_)
    assert (row["cached"], row["download_present"], row["files"]) == (False, False, [])


@pytest.mark.parametrize("whole", [False, True])
def test_a_download_keeps_it_for_thirty_days_more(sim: Running, api: Api, id_: int, whole: bool) -> None:
    sim.control.advance(29 * DAY)
    download(api, id_, **({"zip_link": "true"} if whole else {"file_id": file_of(api, id_)}))
    assert api.row(id_)["expires_at"] == "2026-06-30T10:00:00Z"
    sim.control.advance(29 * DAY)
    assert api.row(id_)["download_present"] is True
    sim.control.advance(DAY)
    assert api.row(id_)["download_present"] is False


def test_a_link_that_is_not_followed_keeps_nothing(sim: Running, api: Api, id_: int) -> None:
    sim.control.advance(DAY)
    requests.head(api.link(id_, zip_link="true").json()["data"])
    assert api.row(id_)["expires_at"] == "2026-06-01T10:00:00Z"


def test_an_old_link_does_not_bring_back_what_was_removed(sim: Running, api: Api, id_: int) -> None:
    sim.control.advance(30 * DAY - 60)
    url = api.link(id_, zip_link="true").json()["data"]
    sim.control.advance(120)
    assert requests.get(url).status_code == 200
    assert api.row(id_)["download_present"] is False


def test_a_torrent_in_airlock_has_no_end(sim: Running, api: Api, id_: int) -> None:
    sim.control.edit(KEY, api.row(id_)["hash"], airlocked=True)
    assert api.row(id_)["expires_at"] is None
    sim.control.advance(100 * DAY)
    assert api.row(id_)["download_present"] is True


@pytest.mark.parametrize(
    ("rule", "expires", "present"),
    [("restart", "2026-07-11T10:00:00Z", True), ("continue", "2026-06-01T10:00:00Z", False)],
)
def test_out_of_airlock_the_time_starts_over_or_has_passed(
    sim: Running, api: Api, id_: int, rule: str, expires: str, present: bool
) -> None:
    sim.control.options(airlock_end=rule)
    sim.control.edit(KEY, api.row(id_)["hash"], airlocked=True)
    sim.control.advance(40 * DAY)
    sim.control.edit(KEY, api.row(id_)["hash"], airlocked=False)
    row = api.row(id_)
    assert (row["expires_at"], row["download_present"]) == (expires, present)


def test_a_torrent_can_be_seeded_with_its_last_download(sim: Running, api: Api) -> None:
    row = {"key": KEY, "hash": hash_of(1), "state": "completed", "age": 50 * DAY, "used": 3 * DAY}
    placed = sim.control.seed(torrents=[row])["torrents"][0]["torrent_id"]
    assert api.row(placed)["expires_at"] == "2026-05-29T10:00:00Z"


def test_a_download_without_seeds_is_incomplete_until_it_finds_some(sim: Running, api: Api) -> None:
    sim.control.options(meta_seconds=0, download_seconds=100)
    placed = api.create(f"magnet:?xt=urn:btih:{hash_of(1)}").json()["data"]["torrent_id"]
    sim.control.advance(40)
    sim.control.lose_seeds(KEY, hash_of(1))
    sim.control.advance(DAY)
    row = api.row(placed)
    assert (row["download_state"], row["active"], row["progress"], row["seeds"]) == (
        "incomplete",
        False,
        0.4,
        0,
    )
    answer = requests.post(f"{sim.url}/_sim/find_seeds", json={"key": KEY, "hash": hash_of(1)})
    assert answer.json()["ok"] is True
    sim.control.advance(30)
    row = api.row(placed)
    assert (row["download_state"], row["active"], row["progress"]) == ("downloading", True, 0.7)


def test_an_incomplete_download_can_keep_its_slot_and_reannounce(sim: Running, api: Api) -> None:
    placed = api.create(f"magnet:?xt=urn:btih:{hash_of(1)}").json()["data"]["torrent_id"]
    sim.control.advance(20)
    sim.control.lose_seeds(KEY, hash_of(1), active=True)
    sim.control.advance(DAY)
    row = api.row(placed)
    assert (row["download_state"], row["active"]) == ("incomplete", True)
    api.control(placed, "reannounce")
    sim.control.advance(DAY)
    assert api.row(placed)["download_present"] is True


def test_only_downloads_without_seeds_find_some(sim: Running, api: Api, id_: int) -> None:
    for command in ("lose_seeds", "find_seeds"):
        body = {"key": KEY, "hash": api.row(id_)["hash"]}
        assert requests.post(f"{sim.url}/_sim/{command}", json=body).status_code == 400
    assert sim.control.now() == NOON
