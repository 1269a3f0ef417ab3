"""A run, from the first torrent to the verdict. Imported after Django is set up."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connections

from notifications.models import Cursor, Delivery, DeliveryState
from tests.chaos.processes import ROOT, commands
from tests.notifications.hooks import Hooks
from torrents.models import Activity, Torrent

from .people import Household, become_ready, make_household
from .service import Moody
from .verdict import Verdict, judge

KILLS = 10


class Run:
    """A run of `count` torrents. `real`: with the worker of the app and the real clock.

    Without `real`, a worker that does nothing else starts two minutes later each time, so that it needn't wait for the
    claims of the one before.
    """

    def __init__(self, env: dict[str, str], data: Path, hooks: Hooks, *, count: int, real: bool, seed: int):
        self.env, self.log, self.hooks, self.count, self.real = env, data / "worker.log", hooks, count, real
        self.rng = Random(seed)
        self.ahead = 0.0

    def through(self) -> Verdict:
        began = time.monotonic()
        call_command("prepare" if self.real else "migrate", verbosity=0)
        household = make_household(self.count)
        moody = Moody(self.hooks, self.rng, real=self.real)
        caught = self._wreak_havoc(household, moody)
        moody.calm.set()
        havoc = time.monotonic() - began
        self._settle()
        found = judge(household, self.hooks)
        found.must_be("torrents", len(household.torrents), self.count)
        found.count("workers killed", KILLS)
        found.count("of these while a message was on its way", caught)
        if not caught or not self.hooks.refused:
            found.wrong.append("nothing happened to most messages, so this run says nothing")
        found.count("seconds of havoc, and to settle", f"{havoc:.0f}, {time.monotonic() - began - havoc:.0f}")
        return found

    def _wreak_havoc(self, household: Household, moody: Moody) -> int:
        """Let torrents become ready, and kill workers meanwhile. Return how many had a message on its way.

        Every other worker is killed at such a moment, after the service took the message and before it answers.
        """
        torrents = household.torrents[:]
        self.rng.shuffle(torrents)
        # With the real clock they become ready within a minute, otherwise some at the start of each worker.
        lots = [torrents] if self.real else [torrents[number::KILLS] for number in range(KILLS)]
        caught = 0
        for number in range(KILLS):
            with self._worker() as worker:
                events = threading.Thread(target=self._become_ready, args=(lots.pop() if lots else [],))
                events.start()
                caught += self._wait(moody, catch=number % 2 == 1)
                worker.kill()
                worker.wait()
                moody.let_go()
                if not self.real:
                    events.join()
            self.ahead += 0 if self.real else 130
        return caught

    def _wait(self, moody: Moody, *, catch: bool) -> bool:
        """Wait until the worker is to be killed. Return whether a message is on its way."""
        longest = 75.0 if self.real else 8.0  # A busy machine takes its time to start a worker.
        if catch:
            return moody.catch(longest)
        moody.wait_for_a_request(longest)
        time.sleep(self.rng.uniform(*((1, 20) if self.real else (0.1, 1.0))))
        return False

    def _become_ready(self, torrents: list[Torrent]) -> None:
        for torrent in torrents:
            become_ready(torrent)
            time.sleep(50.0 / len(torrents) if self.real else 0.0)
        connections.close_all()

    def _settle(self) -> None:
        """Let the workers end in peace. Their clocks go on by more than what is held, and the longest wait."""
        for _ in range(1 if self.real else 8):
            with self._worker() as worker:
                deadline = time.monotonic() + (1200 if self.real else 8)
                while not self._has_settled() and time.monotonic() < deadline:
                    time.sleep(0.5 if self.real else 0.1)
                worker.kill()
                worker.wait()
            self.ahead += 1200
            if self._has_settled():
                return

    def _has_settled(self) -> bool:
        waiting = [DeliveryState.WAITING, DeliveryState.SENDING]
        read = Cursor.objects.get(name="events").position
        unread = Activity.objects.filter(pk__gt=read).exists()
        settled = not unread and not Delivery.objects.filter(state__in=waiting).exists()
        connections.close_all()
        return settled

    @contextmanager
    def _worker(self) -> Iterator[subprocess.Popen[str]]:
        with self.log.open("a") as log:
            output = log if self.real else subprocess.PIPE
            process = subprocess.Popen(
                self._command(), env=self.env, cwd=ROOT, stdout=output, stderr=log, text=True
            )
        try:
            if process.stdout:
                process.stdout.readline()  # it is ready
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _command(self) -> list[str]:
        if not self.real:
            return [sys.executable, "-m", "tests.notifications.chaos.worker", str(self.ahead)]
        return [*commands()["worker"], "--with-beat"]
