"""Whether database, cache, and data folder accept writes, and what to say when one of them doesn't."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import Error, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.bookkeeping import short_wait
from accounts.store_errors import Reason, is_refusal, reason_of
from torrents.models import Heartbeat

PROBE = "writable"
PROBE_WAIT_MS = 1200  # a lock that is held for less is normal
# One word stands for the database, the queue, or a folder.
WORDS = {
    Reason.GONE: pgettext_lazy("state of a service", "Unreachable"),
    Reason.SLOW: pgettext_lazy("state of a service", "Slow"),
    Reason.STARTING: pgettext_lazy("state of a service", "Starting"),
    Reason.DENIED: pgettext_lazy("state of a service", "Access denied"),
    Reason.FULL: pgettext_lazy("state of a service", "Full"),
    Reason.READ_ONLY: pgettext_lazy("state of a service", "Read-only"),
    Reason.LOCKED: pgettext_lazy("state of a service", "Locked"),
    Reason.NOT_SAVING: pgettext_lazy("state of a service", "Can’t save"),
    Reason.NO_SUCH_DATABASE: pgettext_lazy("state of a service", "Not found"),
    Reason.REFUSES: pgettext_lazy("state of a service", "Rejecting writes"),
}
# What happened, and what to do about it.
REDIS = {
    Reason.GONE: (
        _("Redis isn’t responding."),
        _("Start Redis, or correct REDIS_URL and restart. Everything then continues automatically."),
    ),
    Reason.SLOW: (
        _("Redis takes longer than a second to respond."),
        _("Check the load and the network of its host."),
    ),
    Reason.STARTING: (_("Redis is loading its data."), _("Wait until it has started.")),
    Reason.DENIED: (
        _("Redis rejected the user or password."),
        _("Correct the user and password in REDIS_URL and restart."),
    ),
    Reason.FULL: (
        _("Redis is full."),
        _("Raise its maxmemory or free some memory. Everything then continues automatically."),
    ),
    Reason.READ_ONLY: (
        _("Redis is a read-only replica."),
        _("Point REDIS_URL at the primary and restart, or make this server the primary."),
    ),
    Reason.LOCKED: (_("Redis is busy."), _("Check whether a script is running on it.")),
    Reason.NOT_SAVING: (
        _("Redis can’t save to disk and rejects writes."),
        _("Free some space on its disk, or check its log. Everything then continues automatically."),
    ),
    Reason.NO_SUCH_DATABASE: (
        _("Redis has no database with the number in REDIS_URL."),
        _("Use a number from 0 to 15 at the end of REDIS_URL and restart."),
    ),
    Reason.REFUSES: (_("Redis rejects our commands."), _("Check its log and the worker’s log.")),
}
DATABASE = {
    Reason.GONE: (
        _("The database isn’t responding."),
        _("Start the database, or correct DATABASE_URL and restart."),
    ),
    Reason.SLOW: (
        _("The database takes too long to respond."),
        _("Check the load and the network of its host."),
    ),
    Reason.STARTING: (_("The database is starting or shutting down."), _("Wait until it has started.")),
    Reason.DENIED: (
        _("The database denies access."),
        _("Correct the user and password in DATABASE_URL and restart."),
    ),
    Reason.FULL: (
        _("The database’s disk is full."),
        _("Free some space. Everything then continues automatically."),
    ),
    Reason.READ_ONLY: (
        _("The database is read-only."),
        _("Make the file and its folder writable, or point DATABASE_URL at the primary."),
    ),
    Reason.LOCKED: (
        _("Another process has locked the database."),
        _("Wait, or end the backup or tool that holds the lock."),
    ),
    Reason.NOT_SAVING: (_("The database can’t save."), _("Check its log.")),
    Reason.NO_SUCH_DATABASE: (
        _("The database doesn’t exist."),
        _("Create it, or correct DATABASE_URL and restart."),
    ),
    Reason.REFUSES: (_("The database rejects writes."), _("Check its log.")),
}
QUEUE_FOLDER = {
    Reason.FULL: _("The queue folder can’t be written because its disk is full."),
    Reason.READ_ONLY: _("The queue folder can’t be written because its file system is read-only."),
    Reason.DENIED: _("The queue folder can’t be written because access is denied."),
}
DATA_FOLDER = {
    Reason.FULL: _("The data folder can’t be written because its disk is full."),
    Reason.READ_ONLY: _("The data folder can’t be written because its file system is read-only."),
    Reason.DENIED: _("The data folder can’t be written because access is denied."),
}
# Translators: %(path)s is a folder on the server.
FOLDER_REMEDIES = {
    Reason.FULL: _("Free some space on the disk of %(path)s. Everything then continues automatically."),
    Reason.READ_ONLY: _("Mount the file system of %(path)s for writing."),
    Reason.DENIED: _("Make %(path)s writable for the user that runs the app."),
}


def database_refuses() -> Reason | None:
    """Return why a row or a cache entry, which may be in the same place, can't be written. None when both can.

    Raises any error that isn't the store's, such as a missing table.
    """
    try:
        with short_wait(PROBE_WAIT_MS), transaction.atomic():
            Heartbeat.sign(PROBE)
            cache.set(PROBE, True, 60)
    except Error as error:
        if not is_refusal(error):
            raise
        return reason_of(error)
    return None


def folder_refuses(path: Path) -> Reason | None:
    """Return why 64 KB can't be written to disk there and removed again. None when they can."""
    try:
        with TemporaryFile(dir=path) as file:
            file.write(b"\0" * 65_536)
            file.flush()
    except OSError as error:
        return reason_of(error)
    return None


def queue_folder_words(reason: Reason) -> tuple[str, str]:
    """Return what is wrong with the folder of the queue, and what to do about it."""
    path = Path(current_app.conf.broker_transport_options["data_folder_out"])
    return _folder_words(QUEUE_FOLDER, reason, path)


def data_folder_words(reason: Reason, path: Path) -> tuple[str, str]:
    """Return what is wrong with DATA_DIR at `path`, and what to do about it."""
    return _folder_words(DATA_FOLDER, reason, path)


def _folder_words(sentences: dict[Reason, Any], reason: Reason, path: Path) -> tuple[str, str]:
    known = reason if reason in sentences else Reason.DENIED
    return str(sentences[known]), FOLDER_REMEDIES[known] % {"path": path}
