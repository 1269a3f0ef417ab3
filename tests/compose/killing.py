"""`kill -9` of each container while people add torrents. The simulator counts what arrived."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from random import Random
from uuid import uuid4

import requests

from tests.browser.elsewhere import FarControl
from tests.chaos.people import PASSWORD, Person
from tests.chaos.plan import Thing
from tests.compose.engine import Compose, until

HANDFUL = 40
SLOW = 0.25  # seconds per response of TorBox, so that sending a batch takes ten seconds
SETTLES_WITHIN = 240.0
UNDONE = "from torrents.models import AddRequest; print(AddRequest.objects.exclude(state='done').count())"
ACCOUNT = (
    "from accounts.models import TorBoxAccount; print(TorBoxAccount.objects.get(owner__username='{}').pk)"
)


@dataclass
class Killed:
    """What happened to a batch. `back` and `settled` are in seconds after the kill."""

    service: str
    sent: int
    wanted: int
    back: float
    settled: float
    lost: int
    doubled: int
    healthy: bool
    sorry: list[str]

    def __str__(self) -> str:
        then = f"back after {self.back:.1f} s, all there after {self.settled:.0f} s"
        counts = f"lost {self.lost}, doubled {self.doubled}, errors shown {len(self.sorry)}"
        return f"  {self.service:9} {self.sent} of {self.wanted} sent when killed, {then}; {counts}, healthy: {self.healthy}"

    @property
    def wrong(self) -> list[str]:
        """Return what is wrong. The app may fail only without its database."""
        lost = bool(self.lost or self.doubled or not self.healthy)
        return [str(self)] * lost + (self.sorry if self.service != "postgres" else [])


class Adder:
    """A person with a TorBox account who adds a batch for each container that is killed."""

    def __init__(self, running: Compose, control: FarControl) -> None:
        self.running, self.control, self.key = running, control, str(uuid4())
        control.seed(accounts=[{"key": self.key, "name": "kate", "plan": "pro"}])
        running.manage("createperson", "kate", line=f"{PASSWORD}\n")
        running.manage("connect", "kate", line=f"{self.key}\n")
        self.account = int(running.manage("shell", "-v0", "-c", ACCOUNT.format("kate")).split()[-1])
        self.person = Person("kate", running.url, [], Random(1), threading.Event())
        self.person.session = requests.Session()
        self.person._sign_in()

    def handful(self, name: str) -> list[Thing]:
        works = [self.control.make_work(f"{name} {n}", {"film.mkv": 60_000}) for n in range(HANDFUL)]
        self.control.cache([work.info_hash for work in works])
        return [Thing(work.info_hash, work.magnet) for work in works]

    def arrived(self, things: list[Thing]) -> dict[str, int]:
        accepted = self.control.accepted(self.key)
        return {thing.info_hash: accepted[thing.info_hash] for thing in things if thing.info_hash in accepted}

    def add_while_killing(self, service: str) -> Killed:
        """Paste half before the kill, and half while the container is dead or restarting."""
        first, second = self.handful(f"{service} before"), self.handful(f"{service} meanwhile")
        self.person._paste(self.account, first)
        until(lambda: len(self.arrived(first)) >= 3, 60)
        sent, pid = len(self.arrived(first)), self.running.pid(service)
        os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()
        self.person._paste(self.account, second)
        until(lambda: self.running.pid(service) not in (0, pid), 60)
        back = time.monotonic() - killed_at
        things = [*first, *second]
        until(lambda: len(self.arrived(things)) == len(things), SETTLES_WITHIN)
        settled, arrived = time.monotonic() - killed_at, self.arrived(things)
        return Killed(
            service, sent, len(things), back, settled,
            lost=len(things) - len(arrived),
            doubled=sum(n > 1 for n in arrived.values()),
            healthy=self.running.healthy(service),
            sorry=self._pages_that_said_sorry(),
        )  # fmt: skip

    def _pages_that_said_sorry(self) -> list[str]:
        problems = self.person.problems.copy()
        self.person.problems.clear()
        return problems


def kill_each(running: Compose, control: FarControl) -> list[str]:
    """Print everything and return what went wrong."""
    control.speed(1)
    control.options(latency=SLOW)
    adder = Adder(running, control)
    wrong = []
    for service in running.services:
        killed = adder.add_while_killing(service)
        print(killed, flush=True)
        wrong += killed.wrong
    control.options(latency=0)
    undone = int(running.manage("shell", "-v0", "-c", UNDONE).split()[-1])
    print(f"  adds not done {undone}, sent again though there {len(control.repeated(adder.key))}")
    return wrong + [f"{undone} adds are not done"] * bool(undone)
