"""A run, from the first process to the verdict. Imported after Django is set up."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts import services
from accounts.models import Share, TorBoxAccount, User
from simulator.control import Control
from tests.stacks import Backing

from . import aftermath, havoc, verdict
from .broker import QueueFolder, RedisQueue
from .people import PASSWORD, Paste, Person
from .plan import Holder, Scale, Thing, make_holders, spread
from .processes import Instance
from .waiting import wait_while_it_advances


class Run:
    """A run with a seed. `control` is the simulator's."""

    def __init__(self, control: Control, env: dict[str, str], data: Path, scale: Scale, seed: int) -> None:
        self.control, self.env, self.data, self.scale, self.seed = control, env, data, scale, seed
        self.rng = Random(seed)
        self.began = time.monotonic()
        self.enough = threading.Event()

    def through(self, below: Backing, restore_to: Sequence[str] = ()) -> verdict.Verdict:
        """Run everything. A backup from the middle is restored on each of `restore_to` and judged too."""
        queue = RedisQueue(below.redis) if below.redis else QueueFolder(self.data)
        self.holders = make_holders(self.control, self.scale, self.rng)
        call_command("prepare")
        self._make_people()
        self.control.reset_calls()
        with Instance(self.env, self.data) as instance:
            threads = [person.sit_down() for person in self.people]
            if restore_to:
                after = self.scale.havoc_seconds / 2
                self.taker = aftermath.BackupTaker(self.env, self.data / "backup.zip", after)
            try:
                havoc.fail_every_tenth_call(self.control, self.holders, self.scale, self.seed)
                done = havoc.wreak(instance, queue, self.people, self.scale, self.rng)
                self.control.every(0)
                self.under_fire = sum(self.control.accepted().values()), self.control.calls(0)["total"]
                self._let_it_settle()
                found = self._judge()
            finally:
                self.enough.set()
            for thread in threads:
                thread.join(5)
            self._judge_processes(found, instance, done)
        for kind in restore_to:
            self._judge_restored(found, kind)
        self._judge_what_is_kept(found, below)
        return found

    def _make_people(self) -> None:
        """Make people with an account each. The second may add to the first one's too, and adds some of the same."""
        self.people = []
        for holder in self.holders:
            user = services.create_person(username=holder.name, password=PASSWORD, role=User.Role.MEMBER)
            holder.pk = services.connect(owner=user, api_key=holder.key).pk
            person = Person(
                holder.name,
                self.env["SITE_URL"],
                self._pastes(holder.pk, holder),
                Random(self.rng.random()),
                self.enough,
            )
            self.people.append(person)
        first, guest = self.holders[0], self.people[1]
        Share.objects.create(
            account_id=first.pk,
            user=User.objects.get(username=guest.name),
            level=Share.Level.ADD,
        )
        own = self.people[0].pastes
        guest.pastes += [Paste(paste.at, first.pk, paste.things) for paste in own[1::4]]  # both add these
        guest.pastes += [own.pop() for _ in range(len(own) // 4)]

    def _pastes(self, account: int, holder: Holder) -> list[Paste]:
        """Return pastes of several torrents, spread over the first part of the chaos."""
        things = holder.things
        handfuls: list[list[Thing]] = []
        while things:
            size = self.rng.randint(1, 9)
            handfuls.append(things[:size])
            things = things[size:]
        moments = spread(len(handfuls), self.scale.havoc_seconds * 0.6, self.rng)
        return [Paste(at, account, some) for at, some in zip(moments, handfuls, strict=True)]

    def _let_it_settle(self) -> None:
        self.calm_at = time.monotonic()
        wait_while_it_advances(
            lambda: verdict.settled(self.holders, self.control),
            lambda: verdict.progress(self.holders, self.control),
        )
        self.settled_at = time.monotonic()

    def _judge(self) -> verdict.Verdict:
        """Freeze the time of TorBox, press *Refresh now*, and check that everything agrees."""
        self.control.freeze()
        self.control.options(fresh_lag_seconds=0)
        stale = TorBoxAccount.objects.exclude(fresh_read_at__gt=timezone.now(), refresh_lease_until=None)
        stuck = verdict.wait_until_fresh(stale, self._refresh)
        return verdict.judge(self.holders, self.control, stuck)

    def _refresh(self) -> None:
        for person in self.people:
            person.refresh()

    def _judge_processes(self, found: verdict.Verdict, instance: Instance, done: Counter[str]) -> None:
        found.count("processes that ended by themselves", instance.died())
        stopped = instance.stop()
        found.count("not gone 10 s after SIGTERM", (name for name, in_time in stopped.items() if not in_time))
        found.count("tracebacks in logs", verdict.tracebacks_in(self.data))
        found.count("errors people met", (problem for person in self.people for problem in person.problems))
        found.counts |= {
            "pasted once more": sum(person.again for person in self.people),
            "pressed Try again": sum(person.retried for person in self.people),
            "accepted while calls failed": self.under_fire[0],
            "calls": self.control.calls(0)["total"],
            "calls while calls failed": self.under_fire[1],
            "failed calls": self.control.faults()["done"],
            "kills": ", ".join(f"{name} {done[name]}" for name in ("worker", "web", "beat")),
            "queue wiped": done["wipe"],
            "seconds of havoc": round(self.scale.havoc_seconds),
            "seconds to settle": round(self.settled_at - self.calm_at, 1),
            "seconds": round(time.monotonic() - self.began),
        }

    def _judge_restored(self, found: verdict.Verdict, kind: str) -> None:
        self.taker.thread.join()
        found.count("backups that failed", filter(None, [self.taker.problem]))
        if not self.taker.problem:
            after = aftermath.judge_restored(kind, self.taker.file, self.holders, self.control, self.env)
            found.counts |= {f"{name}, restored on {kind}": count for name, count in after.counts.items()}
            found.wrong += [f"restored on {kind}: {line}" for line in after.wrong]

    def _judge_what_is_kept(self, found: verdict.Verdict, below: Backing) -> None:
        connections.close_all()
        below.write_down()
        found.count("files with an API key", verdict.keys_in(below.folders, self.holders))


def report(found: verdict.Verdict) -> None:
    print(found)
    for line in found.wrong[:40]:
        print(f"WRONG  {line}")
    print("Nothing lost, nothing doubled, nothing stuck." if not found.wrong else "This must not be.")
    sys.stdout.flush()
