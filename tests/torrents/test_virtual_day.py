"""Accounts of all kinds for hours of virtual time: how often TorBox is called, counted by TorBox.

Everything there is happens within the first hours, which the suite runs with a few accounts of each kind, since what is
promised is promised to each. VIRTUAL_HOURS=24 runs a whole day with fifty, and `pytest -s` prints the table.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_hash, make_key, make_user
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import AddRequest, RequestState
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = 3600, 86400
QUIET, BUSY = 60, 16  # seconds of a step: while nobody watches, and while somebody does
HOURS = int(os.environ.get("VIRTUAL_HOURS", "2"))
FIFTY = {"idle": 21, "idle, a tab now and then": 15, "watched": 2, "adding many": 2, "unseen for a day": 10}
FEW = {"idle": 4, "idle, a tab now and then": 3, "watched": 1, "adding many": 1, "unseen for a day": 2}
GROUPS, MANY = (FEW, 70) if HOURS < 24 else (FIFTY, 130)
WATCHED_HOUR, PASTED_AT = 1, 0  # o'clock
WATCHED_SECONDS = 1800
POLL_SECONDS = 60
LISTS = ("mylist", "mylist past the cache")
Times = dict[tuple[str, str], list[float]]


class Day:
    """Beat and a worker serve everybody; tabs poll; calls are kept by (key, kind)."""

    def __init__(self, sim, clock) -> None:
        self.sim, self.clock = sim, clock
        self.members: dict[str, dict[str, object]] = defaultdict(dict)
        self.calls: Times = defaultdict(list)
        self.passed = 0
        number = 0
        for group, size in GROUPS.items():
            for _ in range(size):
                number += 1
                self._join(group, number)

    def _join(self, group: str, number: int) -> None:
        key, now = make_key(f"day {number}"), timezone.now()
        self.sim.control.seed(accounts=[{"key": key, "plan": "pro", "slots": 90}])
        state = "downloading" if group == "watched" else "completed"
        for part in range(3):
            spec = {"key": key, "hash": make_hash(f"{number} {part}"), "state": state}
            self.sim.control.seed(torrents=[spec | {"download_seconds": 10 * DAY, "age": DAY}])
        seen_at = now - timedelta(days=2) if group.startswith("unseen") else now
        person = make_user(f"person{number}")
        account = make_account(person, key, label=f"Account {number}", seen_at=seen_at, plan_read_at=None)
        self.members[group][key] = (account, Tab(person))

    def run(self) -> None:
        for hour in range(HOURS):
            if hour == PASTED_AT:
                self._paste()
            while self.passed < (hour + 1) * HOUR:
                self._step(hour)
            self._note_calls()

    def _step(self, hour: int) -> None:
        watched = hour == WATCHED_HOUR and self.passed % HOUR < WATCHED_SECONDS
        seconds = BUSY if watched else QUIET
        self.passed += seconds
        self.clock.shift(timedelta(seconds=seconds))
        self.sim.control.advance(seconds)
        self._beat()
        if watched:
            self._look("watched")
        if self.passed % POLL_SECONDS < seconds:
            self._poll(hour)

    def _beat(self) -> None:
        for account_id in refreshing.due_account_ids():
            tasks.refresh_account(account_id)
        for account_id in refreshing.watched_account_ids():
            tasks.watch_account(account_id)
        for account_id in sending.account_ids_with_due():
            tasks.send_adds(account_id)
        for account_id in controls.account_ids_with_due():
            tasks.send_controls(account_id)

    def _poll(self, hour: int) -> None:
        """Some leave a tab open for a few minutes of every third hour."""
        if hour % 3 == 1 and self.passed % HOUR < 5 * POLL_SECONDS:
            self._look("idle, a tab now and then")

    def _look(self, group: str) -> None:
        for _, tab in self.members[group].values():
            tab.poll()

    def _paste(self) -> None:
        for number, (account, tab) in enumerate(self.members["adding many"].values()):
            new_torrents = [
                NewTorrent(Magnet(make_hash(f"pasted {number} {new_torrent}"))) for new_torrent in range(MANY)
            ]
            add(person=tab.person, account=account, new_torrents=new_torrents, options=Options())

    def _note_calls(self) -> None:
        assert self.sim.control.refused() == 0, "a call beyond a limit of TorBox"
        for call in self.sim.control.calls(last=20_000)["last"]:
            kind = call["endpoint"] + (" past the cache" if call["bypass"] else "")
            self.calls[call["key"], kind].append(call["at"])
        self.sim.control.reset_calls()

    def busiest_hour(self, group: str, *kinds: str) -> int:
        """The most calls of these kinds that one account of the group had within any 60 minutes."""
        return max(_busiest(self._of(key, kinds)) for key in self.members[group])

    def mean(self, group: str, kind: str) -> float:
        """Calls per account and hour."""
        keys = self.members[group]
        return sum(len(self._of(key, [kind])) for key in keys) / HOURS / len(keys)

    def _of(self, key: str, kinds: Iterable[str]) -> list[float]:
        return sorted(at for kind in kinds for at in self.calls.get((key, kind), []))

    def table(self) -> str:
        kinds = sorted({kind for _, kind in self.calls})
        lines = [f"{'calls per account per hour':30}{'kind':28}{'most':>6}{'mean':>8}"]
        for group, members in self.members.items():
            for kind in kinds:
                if most := self.busiest_hour(group, kind):
                    name = f"{group} ({len(members)})"
                    lines.append(f"{name:30}{kind:28}{most:6}{self.mean(group, kind):8.2f}")
        return "\n".join(lines)


class Tab:
    """Somebody's browser with the list open."""

    def __init__(self, person) -> None:
        self.person, self.client, self.url = person, Client(), ""
        self.client.force_login(person)

    def poll(self) -> None:
        answer = self.client.get(self.url or reverse("torrents:list"))
        if answer.status_code == 200:
            self.url = answer.context["listing"].changes_url


def _busiest(times: list[float]) -> int:
    most = first = 0
    for number, at in enumerate(times):
        while times[first] <= at - HOUR:
            first += 1
        most = max(most, number - first + 1)
    return most


def test_accounts_cost_torbox_little(db, sim, time_machine, settings):
    settings.SESSION_COOKIE_AGE = 2 * DAY
    sim.control.freeze()
    sim.control.reset("empty", options={"meta_seconds": 1, "download_seconds": 20}, now=START.timestamp())
    time_machine.move_to(START, tick=False)
    day = Day(sim, time_machine)
    day.run()
    print("\n" + day.table())
    assert day.busiest_hour("idle", *LISTS) <= 6
    assert day.busiest_hour("idle, a tab now and then", *LISTS) <= 6
    assert day.busiest_hour("unseen for a day", *LISTS) <= 1
    assert 100 <= day.busiest_hour("watched", *LISTS) <= 125  # a reading every 15 s while it is watched
    assert day.busiest_hour("adding many", "createtorrent") == 60
    assert day.busiest_hour("adding many", *LISTS) <= 240
    assert not AddRequest.objects.exclude(state=RequestState.DONE).exists()
