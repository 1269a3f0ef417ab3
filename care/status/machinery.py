"""The services behind the pages: worker, beat, queue, database, and data folder, each with its state and its problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import TorBoxAccount
from accounts.store_errors import Reason
from localization.formats import age, clock, file_size, number, sentences
from torrents import queueing
from torrents.models import Heartbeat
from torrents.services.upkeep.heartbeats import is_late

from . import stores


@dataclass(frozen=True)
class Problem:
    """What happened and what to do about it; `account` is the one that needs a new key.

    Both texts may contain markup (`markup.plain` removes it).
    """

    tone: str
    what: str
    remedy: str
    account: TorBoxAccount | None = None


@dataclass(frozen=True)
class Part:
    """One service: its state in a word, a quiet line, and its problem if it has one.

    `key` names it in code, `summary` is its state for a line about several services.
    """

    key: str
    name: str
    word: str
    line: str = ""
    tone: str = "ready"
    problem: Problem | None = None
    summary: str = ""


def processes() -> tuple[Part, Part]:
    """Return worker and beat. Without beat an idle worker has no heartbeat either, so one problem covers both."""
    worker_at, beat_at = Heartbeat.last("worker"), Heartbeat.last("beat")
    # Translators: “Worker” is the process that works in the background, “beat” the one that hands out its work.
    worker, beat = _("Worker"), _("Beat")
    if is_late(worker_at) and is_late(beat_at):
        return (
            process("worker", worker, worker_at, _nothing_runs(worker_at)),
            process("beat", beat, beat_at),
        )
    return (
        process("worker", worker, worker_at, _no_worker(worker_at)),
        process("beat", beat, beat_at, _no_beat(beat_at)),
    )


def process(key: str, name: str, seen_at: datetime | None, problem: Problem | None = None) -> Part:
    """Return the state of a process; `problem` applies only when its heartbeat is late."""
    # Translators: %(age)s is “just now”, “4 min ago”, or a day.
    line = _("Last heartbeat: %(age)s") % {"age": age(seen_at)} if seen_at else _("Not started yet")
    if is_late(seen_at):
        return Part(key, name, _("No heartbeat"), line, "failed", problem)
    return Part(key, name, _("Running"), line)


def _nothing_runs(seen_at: datetime | None) -> Problem:
    if seen_at:
        # Translators: a time, with its date unless it is today.
        what = _(
            "No heartbeat from the worker or beat since %(time)s. "
            "Nothing is being sent or refreshed, and nothing is lost."
        ) % {"time": clock(seen_at)}
    else:
        what = _(
            "The worker and beat haven’t started yet. Nothing is being sent or refreshed, and nothing is lost."
        )
    return Problem("failed", what, _("Start the worker and beat."))


def _no_worker(seen_at: datetime | None) -> Problem:
    if seen_at:
        # Translators: a time, with its date unless it is today.
        what = _(
            "No heartbeat from the worker since %(time)s. "
            "Nothing is being sent or refreshed, and nothing is lost."
        ) % {"time": clock(seen_at)}
    else:
        what = _("The worker hasn’t started yet. Nothing is being sent or refreshed, and nothing is lost.")
    return Problem("failed", what, _("Start the worker. If it’s already running, check its log."))


def _no_beat(seen_at: datetime | None) -> Problem:
    if seen_at:
        # Translators: a time, with its date unless it is today.
        what = _(
            "No heartbeat from beat since %(time)s. Torrents are still sent and refreshed, up to 15 s later."
        ) % {"time": clock(seen_at)}
    else:
        what = _("Beat hasn’t started yet. Torrents are still sent and refreshed, up to 15 s later.")
    return Problem("failed", what, _("Start beat."))


def queue() -> Part:
    """Return whether the queue (a folder or Redis) accepts messages, and how many are waiting in it."""
    # Translators: where the messages to the worker are kept.
    name, place = _("Queue"), "Redis" if settings.REDIS_URL else _("Folder")
    try:
        queueing.write_probe()
        messages = queueing.messages_waiting()
    except queueing.BrokerError as error:
        word, problem = str(stores.WORDS[error.reason]), _no_queue(error.reason)
        return Part("queue", name, word, place, "failed", problem, _("queue unavailable"))
    if not messages:
        return Part("queue", name, _("Empty"), place, summary=_("queue empty"))
    count = {"count": number(messages)}
    word = ngettext("%(count)s message", "%(count)s messages", messages) % count
    # Translators: follows “Last heartbeat: just now · ”.
    summary = ngettext("%(count)s message in the queue", "%(count)s messages in the queue", messages) % count
    return Part("queue", name, word, place, summary=summary)


def _no_queue(reason: Reason) -> Problem:
    words = stores.REDIS[reason] if settings.REDIS_URL else stores.queue_folder_words(reason)
    what, remedy = map(str, words)
    delay = _("Torrents are still sent, up to 15 s later.")
    return Problem("failed", sentences([what, delay]), remedy)


def database() -> Part:
    """Return whether the database accepts writes, and its size where that is cheap to ask for."""
    name, kind = _("Database"), connection.display_name
    if reason := stores.database_refuses():
        what, remedy = stores.DATABASE[reason]
        consequence = _("Nothing can be added or changed until this is fixed.")
        problem = Problem("failed", sentences([str(what), consequence]), str(remedy))
        return Part("database", name, str(stores.WORDS[reason]), kind, "failed", problem)
    try:
        return Part("database", name, kind, file_size(_database_bytes()))
    except (Error, OSError):
        return Part("database", name, kind)


def data_folder() -> Part:
    """Return whether DATA_DIR, which holds keys and, by default, the queue and SQLite, accepts writes."""
    name, path = _("Data folder"), str(settings.DATA_DIR)
    if reason := stores.folder_refuses(settings.DATA_DIR):
        what, remedy = stores.data_folder_words(reason, settings.DATA_DIR)
        return Part("data", name, str(stores.WORDS[reason]), path, "failed", Problem("failed", what, remedy))
    return Part("data", name, _("Writable"), path)


def _database_bytes() -> int:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return sum(
            file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
