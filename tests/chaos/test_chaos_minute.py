"""The short form of `make chaos`: processes are killed while every tenth call fails, and every add arrives once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.needs import lacking

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 1800  # three minutes on an idle machine; on a busy one it waits as long as something advances
# The options of a run on each stack, and where its backup is restored. People migrate from SQLite to PostgreSQL.
STACKS: dict[str, tuple[list[str], list[str]]] = {
    "sqlite": ([], ["sqlite", "postgres"]),
    "postgres": (["--postgres", "--redis"], ["postgres"]),
}


@pytest.fixture
def run_chaos():
    """Run it with these arguments and return the exit status and the output. It always ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "tests.chaos", *words]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        printed, _ = process.communicate(timeout=MAX_SECONDS)
        return process.returncode, printed

    yield run
    for process in started:
        process.terminate()  # it then stops its own processes
        process.wait(30)


def test_every_add_arrives_once_and_a_restored_backup_sends_nothing_twice(run_chaos):
    stack, targets = STACKS[os.environ["STACK"]]
    targets = [target for target in targets if target == "sqlite" or has_postgres()]
    restore = [word for target in targets for word in ("--restore", target)]
    status, printed = run_chaos("--seconds", "60", *restore, *stack)
    assert status == 0, printed
    assert "Nothing lost, nothing doubled, nothing stuck." in printed
    for target in targets:
        assert f"sent after restoring, restored on {target}" in printed
    if "postgres" not in targets:
        lacking("PostgreSQL is not installed: restored on SQLite only.")


def has_postgres() -> bool:
    try:
        servers.Postgres()
    except servers.Missing:
        return False
    return True
