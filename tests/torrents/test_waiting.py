"""What cannot be sent now says why and until when, in turn, and goes as soon as it can."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import let_waiting_end, make_hash
from torbox.magnets import Magnet
from torrents.models import AddRequest, RequestState, Torrent
from torrents.pages.list.row_text import quiet_line
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import budget, sending
from torrents.services.sync import refreshing
from torrents.states import Status


def paste(cast, *names: str, person=None) -> None:
    new_torrents = [NewTorrent(Magnet(make_hash(name), name)) for name in names]
    add(person=person or cast.owner, account=cast.account, new_torrents=new_torrents, options=Options())


def row(name: str) -> Torrent:
    return Torrent.objects.get(info_hash=make_hash(name))


def films(number: int, who: str = "") -> list[str]:
    return [f"{who} film {n}" for n in range(number)]


def refuse(sim, code: str, **data) -> None:
    body = {"success": False, "error": code, "detail": "No.", "data": data or None}
    sim.control.fail("createtorrent", kind="status", status=400, body=body)


def test_a_freed_slot_sends_what_waits_for_one_without_waiting_out_the_time(cast, sim):
    sim.control.options(no_slot="active_limit", download_seconds=60, seed_seconds=0)
    sim.control.account(cast.key, plan=0, monthly_limit=99)
    sim.control.options(free_cooldown=0)
    paste(cast, "first", "second")
    sending.send_due(cast.account.pk)
    assert row("second").status == Status.WAITING and "No free slot" in quiet_line(row("second"))
    refreshing.refresh(cast.account, fresh=True)
    sending.send_due(cast.account.pk)
    assert not row("second").remote_id, "nothing has freed a slot yet"
    sim.control.advance(300)
    refreshing.refresh(cast.account, fresh=True)
    sending.send_due(cast.account.pk)
    assert row("second").remote_id
    assert sim.control.accepted(cast.key) == {make_hash(name): 1 for name in ("first", "second")}


def test_a_list_that_shows_no_freer_slot_asks_for_none_again(cast, sim):
    paste(cast, "film")
    refuse(sim, "ACTIVE_LIMIT", active_limit=3, current_active_downloads=3)
    sending.send_due(cast.account.pk)
    for _ in range(3):
        refreshing.refresh(cast.account, fresh=True)
        sending.send_due(cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 1


def test_a_cooldown_waits_until_torbox_says_and_costs_one_call(cast, sim):
    paste(cast, *films(5))
    until = timezone.now() + timedelta(hours=5)
    refuse(sim, "COOLDOWN_LIMIT", cooldown_until=f"{until:%Y-%m-%dT%H:%M:%SZ}")
    sending.send_due(cast.account.pk)
    sending.send_due(cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 1
    for torrent in Torrent.objects.all():
        assert "cooldown. Next try:" in quiet_line(torrent)
        assert abs(torrent.waiting_until - until) < timedelta(seconds=2)


def test_cached_ones_refused_for_a_limit_are_not_tried_one_by_one(cast, sim):
    sim.control.cache([make_hash(name) for name in films(5)])
    paste(cast, *films(5))
    refuse(sim, "MONTHLY_LIMIT", monthly_limit=10, current_downloads=10)
    sending.send_due(cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 1
    assert "used up (10 of 10)" in quiet_line(row(films(1)[0]))


def test_a_full_account_still_takes_cached_ones(cast, sim):
    paste(cast, "uncached")
    refuse(sim, "ACTIVE_LIMIT")
    sending.send_due(cast.account.pk)
    sim.control.cache([make_hash("cached")])
    paste(cast, "cached")
    sending.send_due(cast.account.pk)
    assert row("cached").status == Status.READY and row("uncached").status == Status.WAITING


def test_an_outage_does_not_hide_that_the_month_is_used_up(cast, sim):
    paste(cast, "monthly")
    refuse(sim, "MONTHLY_LIMIT", monthly_limit=10, current_downloads=10)
    sending.send_due(cast.account.pk)
    sim.stop()
    paste(cast, "later")
    sending.send_due(cast.account.pk)
    assert "This month" in quiet_line(row("monthly"))
    assert "isn’t responding" in quiet_line(row("later"))


def test_what_torbox_fails_with_says_so_and_when_it_is_tried_again(cast, sim):
    paste(cast, "bad")
    sim.control.fail("createtorrent", kind="500_envelope", times=2)
    sending.send_due(cast.account.pk)
    first = row("bad")
    assert "TorBox ran into a problem with it: “Please try again later.” Next try:" in quiet_line(first)
    let_waiting_end(cast.account)
    sending.send_due(cast.account.pk)
    second = row("bad")
    assert second.waiting_until - timezone.now() > timedelta(seconds=45), "each time later"
    let_waiting_end(cast.account)
    sending.send_due(cast.account.pk)
    assert row("bad").remote_id


def test_two_hundred_of_one_person_do_not_keep_another_s_one_waiting(cast, sim):
    sim.control.options(create_per_minute=0)
    paste(cast, *films(200, "his"), person=cast.owner)
    sending.send_due(cast.account.pk)
    paste(cast, "hers", person=cast.member)
    budget.forecast(cast.account)
    assert "Number 1 in line" in quiet_line(row("hers"))
    AddRequest.objects.update(due_at=timezone.now())
    type(cast.account).objects.get().create_calls.update(at=timezone.now() - timedelta(minutes=5))
    sending.send_due(cast.account.pk)
    assert row("hers").remote_id or row("hers").queued_id


def test_cached_ones_are_sent_in_turn_as_well(cast, sim):
    names = films(30, "his")
    sim.control.cache([make_hash(name) for name in [*names, "hers"]])
    paste(cast, *names, person=cast.owner)
    paste(cast, "hers", person=cast.member)
    sending.send_due(cast.account.pk)
    sent = list(Torrent.objects.order_by("sent_at").values_list("info_hash", flat=True))
    assert sent.index(make_hash("hers")) <= 1


def test_the_forecast_comes_true(cast, sim, time_machine):
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)
    sim.control.account(cast.key, additional_slots=100)
    paste(cast, *films(25, "his"), person=cast.owner)
    paste(cast, *films(3, "her"), person=cast.member)
    sending.send_due(cast.account.pk)
    promised = dict(Torrent.objects.filter(status=Status.WAITING).values_list("pk", "waiting_until"))
    places = list(Torrent.objects.order_by("waiting_place").values_list("waiting_place", flat=True))
    assert [place for place in places if place] == list(range(1, 19))
    for _ in range(20):
        time_machine.shift(timedelta(seconds=15))
        sim.control.advance(15)
        sending.send_due(cast.account.pk)
    for torrent in Torrent.objects.filter(pk__in=promised):
        assert abs(torrent.sent_at - promised[torrent.pk]) <= timedelta(seconds=16)


def test_who_stands_far_behind_is_told_the_reason_and_no_invented_time(cast, sim):
    rows = [Torrent(account=cast.account, info_hash=f"{n:040x}", added_by=cast.owner) for n in range(650)]
    Torrent.objects.bulk_create(rows)
    AddRequest.objects.bulk_create(
        AddRequest(torrent=torrent, known_cached=False) for torrent in Torrent.objects.order_by("pk")
    )
    budget.forecast(cast.account)
    last = Torrent.objects.order_by("pk").last()
    assert quiet_line(last) == "TorBox allows 60 adds an hour."
    assert Torrent.objects.exclude(waiting_place=None).count() == 600


@pytest.mark.parametrize("seconds", [None, 37])
def test_while_torbox_wants_a_pause_no_place_in_line_is_made_up(cast, sim, seconds):
    paste(cast, *films(3))
    sim.control.fail("createtorrent", kind="429_headers" if seconds else "429")
    sending.send_due(cast.account.pk)
    for torrent in Torrent.objects.all():
        assert torrent.waiting_place is None
        assert "TorBox asked us to slow down. Next try:" in quiet_line(torrent)
    assert not AddRequest.objects.exclude(state=RequestState.WAITING).exists()
