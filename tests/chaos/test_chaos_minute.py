"""Short forms of `make chaos`: processes are killed while every tenth call fails, and every wish arrives once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.needs import lacking

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 400


@pytest.fixture
def run_chaos():
    """Runs it with these words; the exit status and what it printed. It ends with the test, whatever happens."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "tests.chaos", *words]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        printed, _ = process.communicate(timeout=MOST_SECONDS)
        return process.returncode, printed

    yield run
    for process in started:
        process.terminate()  # it stops its own processes then
        process.wait(30)


def test_every_wish_arrives_once_while_calls_fail_and_processes_are_killed(run_chaos):
    stack = ["--postgres", "--redis"] if os.environ["STACK"] == "postgres" else []
    status, printed = run_chaos("--seconds", "60", *stack)
    assert status == 0, printed
    assert "Nothing lost, nothing doubled, nothing stuck." in printed


def test_a_backup_made_in_the_middle_of_it_restores_on_both_databases_and_sends_nothing_twice(run_chaos):
    stack = ["--postgres", "--redis"] if os.environ["STACK"] == "postgres" else []
    targets = ["sqlite", "postgres"] if has_postgres() else ["sqlite"]
    restore = [word for target in targets for word in ("--restore", target)]
    status, printed = run_chaos("--seconds", "30", *restore, *stack)
    assert status == 0, printed
    for target in targets:
        assert f"sent after restoring, restored on {target}" in printed
    if len(targets) < 2:
        lacking("PostgreSQL is not installed: restored on SQLite only.")


def has_postgres() -> bool:
    try:
        servers.Postgres()
    except servers.Missing:
        return False
    return True
