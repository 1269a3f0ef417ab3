"""Two workers and two beats by mistake, truly at the same time: no call is made twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import TorBoxAccount
from tests.factories import make_account, make_cast, make_hash, make_key
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import AddRequest, RequestState, Torrent
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
BATCH_SIZE = 4  # each of two workers has got the messages of two beats


def refresh() -> None:
    for account_id in refreshing.due_account_ids():
        tasks.refresh_account(account_id)


def watch() -> None:
    for account_id in refreshing.watched_account_ids():
        tasks.watch_account(account_id)


def send() -> None:
    for account_id in sending.account_ids_with_due():
        tasks.send_adds(account_id)


def control() -> None:
    for account_id in controls.account_ids_with_due():
        tasks.send_controls(account_id)


def race(*jobs: Callable[[], object], times: int = BATCH_SIZE) -> None:
    """All of the jobs, each `times` times, from threads with connections of their own that start together."""
    todo = [job for job in jobs for _ in range(times)]
    barrier = Barrier(len(todo))

    def run(job: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(todo)) as pool:
        for done in [pool.submit(run, job) for job in todo]:
            done.result()


@pytest.fixture
def cast(sim, key, settings):
    """Without the database of other tests: here everything is committed."""
    settings.UNDO_SECONDS = 0
    sim.control.options(latency=0.02, meta_seconds=0, download_seconds=5000)
    sim.control.account(key, additional_slots=90)
    return make_cast(key)


@pytest.fixture
def pass_time(sim, time_machine) -> Callable[[int], None]:
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)

    def shift(seconds: int) -> None:
        time_machine.shift(timedelta(seconds=seconds))
        sim.control.advance(seconds)

    return shift


def paste(cast, *names: str, person=None) -> None:
    new_torrents = [NewTorrent(Magnet(make_hash(name), name)) for name in names]
    add(person=person or cast.owner, account=cast.account, new_torrents=new_torrents, options=Options())


def place(sim, cast, number: int, state: str = "downloading") -> None:
    for part in range(number):
        spec = {"key": cast.key, "hash": make_hash(f"there {part}"), "state": state, "download_seconds": 9000}
        sim.control.seed(torrents=[spec])
    assert refreshing.refresh(cast.account, fresh=True)
    sim.control.reset_calls()


def test_each_list_is_read_once(cast, sim, pass_time):
    keys = [cast.key, make_key("second")]
    sim.control.seed(accounts=[{"key": keys[1]}])
    make_account(cast.owner, keys[1], label="Second")
    for number in range(1, ROUNDS + 1):
        pass_time(1000)
        race(refresh)
        for key in keys:
            assert sim.control.count("mylist", key) == number
            assert sim.control.count("getqueued", key) == number


def test_each_look_at_what_moves_is_one_read(cast, sim, pass_time):
    place(sim, cast, 1)
    for number in range(1, ROUNDS + 1):
        pass_time(15)
        refreshing.look([TorBoxAccount.objects.get()], moving=True)
        race(watch)
        assert sim.control.count("mylist", cast.key) == number


def test_each_wish_is_sent_once(cast, sim, pass_time):
    names = [f"film {number}" for number in range(17)]
    sim.control.cache([make_hash(name) for name in names[:5]])
    for round_ in range(ROUNDS):
        paste(cast, *(f"{name}" for name in names[round_ * 5 : round_ * 5 + 5]))
        race(send)
        pass_time(61)
    assert sim.control.count("createtorrent", cast.key) == len(names)
    assert sim.control.accepted(cast.key) == {make_hash(name): 1 for name in names}
    assert sim.control.count("checkcached", cast.key) == ROUNDS
    assert sim.control.count("mylist", cast.key) == len(names), "each is looked at once after it was sent"


def test_what_is_unsure_is_found_out_and_sent_again_once(cast, sim, pass_time):
    for after in (True, False):
        paste(cast, f"film {after}")
        sim.control.fail("createtorrent", kind="drop", after=after)
        sending.send_due(cast.account.pk)
        for _ in range(ROUNDS):
            pass_time(70)
            race(send, refresh, times=2)
    assert sim.control.count("createtorrent", cast.key) == 3, "only the one that did not arrive goes twice"
    assert set(sim.control.accepted(cast.key).values()) == {1}
    assert not AddRequest.objects.exclude(state=RequestState.DONE).exists()


def test_what_a_dead_worker_left_is_done_once(cast, sim, pass_time):
    place(sim, cast, 2)
    paste(cast, "film")
    controlling.control(
        person=cast.owner, torrents=list(Torrent.objects.exclude(remote_id=None)), operation="pause"
    )
    cast.account.take_lease("send")
    cast.account.take_lease("control")
    assert AddRequest.objects.get(state=RequestState.WAITING).claim(expecting=RequestState.WAITING)
    race(send, control, times=2)
    assert sim.control.count("createtorrent", cast.key) == sim.control.count("controltorrent", cast.key) == 0
    for _ in range(ROUNDS):
        pass_time(200)
        race(send, control)
    assert sim.control.count("createtorrent", cast.key) == 1
    assert sim.control.count("controltorrent", cast.key) == 2


@pytest.mark.parametrize("number", [1, 8])
def test_each_operation_is_done_once_one_or_many(cast, sim, number, pass_time):
    place(sim, cast, number)
    for round_, operation in enumerate(["pause", "resume", "reannounce"], start=1):
        controlling.control(person=cast.owner, torrents=list(Torrent.objects.all()), operation=operation)
        race(control)
        assert sim.control.count("controltorrent", cast.key) == round_ * number
        assert sim.control.count("mylist", cast.key) == round_, "one look afterwards"
    controlling.remove(person=cast.owner, torrents=list(Torrent.objects.all()))
    race(control)
    assert sim.control.count("controltorrent", cast.key) == 4 * number
    assert not Torrent.objects.listed().exists()


def test_two_people_who_paste_the_same_at_once_share_one_wish(cast, sim):
    names = [f"film {number}" for number in range(9)]
    race(
        lambda: paste(cast, *names, person=cast.owner),
        lambda: paste(cast, *reversed(names), person=cast.member),
        times=2,
    )
    assert Torrent.objects.count() == AddRequest.objects.count() == len(names)
    race(send)
    assert sim.control.accepted(cast.key) == {make_hash(name): 1 for name in names}
    assert sim.control.count("createtorrent", cast.key) == len(names)


def test_of_one_account_three_calls_run_at_a_time_however_much_there_is_to_do(cast, sim, pass_time):
    place(sim, cast, 8)
    for round_ in range(ROUNDS):
        pass_time(1000)
        paste(cast, *(f"film {round_} {number}" for number in range(5)))
        there = list(Torrent.objects.exclude(remote_id=None))
        controlling.control(person=cast.owner, torrents=there, operation="reannounce")
        refreshing.look([TorBoxAccount.objects.get()], moving=True)
        race(refresh, watch, send, control)
    assert sim.control.count("createtorrent", cast.key) == 5 * ROUNDS
    assert sim.control.most_at_once(cast.key) <= 3
    assert sim.control.refused() == 0
