"""Without its broker the app goes on: the message was only a hint."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEND = """
import django
django.setup()
from torrents import tasks
tasks._queue(tasks.refresh_account, 1)
print("went on")
"""


def test_a_redis_that_is_down_costs_a_warning(tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        env = os.environ | {
            "DATA_DIR": str(tmp_path),
            "REDIS_URL": address,
            "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
        }
        command = [sys.executable, "-c", SEND]
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "went on\n", done.stderr
    assert "The queue cannot be reached" in done.stderr
