"""Any number of beats queue each task once, and when the leader dies, another takes over."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from care.models import InstanceLease
from torbox_web.celery import app
from torbox_web.queue.beat import LEASE, MAX_MESSAGES, ONE_BY_ONE, RENEWED_SECONDS, LeaderScheduler
from torrents import tasks
from torrents.models import Heartbeat
from torrents.queueing import messages_waiting

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600


def take_all() -> Counter[str]:
    """Empty the queue and return the number of its messages by task."""
    found: Counter[str] = Counter()
    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        for _ in range(messages_waiting()):
            message = queue.get(timeout=5)
            task = message.headers["task"]
            names = message.payload[0][0] if task == ONE_BY_ONE else [task]
            found.update(names)
            message.ack()
    return found


@pytest.fixture
def made_beats(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    take_all()
    made = [LeaderScheduler(app=app) for _ in range(3)]

    def shift(seconds: float) -> None:
        """Shift both clocks, because time.monotonic doesn't follow the test's."""
        time_machine.shift(timedelta(seconds=seconds))
        for beat in made:
            beat.due_at = {name: at - seconds for name, at in beat.due_at.items()}

    yield made, shift
    for beat in made:
        beat.close()
    take_all()


@pytest.fixture
def beats(made_beats):
    """Make three beats, as `celery beat` does."""
    return made_beats[0]


@pytest.fixture
def pass_time(made_beats):
    return made_beats[1]


def go_round(beats: list[LeaderScheduler]) -> None:
    """Let each beat do what is due now."""
    for beat in beats:
        beat.tried_at -= HOUR  # time.monotonic doesn't follow the test's clock
        beat.tick()


def die(beat: LeaderScheduler) -> None:
    """Let a beat die: its lease expires by the database's clock, which a test can't move."""
    InstanceLease.objects.filter(holder=beat.holder).update(until=timezone.now() - timedelta(days=1))


def test_three_beats_queue_each_task_once(beats, pass_time):
    go_round(beats)
    for _ in range(4):
        pass_time(HOUR)
        go_round(beats)
        assert take_all() == dict.fromkeys(task_names(), 1)
    assert Heartbeat.objects.filter(name="beat").count() == 1


def task_names() -> list[str]:
    return [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]


def test_the_order_of_beats_does_not_matter(beats, pass_time):
    go_round(beats)
    pass_time(HOUR)
    go_round(beats[::-1])
    assert take_all() == dict.fromkeys(task_names(), 1)
    assert [beat.leads for beat in beats] == [True, False, False]


def test_another_beat_takes_over_and_the_dead_one_waits_when_it_returns(beats, pass_time):
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


def test_a_stopped_beat_hands_over_immediately(beats, pass_time):
    go_round(beats)
    beats[0].close()
    go_round(beats[1:])
    assert beats[1].leads


def test_without_workers_the_queue_stops_growing(beats, pass_time, settings):
    for _ in range(MAX_MESSAGES):
        tasks.prune.delay()
    pass_time(HOUR)
    go_round(beats)
    assert messages_waiting() == MAX_MESSAGES
    assert (
        beats[0].tick() == RENEWED_SECONDS and InstanceLease.objects.get(name=LEASE).holder == beats[0].holder
    )


def test_beats_go_on_after_a_clock_was_a_day_ahead(beats, pass_time, time_machine):
    go_round(beats)
    time_machine.shift(timedelta(days=1))
    pass_time(HOUR)
    go_round(beats)
    assert take_all() == dict.fromkeys(task_names(), 1)
    time_machine.shift(timedelta(days=-1))
    pass_time(HOUR)
    go_round(beats)
    assert take_all() == dict.fromkeys(task_names(), 1)


def test_a_lease_taken_by_a_wrong_database_clock_blocks_no_beat(beats):
    go_round(beats[:1])
    InstanceLease.objects.filter(holder=beats[0].holder).update(until=timezone.now() + timedelta(days=1))
    go_round(beats[1:])
    assert beats[1].leads


def test_a_beat_keeps_its_lease_through_an_upgrade_but_not_a_downgrade(beats, request):
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    InstanceLease.objects.create(name="dropped")
    before = MigrationExecutor(connection)
    before.migrate([("care", "0001_leases")])
    old = before.loader.project_state([("care", "0001_leases")]).apps.get_model("care", "Lease")
    assert not old.objects.exists()
    soon = timezone.now() + timedelta(seconds=15)
    old.objects.create(name=LEASE, holder=beats[0].holder, until=soon)
    call_command("migrate", verbosity=0)
    assert InstanceLease.objects.get(name=LEASE).until == soon
    go_round(beats[::-1])
    assert [beat.leads for beat in beats] == [True, False, False]
