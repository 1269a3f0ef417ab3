"""The browser stories against an instance that somebody else has started, with its simulator: see `tests/compose`.

RUNNING_INSTANCE and RUNNING_SIMULATOR are their addresses, RUNNING_MANAGE is what runs manage.py in it, and
RUNNING_LOGS what prints its logs.
"""

from __future__ import annotations

import base64
import inspect
import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from simulator.control import Control
from tests.browser.conftest import Stack


class FarControl:
    """The simulator's control side over HTTP, with the methods of `simulator.control.Control`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __getattr__(self, name: str) -> Callable[..., Any]:
        signature = inspect.signature(getattr(Control, name))

        def call(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(self, *args, **kwargs)
            named = list(signature.parameters)[1 : len(args) + 1]
            given = dict(zip(named, bound.args[1:], strict=False)) | kwargs
            answer = requests.post(f"{self.url}/_sim/{name}", json=given, timeout=30)
            answer.raise_for_status()
            return answer.json()["result"]

        return call

    def make_work(self, name: str, files: dict[str, int]) -> SimpleNamespace:
        made = self.__getattr__("make_work")(name, files)
        return SimpleNamespace(info_hash=made["hash"], magnet=made["magnet"], name=made["name"])

    def expected_bytes(self, info_hash: str, path: str) -> bytes:
        return base64.b64decode(self.__getattr__("expected_bytes")(info_hash, path))


class FarSimulator:
    """What the stories need of `simulator.server.Running`."""

    def __init__(self, url: str) -> None:
        self.url, self.control = url, FarControl(url)

    def restart(self) -> None:
        """It runs all the time."""

    def stop(self) -> None:
        pytest.skip("The simulator of another instance is not stopped.")


@dataclass
class Elsewhere:
    """What the stories need of `tests.browser.conftest.Stack`."""

    url: str
    sim: FarSimulator
    manage_command: list[str]
    logs_command: list[str]

    person = Stack.person

    def manage(self, *words: str, line: str = "") -> str:
        command = [*self.manage_command, *words]
        done = subprocess.run(command, input=line, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def log(self) -> str:
        done = subprocess.run(
            self.logs_command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
        )
        assert done.returncode == 0 and done.stdout
        return done.stdout


def running_elsewhere() -> Elsewhere:
    env = os.environ
    sim = FarSimulator(env["RUNNING_SIMULATOR"])
    commands = (shlex.split(env[name]) for name in ("RUNNING_MANAGE", "RUNNING_LOGS"))
    return Elsewhere(env["RUNNING_INSTANCE"], sim, *commands)
