from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone, translation

import torbox
from accounts.models import User
from accounts.names import SUFFIX
from accounts.outages import outage
from accounts.store_errors import reason_of
from care.status import StatusPage, machinery, status_for, stores
from care.status.accounts import AccountStatus
from care.status.markup import plain
from localization.formats import age
from torrents.models import Heartbeat
from torrents.services.upkeep import heartbeats

BACKUP_LATE = timedelta(days=7)


@dataclass(frozen=True)
class Check:
    """One line: what was checked, and its state. `problem` says what is wrong and what to do about it."""

    what: str
    how: str
    problem: str = ""
    good: bool = True


class Command(BaseCommand):
    help = "Show what the Status page shows, in English. The exit status is 1 when something needs attention."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        with translation.override("en"):
            for check in checks():
                wrong += bool(check.problem)
                mark = "WRONG" if check.problem else "ok" if check.good else "!"
                self.stdout.write(f"{mark:7}{check.what}: {check.problem or check.how}")
        if wrong:
            raise CommandError(f"{wrong} problem{'s need' if wrong != 1 else ' needs'} attention.")
        self.stdout.write("Everything works.")


def checks() -> Iterator[Check]:
    """Check what needs no database first, so that a broken one doesn't hide the rest."""
    yield _data_folder()
    yield _torbox_address()
    yield _watching()
    if database := _database():
        yield database
    else:
        yield _last_backup()
        yield from _same_names()
        yield from _facts(status_for())


def _data_folder() -> Check:
    part = machinery.data_folder()
    if part.problem:
        return Check("Data folder", "", f"{part.problem.what} {part.problem.remedy}")
    if settings.DATA_DIR.stat().st_mode & 0o077:
        how = f"other users of this machine can read {settings.DATA_DIR}. Run chmod 700 on it"
        return Check("Data folder", how, good=False)
    return Check("Data folder", f"{settings.DATA_DIR} is writable")


def _torbox_address() -> Check:
    address = settings.TORBOX_API_URL
    try:
        error = torbox.outage(address)
    except ValueError as problem:
        return Check("TorBox", "", f"{problem} Correct TORBOX_API_URL.")
    if error is None:
        return Check("TorBox", f"{address} responds")
    known = outage(error.reason.value) if isinstance(error, torbox.Unreachable) else None
    remedy = "Check TORBOX_API_URL. If it's right, wait. The app retries automatically."
    why = f"{known.what} {known.remedy}" if known else remedy
    return Check("TorBox", "", f"{address} doesn't respond as TorBox does. {why}")


def _database() -> Check | None:
    """Return why nothing else can be read from the database. None when it can."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (Error, OSError) as error:
        what, remedy = stores.DATABASE[reason_of(error)]
        return Check("Database", "", f"{connection.display_name}: {what} {remedy}")
    if missing:
        many = f"{len(missing)} migration{'s haven' if len(missing) != 1 else ' hasn'}'t been applied."
        return Check("Database", "", f"{many} Run manage.py prepare.")
    return None


def _watching() -> Check:
    """Return what programs can read about this instance (docs/operating.md#metrics)."""
    metrics = "on" if settings.METRICS_TOKEN else "off (METRICS_TOKEN isn't set)"
    return Check("Metrics and logs", f"/metrics is {metrics}, log format is {settings.LOG_FORMAT}")


def _last_backup() -> Check:
    made = Heartbeat.last(heartbeats.BACKUP)
    if made is None:
        return Check("Last backup", "none made with manage.py backup yet (docs/backing-up.md)", good=False)
    late = timezone.now() - made > BACKUP_LATE
    return Check("Last backup", age(made), good=not late)


def _same_names() -> Iterator[Check]:
    """Find people whose name became someone else's when names were normalized. Their key ends in a number."""
    for person in User.objects.filter(name_key__contains=SUFFIX).order_by("name_key"):
        problem = f"Another person has the same name as {person.username}, apart from case or Unicode form."
        yield Check("Names", "", f"{problem} Run manage.py renameperson '{person.name_key}' NEW_NAME.")


def _facts(status: StatusPage) -> Iterator[Check]:
    """Yield what the Status page shows, then each of its problems."""
    for card in status.cards:
        yield Check(card.title, f"{plain(card.value)} ({plain(card.line)})", good=card.tone != "failed")
    folder = status.part("data")  # checked above, where a broken database doesn't hide it
    for part in status.parts:
        if part == folder:
            continue
        how = f"{part.word} ({part.line})" if part.line else part.word
        yield Check(part.name, how, good=part.tone == "ready")
    for part in status.messages:
        how = f"{part.word} ({plain(part.line)})" if part.line else part.word
        yield Check(plain(part.name), how, good=part.tone == "ready")
    for part in status.saving:
        how = f"{part.word} ({plain(part.line)})" if part.line else part.word
        yield Check(plain(part.name), how, good=part.tone in ("ready", "quiet"))
    for account in status.accounts:
        yield from _account(account)
    for problem in status.problems:
        if folder and problem == folder.problem:
            continue
        yield Check("Needs attention", "", f"{plain(problem.what)} {plain(problem.remedy)}")


def _account(row: AccountStatus) -> Iterator[Check]:
    response = age(row.last_answer) if row.last_answer else "none yet"
    facts = [row.word, row.about, f"last response: {response}", f"next refresh: {row.next_refresh}"]
    numbers = [f"slots: {row.slots}", f"adds left: {row.adds_left}", f"waiting: {row.waiting.count}"]
    yield Check(row.label, " · ".join([*facts, *numbers]), good=row.tone == "ready")
    for call in row.endpoints:
        yield Check(f"  {call.endpoint}, last hour", call.outcomes)
    for pause in row.pauses:
        yield Check("  pause", pause, good=False)
    for error in row.errors:
        yield Check(f"  {error.endpoint} error, {age(error.at)}", error.sentence, good=False)
