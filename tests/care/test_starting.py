"""Several containers start together: the database is brought up to date once, and all of them start."""

from __future__ import annotations

import pytest

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
