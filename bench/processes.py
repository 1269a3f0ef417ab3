"""The app as people run it: a process for each line of the Procfile that is needed, in the environment of this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from serve import supervised

from . import machine
from .servers import free_port

ROOT = Path(__file__).resolve().parents[1]
STARTS_WITHIN, STOPS_WITHIN = 60, 20  # seconds


@dataclass
class Running:
    url: str
    processes: dict[str, subprocess.Popen[bytes]]

    def pss(self) -> dict[str, int]:
        """Return the bytes by line of the Procfile. The worker's include beat."""
        return {name: machine.pss(process.pid) for name, process in self.processes.items()}

    def processor(self) -> dict[str, float]:
        """Return the seconds of the processor used so far, by line of the Procfile."""
        return {name: machine.processor(process.pid) for name, process in self.processes.items()}


def seconds_to_start(torbox_url: str, data: Path) -> float:
    """Return the seconds from `serve.py` to the first page, with this data folder."""
    url, env = _own_address(torbox_url)
    folders = {"DATA_DIR": str(data), "STATIC_ROOT": str(data / "static")}
    stores = {"DATABASE_URL": f"sqlite:///{data / 'torbox-web.sqlite3'}", "REDIS_URL": ""}
    env |= folders | stores
    began = time.monotonic()
    started = _start(f"{sys.executable} serve.py", env)
    try:
        _wait_for(url, {"serve": started}, pause=0.02)
        return time.monotonic() - began
    finally:
        _stop([started])


@contextmanager
def running(torbox_url: str) -> Iterator[Running]:
    url, env = _own_address(torbox_url)
    started = {name: _start(command, env) for name, command in supervised("Procfile").items()}
    try:
        _wait_for(url, started)
        yield Running(url, started)
    finally:
        _stop(list(started.values()))


def _own_address(torbox_url: str) -> tuple[str, dict[str, str]]:
    """Return a free address, and the environment of an app that listens there."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return url, os.environ | {"PORT": port, "SITE_URL": url, "TORBOX_API_URL": torbox_url, "PATH": path}


def _start(command: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=ROOT, env=env, start_new_session=True)


def _wait_for(url: str, started: dict[str, subprocess.Popen[bytes]], pause: float = 0.2) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and all(process.poll() is None for process in started.values()):
        try:
            requests.get(f"{url}/sign-in/", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(pause)
    raise RuntimeError("The app did not start.")


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOPS_WITHIN)
