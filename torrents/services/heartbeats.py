"""Signs of life of what works in the background, so that people can be told when nothing does."""

from __future__ import annotations

import socket

from ..models import Heartbeat

EVERY_SECONDS = 10
BACKUP = "backup"
LATE_SECONDS = 60  # without a sign: it is down


def worker_is_alive() -> None:
    """A task has run, so a worker takes tasks and beat sends them."""
    Heartbeat.sign(f"worker {socket.gethostname()}")


def beat_is_alive() -> None:
    Heartbeat.sign("beat")


def backup_was_made() -> None:
    """No sign of life, but kept beside them: when somebody last thought of the day on which all is lost."""
    Heartbeat.sign(BACKUP)
