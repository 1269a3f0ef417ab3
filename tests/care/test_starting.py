"""Containers that start together: the database is migrated once, and all of them start."""

from __future__ import annotations

import json
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
def test_three_processes_that_start_together_migrate_once(make_instance, kind):
    instance = make_instance(kind)
    started = [instance.start("manage.py", "prepare") for _ in range(3)]
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert not any(err for _, err in said)
    assert instance.python(TABLES) == "0 True"


SCHEMA = """
import json
from django.core.management import call_command
from django.db import connection
from care import new_database
assert new_database.is_empty()
if AT_ONCE:
    new_database.create_tables()
call_command("migrate", verbosity=0)
look, found = connection.introspection, {}
with connection.cursor() as cursor:
    for table in look.table_names(cursor):
        columns = [[str(fact) for fact in column] for column in look.get_table_description(cursor, table)]
        rules = [
            str([name if rule["index"] else "", *sorted(rule.items(), key=str)])
            for name, rule in look.get_constraints(cursor, table).items()
        ]
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
        found[table] = [sorted(columns), sorted(rules), cursor.fetchone()]
print(json.dumps(found))
"""
BY_DJANGO = (
    "auth_group_permissions"  # its migration made a BigAutoField, its model has an AutoField. Not in use
)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tables_created_at_once_are_those_that_the_migrations_make(make_instance, kind):
    at_once, one_by_one = (
        json.loads(make_instance(kind).python(f"AT_ONCE = {at_once}{SCHEMA}")) for at_once in (True, False)
    )
    assert at_once.keys() == one_by_one.keys()
    for table in at_once.keys() - {BY_DJANGO}:
        assert at_once[table] == one_by_one[table]


HOLD = """
import sys
from care.startup_lock import alone
with alone():
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_process_that_dies_while_preparing_blocks_no_other(make_instance, kind):
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


def test_a_worker_with_beat_is_one_process_and_hands_over_when_it_ends(make_instance):
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


def test_a_worker_ends_with_its_beat_so_that_both_are_restarted(make_instance):
    worker = make_instance().start(*WORKER, "--scheduler", "nowhere:Beat")
    _, said = worker.communicate(timeout=PATIENCE)
    assert b"nowhere" in said


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_store_every_name_is_refused_before_any_write(
    make_instance, postgres, encoding
):
    instance = make_instance("postgres")
    name = f"in_{encoding.lower()}"
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    instance.database = postgres.url_of(name)
    went_well, said, _ = instance.manage("prepare")
    assert not went_well and said.count("\n") == 1
    assert f"The database {name} in DATABASE_URL has the encoding {encoding}" in said
    with postgres.connect(name) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)


MODES = """
from pathlib import Path
from django.conf import settings
from django.db import connection
connection.ensure_connection()
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS one (a)")
print(*sorted(f"{path.name} {path.stat().st_mode & 0o777:o}" for path in settings.DATA_DIR.glob("*.sqlite3*")))
"""


@pytest.mark.parametrize("existed", [False, True])
def test_sqlite_files_are_private_in_a_folder_that_others_can_read(make_instance, existed):
    instance = make_instance()
    instance.data.chmod(0o755)
    if existed:
        with sqlite3.connect(instance.data / "torbox-web.sqlite3") as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE kept (a)")
        (instance.data / "torbox-web.sqlite3").chmod(0o644)
    names = ("torbox-web.sqlite3", "torbox-web.sqlite3-shm", "torbox-web.sqlite3-wal")
    assert instance.python(MODES) == " ".join(f"{name} 600" for name in names)


def test_a_data_folder_that_others_can_read_is_reported_at_startup(make_instance):
    instance = make_instance()
    assert instance.manage("prepare")[:2] == (True, "")
    instance.data.chmod(0o750)
    went_well, said, _ = instance.manage("prepare")
    assert (
        went_well
        and said == f"Other users of this machine can read DATA_DIR. Run chmod 700 {instance.data}\n"
    )
