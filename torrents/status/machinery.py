"""What works beside the pages: worker, beat, queue and database, each with a word and a sentence for people."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError

from accounts.models import TorBoxAccount

from ..formatting import clock, duration, file_size
from ..models import Heartbeat
from ..services.heartbeats import LATE_SECONDS

QUEUE_SECONDS = 1  # a page waits no longer for a queue that does not answer


@dataclass(frozen=True)
class Problem:
    """What happened, and what to do about it by whom; `account` is the one that needs a new key."""

    tone: str
    what: str
    remedy: str
    account: TorBoxAccount | None = None


@dataclass(frozen=True)
class Part:
    """One part of the machinery: a word, a quiet line, and the problem when there is one."""

    name: str
    word: str
    line: str = ""
    tone: str = "ready"
    problem: Problem | None = None


def is_late(sign: datetime | None) -> bool:
    """Whether a process that gave this last sign of life must be down."""
    return sign is None or (timezone.now() - sign).total_seconds() > LATE_SECONDS


def processes() -> tuple[Part, Part]:
    """Worker and beat. Beat hands out what a worker takes, so with beat down the worker is silent as well."""
    worker_at, beat_at = Heartbeat.last("worker"), Heartbeat.last("beat")
    if is_late(worker_at) and is_late(beat_at):
        return _process("Worker", worker_at, _nothing_runs(worker_at)), _process("Beat", beat_at)
    return _process("Worker", worker_at, _no_worker(worker_at)), _process("Beat", beat_at, _no_beat(beat_at))


def _process(name: str, sign: datetime | None, problem: Problem | None = None) -> Part:
    """`problem` is what it is when the sign is late."""
    line = f"last sign {_seconds(sign)} ago" if sign else "no sign of life yet"
    if is_late(sign):
        return Part(name, "No sign", line, "failed", problem)
    return Part(name, "Alive", line)


def _nothing_runs(sign: datetime | None) -> Problem:
    since = f"since {clock(sign)}" if sign else "yet"
    what = f"Neither beat nor a worker has given a sign {since}: nothing is sent or refreshed. What waits is kept."
    return Problem("failed", what, "Start the worker and the beat process.")


def _no_worker(sign: datetime | None) -> Problem:
    since = f"for {_seconds(sign)}" if sign else "yet"
    what = f"No worker has taken a task {since}: nothing is sent or refreshed. What waits is kept."
    return Problem("failed", what, "Start the worker process; if it runs, its log says what holds it up.")


def _no_beat(sign: datetime | None) -> Problem:
    since = f"for {_seconds(sign)}" if sign else "yet"
    what = f"Beat has given no sign {since}: what is due is not handed to the worker. What waits is kept."
    return Problem("failed", what, "Start the beat process.")


def _seconds(sign: datetime | None) -> str:
    return duration((timezone.now() - sign).total_seconds()) if sign else ""


def queue() -> Part:
    """Folder or Redis: whether it answers, and how many messages wait in it."""
    name = "Redis" if settings.REDIS_URL else "A folder"
    try:
        messages = messages_waiting()
    except (OperationalError, OSError):
        return Part("Queue", "Out of reach", name, "failed", _no_queue())
    waiting = f"{messages:,} message{'s' if messages != 1 else ''}" if messages else "empty"
    return Part("Queue", waiting.capitalize(), name)


def messages_waiting() -> int:
    """Raises OperationalError, OSError. A queue that nobody has written to is an empty one."""
    quick = {"socket_timeout": QUEUE_SECONDS, "socket_connect_timeout": QUEUE_SECONDS}
    with current_app.connection_for_read(transport_options=quick if settings.REDIS_URL else {}) as broker:
        try:
            declared = broker.default_channel.queue_declare(current_app.conf.task_default_queue, passive=True)
        except ChannelError:
            return 0
        except broker.connection_errors as error:
            raise OperationalError(str(error)) from None
    if not settings.REDIS_URL and not os.access(_folder(), os.W_OK):
        raise PermissionError("not writable")
    return int(declared.message_count)


def _no_queue() -> Problem:
    late = "Adds still go out, but up to 15 s later."
    if settings.REDIS_URL:
        return Problem(
            "failed", f"Redis does not answer. {late}", "Start Redis, or put REDIS_URL right, then restart."
        )
    what = "The queue folder cannot be written: no work reaches the worker. What waits is kept."
    return Problem("failed", what, f"Make {_folder()} writable for the user that runs the app.")


def _folder() -> Path:
    return Path(current_app.conf.broker_transport_options["data_folder_out"])


def database() -> Part:
    """It answered when this is shown; its size is asked for only where that is cheap."""
    try:
        size = _database_bytes()
    except (DatabaseError, OSError):
        return Part("Database", connection.display_name)
    return Part("Database", connection.display_name, file_size(size))


def _database_bytes() -> int:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return sum(
            file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
