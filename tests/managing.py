"""manage.py in a long-running process, because starting Django takes longer than most commands.

`python -m tests.managing` reads one JSON object per line, `{"words": ["createperson", "mara"], "line": "password"}`, and
responds to each with `{"ended": 0, "printed": "…", "complained": "…"}`.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]


class Manager:
    """A client of that process. As a context manager it ends it."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.managing"]
        self.process = subprocess.Popen(
            command, env=self.env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *problem: object) -> None:
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def run(self, *words: str, line: str = "") -> str:
        """Run a command with `line` as its input, and return what it printed."""
        self.process.stdin.write(json.dumps({"words": words, "line": line}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["ended"] == 0, answer["complained"]
        return answer["printed"]


def serve() -> None:
    from django.core.management import ManagementUtility
    from django.db import connections

    requests, answers = sys.stdin, sys.stdout
    for request in requests:
        asked = json.loads(request)
        answers.write(json.dumps(_obey(ManagementUtility, asked["words"], asked["line"])) + "\n")
        answers.flush()
        connections.close_all()


def _obey(utility: Any, words: list[str], line: str) -> dict[str, Any]:
    printed, complained, ended = io.StringIO(), io.StringIO(), 0
    sys.stdin = io.StringIO(line)
    with redirect_stdout(printed), redirect_stderr(complained):
        try:
            utility(["manage.py", *words]).execute()
        except SystemExit as end:
            ended = int(end.code or 0)
    return {"ended": ended, "printed": printed.getvalue(), "complained": complained.getvalue()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torbox_web.settings")
    serve()
