"""A real saver: asked to stop, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from saving.engine import part_files
from saving.models import Job, SavingSettings
from saving.services import hints
from saving.services import settings as saving_settings
from tests.needs import lacking
from tests.saving import story
from tests.saving.factories import make_job, where_is
from tests.saving.small_disk import NO_DISK
from torrents.saving_states import SavingState as State

MB = 1_000_000
STARTS_WITHIN = 60.0  # seconds
STOPS_WITHIN = 8.0  # on a busy machine; serve.py kills what takes 10 s


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


def wait_for(condition: Callable[[], object], seconds: float = STARTS_WITHIN) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.fixture
def slow_job(at_torbox, transactional_db) -> Job:
    """Return a job that takes a minute."""
    saving_settings.save(SavingSettings(limit=100_000))
    return make_job(at_torbox({"film.mkv": 6 * MB}))


def part_of(job: Job) -> Path:
    return part_files.part_path(where_is(job.folder), job.files.get())


def test_a_saver_that_is_asked_to_stop_ends_within_seconds(saver, slow_job):
    process = saver()
    hints.hint([slow_job.pk])
    wait_for(lambda: size_of(part_of(slow_job)))
    process.send_signal(signal.SIGTERM)
    process.wait(STOPS_WITHIN)
    slow_job.refresh_from_db()
    assert (slow_job.state, slow_job.claim) == (State.WAITING, "")
    assert slow_job.bytes_done == size_of(part_of(slow_job)) > 0


def test_a_saver_goes_on_where_a_killed_one_was(saver, slow_job, sim):
    process = saver()
    hints.hint([slow_job.pk])
    wait_for(lambda: size_of(part_of(slow_job)))
    process.kill()
    process.wait()
    left = size_of(part_of(slow_job))
    saving_settings.save(SavingSettings(limit=0))
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
