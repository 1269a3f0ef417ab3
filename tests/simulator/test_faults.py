from __future__ import annotations

from typing import Any

import pytest
import requests

from simulator.errors import Unsupported
from simulator.faults import CHAOS, PRESETS
from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


@pytest.mark.parametrize("kind", ["drop", "refuse", "truncate"])
def test_connections_break(sim: Running, api: Api, kind: str) -> None:
    sim.control.fail("mylist", kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.get("torrents/mylist")
    assert api.get("torrents/mylist").status_code == 200


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"timeout"}))
def test_presets_answer_what_they_say(sim: Running, api: Api, preset: str) -> None:
    sim.control.fail("mylist", preset)
    answer = api.get("torrents/mylist")
    assert answer.status_code == PRESETS[preset]["status"]
    assert api.get("torrents/mylist").json()["success"] is True


def test_only_the_named_endpoint_and_key_fail_and_only_so_often(sim: Running, api: Api) -> None:
    sim.control.seed(accounts=[{"key": "other"}])
    sim.control.fail("mylist", "status", times=2, key=KEY, status=503)
    assert api.get("user/me").status_code == 200
    assert Api(sim, "other").get("torrents/mylist").status_code == 200
    assert [api.get("torrents/mylist").status_code for _ in range(3)] == [503, 503, 200]


def test_a_lost_answer_leaves_its_effect(sim: Running, api: Api) -> None:
    sim.control.fail("createtorrent", "drop", after=True)
    sim.control.fail("createtorrent", "drop")
    for n in (1, 2):
        with pytest.raises(requests.ConnectionError):
            api.create(magnet(n))
    assert sim.control.accepted() == {hash_of(1): 1}
    assert [row["hash"] for row in api.rows()] == [hash_of(1)]


def test_a_delayed_call_takes_effect_though_nobody_waits(sim: Running, api: Api) -> None:
    sim.control.fail("createtorrent", "delay", delay=0.3)
    with pytest.raises(requests.ReadTimeout):
        api.http.post(f"{sim.url}/v1/api/torrents/createtorrent", data={"magnet": magnet(1)}, timeout=0.05)
    assert len(api.rows()) == 1


def test_a_truncated_answer_is_half_of_the_true_one(sim: Running, api: Api) -> None:
    whole = api.get("user/me").content
    sim.control.fail("me", "truncate", after=True)
    answer = api.call("GET", "user/me", stream=True)
    assert int(answer.headers["content-length"]) == len(whole)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content


def test_a_huge_answer_is_as_large_as_asked(sim: Running, api: Api) -> None:
    sim.control.fail("mylist", "huge", size=3 * 1024 * 1024)
    assert len(api.get("torrents/mylist").content) == 3 * 1024 * 1024


def test_the_cdn_can_fail_too(sim: Running, api: Api) -> None:
    placed = sim.control.seed(torrents=[{"key": KEY, "name": "Notes"}])["torrents"][0]
    url = api.link(placed["torrent_id"], zip_link="true").json()["data"]
    sim.control.fail("cdn", "html502")
    assert [requests.get(url).status_code for _ in range(2)] == [502, 200]


def chaos(api: Api, sim: Running) -> list[Any]:
    sim.control.every(3, kinds=["500", "html502", "429", {"kind": "status", "status": 418}], seed=7)
    return [api.get("torrents/mylist").status_code for _ in range(30)]


def test_every_nth_call_fails_the_same_way_for_the_same_seed(sim: Running, api: Api) -> None:
    first = chaos(api, sim)
    assert sim.control.faults() == {"done": 10, "planned": 0}
    assert all(status == 200 for n, status in enumerate(first, 1) if n % 3)
    assert all(status != 200 for status in first[2::3])
    assert chaos(api, sim) == first
    assert set(first) >= {200, 500}
    sim.control.every(0)
    assert api.get("torrents/mylist").status_code == 200


def test_an_endpoint_may_fail_in_ways_of_its_own(sim: Running, api: Api) -> None:
    sim.control.every(2, kinds=["html502"])
    sim.control.every(3, kinds=["429"], endpoint="getqueued")
    lists = [api.get("torrents/mylist").status_code for _ in range(4)]
    assert lists == [200, 502, 200, 502]
    assert [api.get("queued/getqueued").status_code for _ in range(3)] == [200, 200, 429]
    sim.control.every(0, endpoint="getqueued")
    assert [api.get("queued/getqueued").status_code for _ in range(2)] == [200, 502]


def test_chaos_kinds_all_exist(sim: Running) -> None:
    sim.control.every(10, kinds=list(CHAOS))


def test_nonsense_faults_are_refused(sim: Running) -> None:
    with pytest.raises(Unsupported):
        sim.control.fail("mylist", "explode")
    with pytest.raises(Unsupported):
        sim.control.fail("mylist", "status", colour="red")
