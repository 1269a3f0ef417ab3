"""Chaos runs notice processes that don't end after SIGTERM."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .processes import Service

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)"
OBEDIENT = "import time; print('ready'); time.sleep(60)"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], Service]]:
    """Start a Python program and wait until it is ready. It always ends with the test."""
    started: list[Service] = []

    def start(code: str) -> Service:
        service = Service("tried", [sys.executable, "-u", "-c", code], dict(os.environ), tmp_path)
        started.append(service)
        while "ready" not in service.log.read_text():
            assert service.running
        return service

    yield start
    for service in started:
        service.destroy()


def test_a_process_that_ends_has_ended_in_time(run):
    service = run(OBEDIENT)
    service.terminate()
    assert service.stop(10)


def test_a_process_that_ignores_sigterm_has_not_and_is_killed(run):
    service = run(DEAF)
    service.terminate()
    assert not service.stop(0.5)
    assert not service.running
