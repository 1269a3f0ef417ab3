"""The short form of `python -m tests.notifications.chaos`: everyone is told each thing once, singly or in a digest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 420
STACKS = {"sqlite": [], "postgres": ["--postgres", "--redis"]}


def test_each_thing_is_told_once_while_workers_are_killed_and_the_service_fails():
    command = [sys.executable, "-m", "tests.notifications.chaos", "--short", *STACKS[os.environ["STACK"]]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MAX_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing lost, nothing doubled." in done.stdout
