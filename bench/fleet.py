"""A thousand accounts and one worker on one core, for hours of virtual time: speed and memory.

This process is both beat and worker and does one refresh after the other. Virtual time advances by the duration of
each refresh, so that delays show up here too, and then jumps to the next run of beat.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.utils import timezone

from accounts import services
from accounts.models import TorBoxAccount, User
from torrents import tasks
from torrents.services.sync import refreshing

from . import machine
from .core import analyze
from .measuring import timed
from .reports import Report, Table, shown
from .torbox import TorBox, key_of, torbox

BEAT = 10  # seconds, as in settings
SETTLING = 1800  # virtual seconds between measurements of memory
NOTED_EVERY = 1800
HOUR = 3600


def run(accounts: int, torrents: int, hours: float) -> Report:
    report = Report()
    with torbox({}, fleet=(accounts, torrents)) as simulated:
        settings.TORBOX_API_URL = simulated.url
        start = datetime.fromtimestamp(simulated.command("now"), UTC)
        with time_machine.travel(start, tick=False) as clock:
            fleet = Fleet(simulated, clock, accounts)
            fleet.join()
            fleet.run(hours * HOUR)
        fleet.tell(report, torrents, hours)
    return report


class Fleet:
    def __init__(self, simulated: TorBox, clock: Any, size: int) -> None:
        self.simulated, self.clock, self.size = simulated, clock, size
        self.passed = 0.0
        self.spent: list[float] = []
        """Real seconds of each refresh."""
        self.late: list[float] = []
        """Seconds after it was due."""
        self.held: list[int] = []
        """PSS, from SETTLING on."""
        self.notes: list[list[str]] = []
        self.noted = 0
        self.processor = 0.0
        """Processor time of all refreshes, in seconds."""

    def join(self) -> None:
        """Connect every account and read its list once, unmeasured, then spread the times at which they are due."""
        owner, now = User.objects.create_user(username="fleet"), timezone.now()
        first = []
        for number in range(self.size):
            account = services.connect(
                owner=owner, api_key=key_of(f"fleet {number}"), label=f"Account {number}"
            )
            first.append(timed(lambda account=account: refreshing.refresh(account)))
            due = now + timedelta(seconds=random.uniform(0, settings.REFRESH_SECONDS))
            TorBoxAccount.objects.filter(pk=account.pk).update(next_refresh_at=due)
        analyze()
        print(f"  read for the first time, each {shown(statistics.median(first), 'ms')}", flush=True)

    def run(self, seconds: float) -> None:
        noted = 0.0
        while self.passed < seconds:
            began = self.passed
            for account_id in refreshing.due_account_ids():
                self._refresh(account_id)
            self._pass(max(0.0, BEAT - (self.passed - began)))
            if self.passed >= SETTLING or self.passed >= seconds:
                self.held.append(machine.own_pss())
            if self.passed - noted >= NOTED_EVERY or self.passed >= seconds:
                noted = self.passed
                self._note()
            if began // HOUR != self.passed // HOUR:
                tasks.prune()

    def _refresh(self, account_id: int) -> None:
        due = TorBoxAccount.objects.values_list("next_refresh_at", flat=True).get(pk=account_id)
        self.late.append((timezone.now() - due).total_seconds())
        busy = time.process_time()
        seconds = timed(lambda: tasks.refresh_account(account_id))
        self.processor += time.process_time() - busy
        self.spent.append(seconds)
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.passed += seconds
        self.clock.shift(seconds)
        if seconds >= 1:
            self.simulated.command("advance", seconds=seconds)

    def _note(self) -> None:
        """Note the figures of the half hour since the last note."""
        spent, late = self.spent[self.noted :], self.late[self.noted :]
        self.noted = len(self.spent)
        cells = [f"{self.passed / HOUR:.1f} h", f"{len(spent):,}", shown(statistics.median(spent), "ms")]
        self.notes.append([*cells, shown(max(late), "s"), shown(machine.own_pss(), "MB")])
        print("  " + "; ".join(self.notes[-1]), flush=True)

    def tell(self, report: Report, torrents: int, hours: float) -> None:
        what = f"{self.size:,} accounts of {torrents:,} torrents for {hours:g} virtual hours"
        pace, needed = len(self.spent) / sum(self.spent), self.size / settings.REFRESH_SECONDS
        each = f"median {shown(statistics.median(self.spent), 'ms')}, "
        each += f"processor {shown(self.processor / len(self.spent), 'ms')}"
        beside = f"{pace:.1f} refreshes/s where {needed:.2f} are due; {each}"
        report.add(f"{what}: headroom of one worker", pace / needed, "×", least=4, beside=beside)
        beside = f"median {shown(statistics.median(self.late), 's')}; beat comes every {BEAT} s"
        report.add(f"{what}: longest delay of a refresh", max(self.late), "s", 30, beside)
        grown = self.held[-1] - self.held[0]
        beside = (
            f"{shown(self.held[0], 'MB')} after the first half hour, {shown(self.held[-1], 'MB')} at the end"
        )
        report.add(
            f"{what}: memory grown since the first half hour", max(0, grown), "MB", 5 * 1024 * 1024, beside
        )
        head = ["virtual time", "refreshes", "median", "latest", "memory (PSS)"]
        report.tables.append(Table("The fleet", head, self.notes))
