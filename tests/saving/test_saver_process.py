"""The process that saves to disk: it finds due jobs by itself, and no other worker takes them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone

import serve
from saving.engine import runner
from saving.models import Job
from saving.services import deleting, hints
from tests.saving import story
from tests.saving.factories import make_folder, make_job, where_is
from tests.saving.steps import limit_to
from tests.saving.test_stopping import database_url
from torbox_web.celery import app
from torbox_web.queue import due_work, saver
from torrents.models import Heartbeat
from torrents.saving_states import SavingState as State

MB = 1_000_000


class OfCelery:
    """What steps look at in a worker."""

    def __init__(self, app: Celery) -> None:
        self.app = app


@pytest.fixture
def process(transactional_db, sim, save_dir, tmp_path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return a function that runs the saver's line of the Procfile, without anything that sends messages to it."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**variables: str) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "DATABASE_URL": database_url(),
            "TORBOX_API_URL": sim.url,
            "SAVE_DIR": str(save_dir),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **variables,
        }
        line = serve.in_shell(serve.lines_of("Procfile")["saver"])
        with (tmp_path / "saver.log").open("ab") as log:
            started.append(subprocess.Popen(line, cwd=story.ROOT, env=env, stdout=log, stderr=log))
        return started[-1]

    yield start
    for each in started:
        each.terminate()
    for each in started:
        each.wait(20)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_finds_jobs_without_messages_and_has_a_heartbeat(process, at_torbox, sim):
    job = make_job(at_torbox({"a.mkv": MB, "sub/b.mkv": MB}), make_folder())
    process(UMASK="027", REDIS_URL="redis://127.0.0.1:9/0")
    wait_for(lambda: Job.objects.get(pk=job.pk).state == State.SAVED)
    assert Heartbeat.last("saver") and not Heartbeat.last("worker")
    root = where_is(job.folder)
    for file in job.files.all():
        saved = root / file.target
        assert saved.read_bytes() == sim.control.expected_bytes(job.torrent.info_hash, file.path)
        assert stat.S_IMODE(saved.stat().st_mode) == 0o640
        assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o750


@pytest.fixture
def looker(transactional_db, save_dir, hurry) -> Iterator[saver.DueJobs]:
    """Return what looks for jobs in a saver. A test looks by itself."""
    made = saver.DueJobs(app)
    yield made
    runner.stop()
    made.stop()
    made.threads.shutdown()


def test_what_is_to_be_deleted_does_not_wait_for_downloads(looker, cast, at_torbox):
    limit_to(10_000, files_at_a_time=saver.THREADS)
    film = at_torbox(MB, "Film")
    job = make_job(film, state=State.SAVED, ended_at=timezone.now())
    for number in range(saver.THREADS):
        make_job(at_torbox(MB, f"Long {number}"))
    looker._look()
    wait_for(lambda: not runner.free_lanes())
    deleting.delete_saved(person=cast.owner, torrents=[film])
    looker._look()
    wait_for(lambda: not Job.objects.filter(pk=job.pk).exists())
    assert not runner.free_lanes()


def test_only_a_worker_for_its_queue_is_a_saver():
    worker = OfCelery(app)
    assert not saver.is_saver(worker)
    queues = app.amqp.queues
    before = queues._consume_from
    queues.select([hints.QUEUE])
    try:
        assert saver.is_saver(worker)
    finally:
        queues._consume_from = before
    assert not saver.is_saver(worker)


def test_a_worker_without_messages_also_does_what_saving_needs_regularly(settings, save_dir):
    app.loader.import_default_modules()
    looker = due_work.DueWork(app)
    try:
        regular = {name for name, _ids in looker._regular_work()}
        assert regular >= {"saving.tasks.look", "saving.tasks.follow_up", "saving.tasks.prune"}
        assert regular <= set(app.tasks)
        settings.SAVE_DIR = None
        again = due_work.DueWork(app)
        assert not [name for name, _ids in again._regular_work() if name.startswith("saving.")]
        again.stop()
    finally:
        looker.stop()
