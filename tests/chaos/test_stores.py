"""Two minutes of `python -m tests.chaos.stores`: stores fail, every add arrives once, and everything recovers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import lacking

from .stores import NOT_POSSIBLE

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 1200  # two minutes on an idle machine; on a busy one it waits as long as something advances
# The stores of each stack; the clock is the same for both.
FAULTS = {
    "sqlite": ["disk-full=25", "clock-ahead=40"],
    "postgres": ["redis-full=25", "redis-stopped=20", "postgres-stopped=15"],
}


@pytest.fixture
def run_stores():
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "tests.chaos.stores", *words]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        printed, _ = process.communicate(timeout=MAX_SECONDS)
        return process.returncode, printed

    yield run
    for process in started:
        process.terminate()
        process.wait(30)


def test_failing_stores_lose_and_repeat_nothing(run_stores, capsys):
    status, printed = run_stores(*FAULTS[os.environ["STACK"]])
    if status == NOT_POSSIBLE and os.geteuid() != 0:
        pytest.skip(printed)
    if status == NOT_POSSIBLE:
        lacking(printed)
    with capsys.disabled():
        print(f"\n{printed}")
    assert status == 0, printed
    assert "Nothing lost, nothing doubled, nothing down." in printed
