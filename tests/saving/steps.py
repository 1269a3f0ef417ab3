"""Steps that tests of saving share: run jobs, look at what is on disk, and wait for something."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connections

from saving.engine import part_files, runner
from saving.models import Job, SavingSettings
from saving.services import settings as saving_settings
from tests.saving.factories import where_is

PATIENCE = 120.0  # seconds. Nothing takes that long, but other tests may have the processors


def run(job: Job) -> Job:
    """Run a job until it ends or waits."""
    runner.run(job.pk)
    job.refresh_from_db()
    return job


def retry(job: Job) -> Job:
    """Run a job as if the time that it waits for had come."""
    Job.objects.filter(pk=job.pk).update(retry_at=None)
    return run(job)


def in_background(job: Job) -> threading.Thread:
    """Run a job in a thread of its own."""

    def work() -> None:
        try:
            runner.run(job.pk)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"It didn't happen within {PATIENCE:.0f} s."
        time.sleep(0.02)


def wait_until_ended(*threads: threading.Thread) -> None:
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"It didn't end within {PATIENCE:.0f} s."


def limit_to(bytes_per_second: int, **fields: object) -> None:
    """Set the speed limit, 0 for none, and other settings."""
    saving_settings.save(SavingSettings(limit=bytes_per_second, **fields))


def contents(root: Path) -> dict[str, bytes]:
    """Return the files below a folder, except for the one by which we know it again."""
    found = (path for path in root.rglob("*") if path.is_file() and path.name != ".torbox-web")
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def has_all_bytes(job: Job, sim) -> bool:
    """Return whether all files of a job are on disk, and nothing but them."""
    root = where_is(job.folder)
    files = list(job.files.all())
    hash_ = job.torrent.info_hash
    expected = {file.target: sim.control.expected_bytes(hash_, file.path) for file in files}
    return contents(root) == expected


def part_of(job: Job) -> Path:
    """Return the path of the partial file of the job's first file."""
    return part_files.part_path(where_is(job.folder), job.files.first())
