"""However many beats run, the work of one is handed out; when it dies, another one goes on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from care.models import Lease
from torbox_web.beat import LEASE, MOST_MESSAGES, RENEWED_SECONDS, SteadyScheduler
from torbox_web.celery import app
from torrents import tasks
from torrents.models import Heartbeat
from torrents.status.machinery import messages_waiting

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600


def take_all() -> Counter[str]:
    """What is in the queue, by task; it is empty afterwards."""
    found: Counter[str] = Counter()
    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        for _ in range(messages_waiting()):
            message = queue.get(timeout=5)
            found[message.headers["task"].rpartition(".")[2]] += 1
            message.ack()
    return found


@pytest.fixture
def pass_time(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    take_all()
    yield lambda seconds: time_machine.shift(timedelta(seconds=seconds))
    take_all()


@pytest.fixture
def beats(pass_time):
    """Three, as `celery beat` makes them."""
    made = [SteadyScheduler(app=app) for _ in range(3)]
    yield made
    for beat in made:
        beat.close()


def go_round(beats: list[SteadyScheduler]) -> None:
    """Each does what is due for it now."""
    for beat in beats:
        beat.tried_at -= HOUR  # time.monotonic does not move with the test's clock
        while not beat.tick():
            pass


def die(beat: SteadyScheduler) -> None:
    """Without a word: its lease runs out by the database's clock, which a test cannot move."""
    Lease.objects.filter(holder=beat.holder).update(until=timezone.now() - timedelta(days=1))


def test_three_beats_hand_out_the_work_of_one(beats, pass_time):
    go_round(beats)
    for _ in range(4):
        pass_time(HOUR)
        go_round(beats)
        assert take_all() == dict.fromkeys(task_names(), 1)
    assert Heartbeat.objects.filter(name="beat").count() == 1


def task_names() -> list[str]:
    return [entry["task"].rpartition(".")[2] for entry in settings.CELERY_BEAT_SCHEDULE.values()]


def test_the_order_in_which_they_come_does_not_matter(beats, pass_time):
    go_round(beats)
    pass_time(HOUR)
    go_round(beats[::-1])
    assert take_all() == dict.fromkeys(task_names(), 1)
    assert [beat.leads for beat in beats] == [True, False, False]


def test_when_the_one_dies_another_goes_on_and_the_dead_one_stands_by_when_it_is_back(beats, pass_time):
    go_round(beats)
    die(beats[0])
    go_round(beats[1:])
    pass_time(HOUR)
    go_round(beats[1:])
    assert take_all() == dict.fromkeys(task_names(), 1)
    pass_time(HOUR)
    go_round(beats)
    assert take_all() == dict.fromkeys(task_names(), 1)
    assert [beat.leads for beat in beats] == [False, True, False]


def test_a_beat_that_is_stopped_hands_over_at_once(beats, pass_time):
    go_round(beats)
    beats[0].close()
    go_round(beats[1:])
    assert beats[1].leads


def test_while_no_worker_takes_anything_the_queue_stops_growing(beats, pass_time, settings):
    for _ in range(MOST_MESSAGES):
        tasks.prune.delay()
    pass_time(HOUR)
    go_round(beats)
    assert messages_waiting() == MOST_MESSAGES
    assert beats[0].tick() == RENEWED_SECONDS and Lease.objects.get(name=LEASE).holder == beats[0].holder
