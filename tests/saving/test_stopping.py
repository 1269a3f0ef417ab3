"""A real saver: asked to stop, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from saving.models import Job
from saving.services import hints
from tests.needs import lacking
from tests.saving import story
from tests.saving.factories import make_job, where_is
from tests.saving.small_disk import NO_DISK
from tests.saving.steps import limit_to, part_of, wait_for
from torrents.saving_states import SavingState as State

MB = 1_000_000
# On a busy machine. An idle one takes 2 s, and the job that is stopped takes longer than this.
STOPS_WITHIN = 120.0  # seconds


def database_url() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


@pytest.fixture
def saver(transactional_db, sim, save_dir, tmp_path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Return a function that starts a saver on the database of the test."""
    started: list[subprocess.Popen[bytes]] = []
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "TORBOX_API_URL": sim.url,
        "SAVE_DIR": str(save_dir),
    }

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "saver.log").open("ab") as log:
            words = [sys.executable, *story.SAVER]
            started.append(subprocess.Popen(words, cwd=story.ROOT, env=env, stdout=log, stderr=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.fixture
def slow_job(at_torbox, transactional_db) -> Job:
    """Return a job that takes ten minutes."""
    limit_to(10_000)
    return make_job(at_torbox({"film.mkv": 6 * MB}))


def test_a_saver_that_is_asked_to_stop_ends_in_the_midst_of_a_file(saver, slow_job):
    process = saver()
    hints.hint([slow_job.pk])
    wait_for(lambda: size_of(part_of(slow_job)))
    process.send_signal(signal.SIGTERM)
    process.wait(STOPS_WITHIN)
    slow_job.refresh_from_db()
    assert (slow_job.state, slow_job.claim) == (State.WAITING, "")
    assert 6 * MB > slow_job.bytes_done == size_of(part_of(slow_job)) > 0


def test_a_saver_goes_on_where_a_killed_one_was(saver, slow_job, sim):
    process = saver()
    hints.hint([slow_job.pk])
    wait_for(lambda: size_of(part_of(slow_job)))
    process.kill()
    process.wait()
    left = size_of(part_of(slow_job))
    limit_to(0)
    Job.objects.update(claimed_until=timezone.now())  # a minute later
    sim.control.reset_calls()
    saver()
    hints.hint([slow_job.pk])
    wait_for(lambda: Job.objects.get(pk=slow_job.pk).state == State.SAVED)
    file = slow_job.files.get()
    whole = sim.control.expected_bytes(slow_job.torrent.info_hash, file.path)
    assert left and (where_is(slow_job.folder) / file.target).read_bytes() == whole


def test_nothing_is_lost_in_the_small_story():
    """Odd names, a CDN that breaks off, addresses that expire, two kills, and a full disk."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.saving.story", "--small"],
        cwd=story.ROOT,
        capture_output=True,
        text=True,
    )
    if NO_DISK in done.stderr:
        lacking(NO_DISK)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "files 50, equal 50" in done.stdout
