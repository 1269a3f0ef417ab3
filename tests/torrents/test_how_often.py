"""How often TorBox is asked while people look on, or nobody does: hours of beats and tabs, counted by TorBox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TorBoxAccount
from tests.factories import make_hash
from torrents.services.sync import refreshing


def seed(sim, cast, state: str, **more) -> None:
    sim.control.seed(torrents=[{"key": cast.key, "hash": make_hash("looked at"), "state": state, **more}])


def test_an_idle_hour_with_five_tabs_costs_seven_reads_and_none_bypasses(cast, sim, household):
    seed(sim, cast, "completed", age=86400)
    home = household(tabs=5)
    sim.control.reset_calls()
    home.run(3600, step=20, look=60)
    assert 5 <= sim.control.count("mylist", cast.key) <= 7
    assert sim.control.count("mylist", cast.key, bypass=True) == 0
    assert TorBoxAccount.objects.get(pk=cast.account.pk).refreshed_at


@pytest.mark.parametrize("tabs", [2, 5], ids=["two people", "three people, five tabs"])
def test_watching_reads_every_fifteen_seconds_whoever_and_however_many_watch(cast, sim, household, tabs):
    seed(sim, cast, "downloading", download_seconds=100_000)
    home = household(tabs)
    refreshing.refresh(cast.account, fresh=True)
    home.poll()
    sim.control.reset_calls()
    home.run(300)
    assert 15 <= sim.control.count("mylist", cast.key, bypass=True) <= 21


def test_two_people_who_share_one_key_cost_one_read_of_the_list(cast, sim, two_people):
    seed(sim, cast, "completed", age=86400)
    home = two_people()
    home.run(60, step=20)
    sim.control.reset_calls()
    home.run(3600, step=20, look=60)
    assert 5 <= sim.control.count("mylist", cast.key) <= 6
    assert sim.control.count("mylist", cast.key, bypass=True) == 0


def test_watching_stops_soon_after_the_last_look(cast, sim, household):
    seed(sim, cast, "downloading", download_seconds=100_000)
    home = household(tabs=2)
    refreshing.refresh(cast.account, fresh=True)
    home.poll()
    home.clients = []
    home.run(60)
    sim.control.reset_calls()
    home.run(300)
    assert sim.control.count("mylist", cast.key, bypass=True) == 0


def test_an_account_nobody_looks_at_is_read_once_an_hour(cast, sim, household):
    TorBoxAccount.objects.filter(pk=cast.account.pk).update(seen_at=timezone.now() - timedelta(days=2))
    home = household(tabs=0)
    home.run(60)
    sim.control.reset_calls()
    home.run(3600, step=30)
    assert sim.control.count("mylist", cast.key) <= 1
