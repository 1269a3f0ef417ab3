"""What user/stats says: bytes that the CDN really sent, a history given by command, and AirLock."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from simulator.scenarios import DEMO_KEYS
from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of

DAY = 86400
BY_DAY = {"bandwidth": "true", "bandwidth_grouping": "day"}


def stats(api: Api, **params: str) -> dict[str, Any]:
    data: dict[str, Any] = api.get("user/stats", **(params or BY_DAY)).json()["data"]
    return data


def bytes_by_day(api: Api, **params: str) -> dict[str, int]:
    return {row["date"]: row["bytes_downloaded"] for row in stats(api, **params)["bandwidth"]}


def test_the_last_thirty_days_end_today(api: Api) -> None:
    days = bytes_by_day(api)
    assert (len(days), list(days)[0], list(days)[-1]) == (30, "2026-04-03", "2026-05-02")
    assert set(days.values()) == {0}


def test_what_is_downloaded_is_counted_on_its_day(sim: Running, api: Api) -> None:
    work = sim.control.make_work("Notes", 200_000)
    id_ = sim.control.seed(torrents=[{"key": KEY, "work": work}])["torrents"][0]["torrent_id"]
    url = api.link(id_, file_id=api.row(id_)["files"][0]["id"]).json()["data"]
    requests.get(url)
    requests.get(url, headers={"Range": "bytes=0-99"})
    requests.head(url)
    sim.control.advance(DAY)
    days = bytes_by_day(api)
    assert (days["2026-05-02"], days["2026-05-03"]) == (200_100, 0)


def test_one_account_does_not_see_the_traffic_of_another(sim: Running, api: Api) -> None:
    sim.control.seed(accounts=[{"key": "other"}])
    sim.control.usage("other", [5])
    assert bytes_by_day(api)["2026-05-02"] == 0
    assert bytes_by_day(Api(sim, "other"))["2026-05-02"] == 5


def test_a_history_is_given_by_day_and_summed_by_week(sim: Running, api: Api) -> None:
    given = {"key": KEY, "downloaded": [100, 20, 3], "uploaded": [7]}
    assert requests.post(f"{sim.url}/_sim/usage", json=given).json()["ok"] is True
    assert list(bytes_by_day(api).values())[-4:] == [0, 100, 20, 3]
    assert stats(api)["bandwidth"][-1]["bytes_uploaded"] == 7
    weeks = bytes_by_day(api, bandwidth="true", bandwidth_grouping="week")
    assert (list(weeks)[-1], weeks["2026-04-27"], len(weeks)) == ("2026-04-27", 123, 5)


def test_days_without_traffic_can_be_missing(sim: Running, api: Api) -> None:
    sim.control.options(usage_days="used")
    sim.control.usage(KEY, [9, 0, 4])
    assert bytes_by_day(api) == {"2026-04-30": 9, "2026-05-02": 4}


def test_airlock_is_measured_in_bytes(sim: Running, api: Api) -> None:
    row = {"key": KEY, "hash": hash_of(1), "name": "A", "files": [("A/a.mkv", 70)], "airlocked": True}
    sim.control.seed(torrents=[row])
    assert stats(api)["general"] == {"airlocked_downloads": 70, "airlock_storage_limit": 300 * 1000**3}
    sim.control.account(KEY, premium_expires_at=sim.control.now())
    assert stats(api)["general"] == {"airlocked_downloads": 70, "airlock_storage_limit": 0}


@pytest.mark.parametrize("params", [{"general": "true"}, {"general": "false"}, BY_DAY | {"general": "false"}])
def test_general_alone_or_unwanted_is_an_unknown_error(api: Api, params: dict[str, str]) -> None:
    answer = api.get("user/stats", **params)
    assert (answer.status_code, answer.json()["error"]) == (500, "UNKNOWN_ERROR")


def test_bandwidth_comes_only_if_it_is_asked_for(api: Api) -> None:
    assert api.get("user/stats").json()["data"]["bandwidth"] is None
    odd = api.get("user/stats", bandwidth="true", bandwidth_grouping="year")
    assert odd.json()["error"] == "INVALID_OPTION"


def test_the_demo_has_a_month_of_downloads_tags_airlock_and_torrents_that_end_soon(sim: Running) -> None:
    sim.control.reset("household")
    for who in ("mara", "jon"):
        api = Api(sim, DEMO_KEYS[who])
        data, rows = stats(api), api.rows()
        assert all(day["bytes_downloaded"] > 0 for day in data["bandwidth"])
        assert 0 < data["general"]["airlocked_downloads"] < data["general"]["airlock_storage_limit"]
        assert sum(row["airlocked"] for row in rows) >= 2
        assert {"Books", "Kids", "Linux", "Series"} <= {tag for row in rows for tag in row["tags"]}
        soon = [row for row in rows if row["download_present"] and (row["expires_at"] or "9") < "2026-05-09"]
        assert soon
