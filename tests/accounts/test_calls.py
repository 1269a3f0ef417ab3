"""Every call is written down before it is made, and none is made that TorBox would count against us."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount, UpstreamCall
from accounts.rate_limits import PER_MINUTE, Throttled
from torrents.services.upkeep import pruning


def ask(account: TorBoxAccount, **how) -> None:
    with client_for(account, **how) as client:
        client.user()


def called(account: TorBoxAccount, number: int, endpoint: str = "me", **fields) -> None:
    """As if so many calls had been made just now."""
    rows = [UpstreamCall(account=account, endpoint=endpoint, outcome="ok", **fields) for _ in range(number)]
    UpstreamCall.objects.bulk_create(rows)


def fresh(account: TorBoxAccount) -> TorBoxAccount:
    return TorBoxAccount.objects.get(pk=account.pk)


def test_a_call_is_written_down_with_its_outcome(cast, sim):
    ask(cast.account)
    sim.control.fail("me", kind="500_envelope", times=9)
    with pytest.raises(torbox.Unavailable):
        ask(cast.account, somebody_waits=True)
    calls = UpstreamCall.objects.order_by("pk").values_list("endpoint", "outcome", "detail")
    assert list(calls) == [("me", "ok", ""), ("me", "failed", "Please try again later.")]


def test_the_three_hundred_and_first_call_of_a_minute_is_held_back_until_one_is_a_minute_old(
    cast, sim, time_machine
):
    time_machine.move_to(timezone.now(), tick=False)
    called(cast.account, PER_MINUTE - 1)
    ask(cast.account)
    with pytest.raises(Throttled) as caught:
        ask(cast.account)
    assert caught.value.retry_after == 60
    assert sim.control.count("me", cast.key) == 1
    time_machine.shift(timedelta(seconds=61))
    ask(cast.account)
    assert sim.control.count("me", cast.key) == 2


def test_each_endpoint_and_each_account_has_a_count_of_its_own(cast, sim):
    called(cast.account, PER_MINUTE, endpoint="mylist")
    ask(cast.account)
    assert sim.control.count("me", cast.key) == 1


def test_being_held_back_is_no_answer_of_torbox(cast, sim):
    called(cast.account, PER_MINUTE)
    TorBoxAccount.objects.update(health="unreachable", health_reason="timeout")
    with pytest.raises(Throttled):
        ask(fresh(cast.account))
    assert fresh(cast.account).health == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_in_many_threads_stay_within_the_limit_together(cast, sim):
    called(cast.account, PER_MINUTE - 5)

    def click(_: int) -> bool:
        try:
            ask(fresh(cast.account), somebody_waits=True)
        except Throttled:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        went = list(threads.map(click, range(24)))
    assert sum(went) == sim.control.count("me", cast.key) == 5
    assert sim.control.refused(cast.key) == 0


@pytest.mark.parametrize(("kind", "seconds"), [("429_headers", 37), ("429", 60)])
def test_an_endpoint_that_answered_429_is_left_alone_for_as_long_as_it_said(
    cast, sim, time_machine, kind, seconds
):
    time_machine.move_to(timezone.now(), tick=False)
    sim.control.fail("me", kind=kind)
    with pytest.raises(torbox.RateLimited):
        ask(cast.account)
    time_machine.shift(timedelta(seconds=seconds - 2))
    with pytest.raises(Throttled):
        ask(cast.account)
    with client_for(cast.account) as client:
        client.list_queued()
    time_machine.shift(timedelta(seconds=3))
    ask(cast.account)
    assert sim.control.count("me", cast.key) == 2


def test_after_a_key_is_rejected_it_is_not_used_even_with_an_old_copy_of_the_account(cast, sim):
    old = fresh(cast.account)
    sim.control.fail("me", kind="403_key")
    with pytest.raises(torbox.AuthError):
        ask(cast.account)
    sim.control.reset_calls()
    with pytest.raises(torbox.AuthError):
        ask(old)
    assert sim.control.count() == 0


def test_nothing_is_called_for_an_account_that_was_disconnected(cast, sim):
    old = fresh(cast.account)
    cast.account.delete()
    with pytest.raises(torbox.AuthError):
        ask(old)
    assert sim.control.count() == 0


@pytest.mark.parametrize(
    ("kind", "of_the_list", "health"),
    [
        ("drop", False, "unreachable"),
        ("html502", False, "unreachable"),
        ("500_envelope", False, "ok"),
        ("wrong_types", False, "ok"),
        ("500_envelope", True, "unreachable"),
        ("wrong_types", True, "unreachable"),
        ("403_plan", False, "ok"),
        ("403_key", False, "rejected"),
    ],
)
def test_one_thing_that_goes_wrong_is_an_outage_only_when_torbox_did_not_answer_or_it_is_the_list(
    cast, sim, kind, of_the_list, health
):
    sim.control.fail("me", kind=kind, times=9)
    with pytest.raises(torbox.TorBoxError):
        ask(cast.account, reads_list=of_the_list)
    assert fresh(cast.account).health == health


def test_calls_of_yesterday_are_forgotten(cast):
    called(cast.account, 3, at=timezone.now() - timedelta(days=2))
    called(cast.account, 1)
    pruning.prune()
    assert UpstreamCall.objects.count() == 1


def test_trying_keys_again_and_again_is_stopped_before_torbox_is_asked(cast, sim, sign_in):
    client = sign_in(cast.owner)
    answers = [
        client.post("/torbox/connect/", {"api_key": f"wrong-key-{n}", "label": "x"}) for n in range(25)
    ]
    assert sim.control.count("me") == 20
    assert "Wait a minute" in answers[-1].content.decode()
