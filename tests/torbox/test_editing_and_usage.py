"""Edits and statistics through the client, against the simulator over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from simulator.server import Running, start
from tests.torbox.support import KEY, client_of
from torbox import Client, NotFound, Refused, Unavailable, UsageDay

INFO_HASH = f"{1:040x}"
OTHER = f"{2:040x}"
GB = 1000**3
NOON = 1_777_716_000.0  # 2026-05-02T10:00:00Z


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start(speed=0, now=NOON) as simulator:
        yield simulator


@pytest.fixture
def sim(running: Running) -> Running:
    running.control.reset("empty", now=NOON)
    running.control.seed(accounts=[{"key": KEY, "plan": "essential"}])
    return running


@pytest.fixture
def torbox(sim: Running) -> Iterator[Client]:
    with client_of(sim.url) as client:
        yield client


def stored(sim: Running) -> int:
    files = [("Notes/a.mkv", 40 * GB)]
    row = {"key": KEY, "hash": INFO_HASH, "name": "Notes", "files": files, "tags": ["old"]}
    placed = row | {"alternative_hashes": [OTHER], "airlocked": True}
    return int(sim.control.seed(torrents=[placed])["torrents"][0]["torrent_id"])


def test_an_edit_that_passes_everything_on_changes_one_field(sim: Running, torbox: Client) -> None:
    before = torbox.get_torrent(stored(sim), fresh=True)
    torbox.edit_torrent(
        before.id, name=before.name, tags=["new"], alternative_hashes=before.alternative_hashes,
        airlocked=before.airlocked,
    )  # fmt: skip
    after = torbox.get_torrent(before.id, fresh=True)
    assert (after.name, after.tags) == ("Notes", ("new",))
    assert (after.alternative_hashes, after.airlocked) == ((OTHER,), True)
    assert after.digest != before.digest


def test_a_change_by_another_client_is_read_before_an_edit(sim: Running, torbox: Client) -> None:
    id_ = stored(sim)
    torbox.get_torrent(id_)
    sim.control.edit(KEY, INFO_HASH, tags=["theirs"], airlocked=False)
    now = torbox.get_torrent(id_, fresh=True)
    assert (now.tags, now.airlocked) == (("theirs",), False)


def test_a_blank_name_gives_the_torrent_its_own_back(sim: Running, torbox: Client) -> None:
    id_ = stored(sim)
    for name, shown in (("Renamed", "Renamed"), ("\u200b ", "Notes")):
        torbox.edit_torrent(id_, name=name, tags=[], alternative_hashes=[], airlocked=False)
        assert torbox.get_torrent(id_, fresh=True).name == shown


@pytest.mark.parametrize("code", ["DIFF_ISSUE", "COULD_NOT_PERFORM_ACTION", "PLAN_RESTRICTED_FEATURE"])
def test_a_full_airlock_refuses_with_a_sentence(sim: Running, torbox: Client, code: str) -> None:
    id_ = stored(sim)
    torbox.edit_torrent(id_, name="n", tags=[], alternative_hashes=[], airlocked=False)
    sim.control.options(airlock_refusal=code)
    sim.control.account(KEY, airlock_bytes=30 * GB)
    with pytest.raises(Refused) as caught:
        torbox.edit_torrent(id_, name="n", tags=[], alternative_hashes=[], airlocked=True)
    assert caught.value.code == code
    assert (
        caught.value.detail == "AirLock is full: 0.0 GB of 30.0 GB are used, and this download has 40.0 GB."
    )


def test_an_edit_of_a_torrent_that_is_gone_is_not_found(sim: Running, torbox: Client) -> None:
    with pytest.raises(NotFound):
        torbox.edit_torrent(99, name="n", tags=[], alternative_hashes=[], airlocked=False)


def test_the_statistics_have_thirty_days_and_airlock(sim: Running, torbox: Client) -> None:
    stored(sim)
    sim.control.usage(KEY, [7 * GB, 5], [3])
    seen = torbox.usage_stats()
    today = date(2026, 5, 2)
    assert (seen.airlock_used, seen.airlock_limit, len(seen.days)) == (40 * GB, 300 * GB, 30)
    assert seen.days[-2:] == (UsageDay(today - timedelta(days=1), 7 * GB, 0), UsageDay(today, 5, 3))


def test_statistics_can_lack_a_part(sim: Running, torbox: Client) -> None:
    sim.control.options(user_stats="null_bandwidth")
    assert (torbox.usage_stats().airlock_limit, torbox.usage_stats().days) == (300 * GB, ())
    sim.control.options(user_stats="missing_general")
    assert (torbox.usage_stats().airlock_limit, len(torbox.usage_stats().days)) == (None, 30)
    sim.control.options(user_stats="unknown_error")
    with pytest.raises(Unavailable):
        torbox.usage_stats()
