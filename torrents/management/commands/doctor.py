from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

import torbox
from torrents.formatting import age
from torrents.models import Heartbeat
from torrents.services import heartbeats
from torrents.status import Status, status_for
from torrents.status.accounts import AccountStatus

BACKUP_LATE = timedelta(days=7)


@dataclass(frozen=True)
class Check:
    """One line: what, and how it is. With a `problem`, which says what to do, something is wrong."""

    what: str
    how: str
    problem: str = ""
    good: bool = True


class Command(BaseCommand):
    help = "Say how everything is, as the Status page does, and what to do. Exit status 1 when something is wrong."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for check in checks():
            wrong += bool(check.problem)
            mark = "WRONG" if check.problem else "ok" if check.good else "!"
            self.stdout.write(f"{mark:7}{check.what}: {check.problem or check.how}")
        if wrong:
            raise CommandError("One thing is wrong." if wrong == 1 else f"{wrong} things are wrong.")
        self.stdout.write("Everything works.")


def checks() -> Iterator[Check]:
    """What can be found out without the database first, so that a broken one does not hide the rest."""
    yield _data_folder()
    yield _torbox_address()
    yield _watching()
    if database := _database():
        yield database
    else:
        yield _last_backup()
        yield from _facts(status_for())


def _data_folder() -> Check:
    try:
        with TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"doctor")
    except OSError as error:
        remedy = f"Make {settings.DATA_DIR} writable for the user that runs the app, or free some space."
        return Check("Data folder", "", f"{error.strerror or error}. {remedy}")
    return Check("Data folder", f"{settings.DATA_DIR} is writable")


def _torbox_address() -> Check:
    address = settings.TORBOX_API_URL
    try:
        up = torbox.is_up(address)
    except ValueError as error:
        return Check("TorBox", "", f"{error} Put TORBOX_API_URL right.")
    if up:
        return Check("TorBox", f"{address} answers")
    remedy = "If other sites can be reached from this machine, wait: it is asked again by itself."
    return Check("TorBox", "", f"{address} does not answer as TorBox does. {remedy}")


def _database() -> Check | None:
    """What keeps the rest from being read; None when nothing does."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, OSError):
        remedy = "Start the database, or put DATABASE_URL right."
        return Check("Database", "", f"{connection.display_name} does not answer. {remedy}")
    if missing:
        many = f"{len(missing)} migration{'s are' if len(missing) != 1 else ' is'} not applied."
        return Check("Database", "", f"{many} Run manage.py prepare.")
    return None


def _watching() -> Check:
    """What programs can see of it: docs/operating.md#metrics."""
    metrics = "on" if settings.METRICS_TOKEN else "off, METRICS_TOKEN is not set"
    return Check("Metrics and logs", f"/metrics is {metrics}; log lines are written as {settings.LOG_FORMAT}")


def _last_backup() -> Check:
    made = Heartbeat.last(heartbeats.BACKUP)
    if made is None:
        return Check("Last backup", "never by manage.py backup (docs/backing-up.md)", good=False)
    late = timezone.now() - made > BACKUP_LATE
    return Check("Last backup", age(made), good=not late)


def _facts(status: Status) -> Iterator[Check]:
    """What the Status page shows, then each of its problems."""
    for card in status.cards:
        how = " ".join(filter(None, [card.value, card.of, f"({card.line})"]))
        yield Check(card.title, how, good=card.tone != "failed")
    for part in status.parts:
        how = f"{part.word} ({part.line})" if part.line else part.word
        yield Check(part.name, how, good=part.tone == "ready")
    for account in status.accounts:
        yield from _account(account)
    for problem in status.problems:
        yield Check("Needs attention", "", f"{problem.what} {problem.remedy}")


def _account(row: AccountStatus) -> Iterator[Check]:
    answer = age(row.last_answer) if row.last_answer else "never"
    facts = [row.word, row.about, f"last answer {answer}", f"next refresh: {row.next_refresh}"]
    numbers = [f"slots: {row.slots}", f"adds left: {row.adds_left}", f"waiting: {row.waiting.count}"]
    yield Check(row.label, "; ".join([*facts, *numbers]), good=row.tone == "ready")
    for call in row.endpoints:
        yield Check(f"  {call.endpoint}, last hour", call.outcomes)
    for pause in row.pauses:
        yield Check("  pause", pause, good=False)
    for error in row.errors:
        yield Check(f"  error of {error.endpoint}, {age(error.at)}", error.sentence, good=False)
