"""Heartbeats of background processes, so that people can be told when one is down."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.deadlines import is_recent
from torrents.models import Heartbeat

EVERY_SECONDS = 10
BACKUP = "backup"
LATE_SECONDS = 60  # after so long without a heartbeat, a process is down


def is_late(sign: datetime | None) -> bool:
    """Return whether a process with this last heartbeat must be down."""
    return not is_recent(sign, timedelta(seconds=LATE_SECONDS), timezone.now())


def worker_is_alive() -> None:
    """Record that a task ran, so a worker takes tasks and beat sends them."""
    Heartbeat.sign(f"worker {socket.gethostname()}")


def saver_is_alive() -> None:
    """Record that a process which saves to disk looks for jobs."""
    Heartbeat.sign(f"saver {socket.gethostname()}")


def beat_is_alive() -> None:
    """Record that beat runs."""
    Heartbeat.sign("beat")


def backup_was_made() -> None:
    """Record the time of a backup, which is stored with the heartbeats."""
    Heartbeat.sign(BACKUP)
