"""A call whose answer got lost: looked for before it is sent again, however late TorBox's lists show it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services as accounts
from tests.factories import make_hash
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import Activity, AddRequest, RequestState, Torrent
from torrents.pages.list.row_text import quiet_line
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing


def paste(cast, name: str = "film"):
    new_torrents = [NewTorrent(Magnet(make_hash(name), name))]
    return add(person=cast.owner, account=cast.account, new_torrents=new_torrents, options=Options())


@pytest.fixture
def clock(sim, time_machine):
    """Our time and TorBox's, moved together; `pass_` lets beat and worker work every 15 s."""
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)

    def pass_(seconds: int, account_id: int) -> None:
        for _ in range(0, seconds, 15):
            time_machine.shift(timedelta(seconds=15))
            sim.control.advance(15)
            sending.send_due(account_id)
            controls.send_due(account_id)

    return pass_


@pytest.mark.parametrize("lag", [0, 60, 150])
def test_what_arrived_is_found_even_in_lists_that_lag_and_is_not_sent_again(cast, sim, clock, lag):
    sim.control.options(fresh_lag_seconds=lag)
    sim.control.fail("createtorrent", kind="drop", after=True)
    paste(cast)
    sending.send_due(cast.account.pk)
    clock(300, cast.account.pk)
    assert AddRequest.objects.get().state == RequestState.DONE
    assert sim.control.count("createtorrent", cast.key) == 1
    assert Torrent.objects.get().remote_id
    assert Activity.objects.filter(kind=Activity.Kind.SENT).count() == 1


def test_what_did_not_arrive_is_sent_again_once_the_lists_have_settled(cast, sim, clock):
    sim.control.fail("createtorrent", kind="drop", after=False)
    paste(cast)
    sending.send_due(cast.account.pk)
    clock(120, cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 1
    assert "If it isn’t on TorBox by" in quiet_line(Torrent.objects.get())
    told = Activity.objects.filter(kind=Activity.Kind.WAITED).values_list("code", flat=True)
    assert list(told) == ["answer_lost"], "once, however often it is looked for"
    clock(120, cast.account.pk)
    assert sim.control.accepted(cast.key) == {make_hash("film"): 1}
    assert Torrent.objects.get().remote_id


def test_a_worker_killed_while_sending_is_followed_by_another_that_looks_first(cast, sim, clock):
    paste(cast)
    lease = cast.account.take_lease("send")
    AddRequest.objects.get().claim(expecting=RequestState.WAITING)
    sim.control.seed(torrents=[{"key": cast.key, "hash": make_hash("film"), "state": "downloading"}])
    assert lease
    clock(300, cast.account.pk)
    assert AddRequest.objects.get().state == RequestState.DONE
    assert sim.control.count("createtorrent", cast.key) == 0


class Meanwhile:
    """Sends in a thread of its own while TorBox takes its time, and does something in between."""

    def __init__(self, sim, account_id: int) -> None:
        sim.control.fail("createtorrent", kind="delay", delay=1.0)
        self.account_id, self.problems = account_id, []
        self.thread = threading.Thread(target=self.send)

    def send(self) -> None:
        from django.db import connection

        try:
            sending.send_due(self.account_id)
        except Exception as problem:
            self.problems.append(problem)
        finally:
            connection.close()

    def __enter__(self) -> None:
        self.thread.start()
        while not AddRequest.objects.filter(state=RequestState.SENDING).exists():
            assert self.thread.is_alive()

    def __exit__(self, *problem: object) -> None:
        self.thread.join()
        assert not self.problems


@pytest.mark.django_db(transaction=True)
def test_deleting_and_pasting_again_while_it_is_being_sent_sends_it_once(cast, sim):
    paste(cast)
    with Meanwhile(sim, cast.account.pk):
        controlling.remove(person=cast.owner, torrents=[Torrent.objects.get()])
        controls.send_due(cast.account.pk)
        result = paste(cast)
    assert [row.info_hash for row in result.added + result.existing] == [make_hash("film")]
    tasks.send_adds(cast.account.pk)
    row = Torrent.objects.get()
    assert row.remote_id and row.removed_at is None
    assert sim.control.count("createtorrent", cast.key) == 1


@pytest.mark.django_db(transaction=True)
def test_disconnecting_while_something_is_being_sent_breaks_nothing(cast, sim):
    paste(cast)
    with Meanwhile(sim, cast.account.pk):
        accounts.disconnect(cast.account)
    assert not Torrent.objects.exists() and not AddRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reading_the_list_while_something_is_being_sent_loses_neither(cast, sim):
    paste(cast)
    with Meanwhile(sim, cast.account.pk):
        assert refreshing.refresh(cast.account, fresh=True)
    assert AddRequest.objects.get().state == RequestState.DONE
    assert Torrent.objects.get().remote_id


def test_a_list_that_is_paused_holds_up_what_is_looked_for_and_nothing_else(cast, sim, clock):
    sim.control.fail("createtorrent", kind="drop", after=False)
    paste(cast, "unsure")
    sending.send_due(cast.account.pk)
    sim.control.fail("mylist", kind="429")
    paste(cast, "another")
    clock(30, cast.account.pk)
    assert sim.control.accepted(cast.key) == {make_hash("another"): 1}


def test_while_torbox_is_down_looking_for_a_lost_answer_is_the_only_call_of_a_probe(cast, sim, clock):
    sim.control.fail("createtorrent", kind="drop", after=False)
    paste(cast, "unsure")
    sending.send_due(cast.account.pk)
    paste(cast, "another")
    sim.control.reset_calls()
    sim.control.every(1, ["500"], after=False)
    clock(15, cast.account.pk)
    assert sim.control.count("getqueued") == sim.control.count() == 1
