"""Several containers start together: the database is brought up to date once, and all of them start."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

PATIENCE = 60  # seconds
TABLES = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
rows = [(row.app, row.name) for row in MigrationRecorder(connection).migration_qs]
print(len(rows) - len(set(rows)), len(rows) > 20)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_three_that_start_at_once_all_start_and_migrate_once(make_instance, kind):
    instance = make_instance(kind)
    started = [instance.start("manage.py", "prepare") for _ in range(3)]
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert not any(err for _, err in said)
    assert instance.python(TABLES) == "0 True"


HOLD = """
import sys
from care.starting import alone
with alone():
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_one_that_dies_while_it_prepares_holds_up_nobody(make_instance, kind):
    instance = make_instance(kind)
    code = f"import django; django.setup(){HOLD}"
    dying = instance.start("-c", code)
    assert dying.stdout.readline() == b"in\n"
    waiting = instance.start("-c", code)
    dying.kill()
    dying.communicate()
    said, _ = waiting.communicate(timeout=60)
    assert said == b"in\n" and waiting.returncode == 0


WORKER = (
    "-m", "celery", "--quiet", "--app", "torbox_web", "worker", "--pool", "threads", "--with-beat",
    "--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel", "warning",
)  # fmt: skip


def beats_lease(instance) -> list[tuple[str]]:
    with sqlite3.connect(instance.data / "torbox-web.sqlite3") as database:
        return database.execute("SELECT holder FROM care_lease WHERE name = 'beat'").fetchall()


def test_a_worker_with_beat_is_one_process_that_gives_way_and_hands_over_when_it_ends(make_instance):
    instance = make_instance()
    instance.bring_up_to_date()
    worker = instance.start(*WORKER)
    try:
        deadline = time.monotonic() + PATIENCE
        while not beats_lease(instance):
            assert worker.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        assert not Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text()
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) > os.getpriority(os.PRIO_PROCESS, 0)
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
        assert beats_lease(instance) == [("",)]
    finally:
        worker.kill()
        worker.communicate()


def test_a_worker_whose_beat_fails_ends_as_well_so_that_both_are_started_again(make_instance):
    worker = make_instance().start(*WORKER, "--scheduler", "nowhere:Beat")
    _, said = worker.communicate(timeout=PATIENCE)
    assert b"nowhere" in said
