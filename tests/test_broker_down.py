"""Without its broker the app goes on: the message was only a hint."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEND = """
import django
django.setup()
from torrents import tasks
tasks._queue(tasks.refresh_account, 1)
print("went on")
"""

LOOK = """
import django
django.setup()
from torrents.status.machinery import queue
print(queue().word, "|", queue().problem.what)
"""


def run_with_redis_at(address: str, code: str, data: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "DATA_DIR": str(data),
        "REDIS_URL": address,
        "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_redis_that_is_down_costs_a_warning(tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        done = run_with_redis_at(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0", SEND, tmp_path)
    assert done.stdout == "went on\n", done.stderr
    assert "The queue cannot be reached" in done.stderr


@pytest.mark.parametrize("listens", [False, True], ids=["nobody there", "accepts and never answers"])
def test_the_status_says_that_redis_does_not_answer(tmp_path: Path, listens):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        if listens:
            mute.listen(8)
        done = run_with_redis_at(f"redis://127.0.0.1:{mute.getsockname()[1]}/0", LOOK, tmp_path)
    assert done.stdout.startswith("Out of reach | Redis does not answer."), done.stderr
