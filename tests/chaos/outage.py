"""An instance under `serve.py`, people who keep using it while a store fails, and a monitor, for `stores.py`."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import requests
from django.core.management import call_command
from django.db import connections

from accounts import services
from accounts.models import User
from simulator.control import Control
from tests.stacks import Backing

from . import faults, verdict
from .people import PASSWORD, Paste, Person
from .plan import Holder, _magnet
from .processes import Service
from .waiting import wait_while_it_advances

ADDS = 60
TRUTH_WITHIN = 30.0
BUSY = {False, "ok", "slow", "locked", "unknown"}  # what /health/ready may report on an overloaded machine
STARTS_WITHIN = 180.0
CALM_SECONDS = 6.0
# After the clock jumps, the last heartbeat is a day old until the next one, which a busy machine delays.
NEXT_HEARTBEAT_WITHIN = 25.0
PAGES = (
    "/",
    "/changes/?since=0",
    "/activity/",
    "/status/",
    "/people/",
    "/me/",
    "/me/security/",
    "/me/sessions/",
    "/add/",
    "/check/",
    "/deleted/",
)


class Patient(Person):
    """A person who accepts a 503 from the app and pastes again later."""

    sorry: Counter[str]
    slowest = 0.0
    in_vain = 0

    def _is_fine(self, answer: requests.Response) -> bool:
        self.slowest = max(self.slowest, answer.elapsed.total_seconds())
        if answer.status_code == 503 and "Retry-After" in answer.headers:
            self.in_vain += 1
            return False
        if answer.status_code in (502, 503, 500):
            self.problems.append(
                f"{answer.request.method} {answer.request.path_url[:60]}: a bare {answer.status_code}"
            )
            return False
        return super()._is_fine(answer)

    def _get(self, path: str, **query: str) -> str | None:
        try:
            answer = self.session.get(self.url + path, params=query, timeout=30)
        except requests.RequestException as error:
            self.problems.append(f"GET {path}: {type(error).__name__}")
            return None
        return answer.text if self._is_fine(answer) else None


class Crawler(Patient):
    """A person who opens every page in turn, and signs in again now and then."""

    asked = 0

    def _live(self) -> None:
        self._sign_in()
        while not self.enough.is_set():
            for page in PAGES:
                self._get(page)
                self.asked += 1
                if self.enough.wait(0.15):
                    return


class Newcomer(Patient):
    """A person who signs in all the time."""

    times = 0

    def _live(self) -> None:
        while not self.enough.wait(4):
            self.session.cookies.clear()
            self._get("/sign-in/")
            answer = self._post("/sign-in/", {"login": self.name, "password": PASSWORD})
            self.times += answer is not None


@dataclass
class Monitor:
    """The responses of `/health/ready` and `/health/live`, by the monotonic time of the request."""

    url: str
    enough: threading.Event
    said: list[tuple[float, bool, dict[str, object], float]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def watch(self) -> threading.Thread:
        thread = threading.Thread(target=self._watch, name="monitor", daemon=True)
        thread.start()
        return thread

    def _watch(self) -> None:
        while not self.enough.wait(0.5):
            at = time.monotonic()
            try:
                live = requests.get(f"{self.url}/health/live", timeout=10)
                if live.status_code != 200 or live.elapsed.total_seconds() > 2:
                    self.problems.append(
                        f"live: {live.status_code} after {live.elapsed.total_seconds():.1f} s"
                    )
                answer = requests.get(f"{self.url}/health/ready", timeout=20)
                self.said.append(
                    (at, answer.status_code == 200, answer.json(), answer.elapsed.total_seconds())
                )
            except (requests.RequestException, ValueError) as error:
                self.problems.append(f"ready: {type(error).__name__}")

    def first(self, after: float, part: str | None) -> float | None:
        """Return the seconds from `after` until `part` was reported broken, or with None until all was ready."""
        for at, is_ready, words, _ in self.said:
            broken = not is_ready and part is not None and words.get(part) not in (None, "ok")
            if at >= after and (broken or (part is None and is_ready)):
                return at - after
        return None


class Outage:
    """One run with the requested faults."""

    def __init__(self, control: Control, env: dict[str, str], data: Path, below: Backing) -> None:
        self.control, self.env, self.data, self.below = control, env, data, below
        self.rng = Random(14)
        self.enough = threading.Event()
        self.found = verdict.Verdict()
        self.stuck: list[str] = []

    def through(self, seconds: dict[str, float]) -> verdict.Verdict:
        planned = [self._fault(name, length) for name, length in seconds.items()]
        self._make_holder()
        call_command("prepare")
        owner = services.create_person(username="ann", password=PASSWORD, role=User.Role.OWNER)
        services.create_person(username="ben", password=PASSWORD, role=User.Role.MEMBER)
        self.holder.pk = services.connect(owner=owner, api_key=self.holder.key).pk
        connections.close_all()
        self.control.reset_calls()
        command = [sys.executable, "serve.py"]
        self.serve = Service("serve", command, self.env, self.data)
        try:
            self._wait_for_web()
            self._go_through(planned)
        finally:
            self.enough.set()
            self.serve.terminate()
            stopped = self.serve.stop(15)
        self.found.count("not gone 15 s after SIGTERM", [] if stopped else ["serve.py"])
        self.found.count("API keys in files", verdict.keys_in([self.data], [self.holder]))
        return self.found

    def _fault(self, name: str, seconds: float) -> faults.Fault:
        if name == "clock-ahead":
            file = self.data / "clock"
            self.env |= faults.clock(file)
            return faults.clock_ahead(file, seconds)
        if name == "disk-full":
            return faults.disk_full(Path(self.env["DATA_DIR"]), seconds)
        made = {
            "redis-full": faults.redis_full,
            "redis-stopped": faults.redis_stopped,
            "postgres-stopped": faults.postgres_stopped,
        }
        return made[name](self.below, seconds)

    def _make_holder(self) -> None:
        key = "10000000-2000-4000-8000-300000000014"
        self.control.options(queue_seconds=5, download_seconds=12, seed_seconds=10)
        self.control.seed(accounts=[{"key": key, "name": "ann", "plan": "pro"}])
        self.holder = Holder("ann", key, [_magnet(f"stores {number}") for number in range(ADDS)])
        self.control.cache([thing.info_hash for thing in self.holder.things])

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.serve.running:
            try:
                if requests.get(f"{self.env['SITE_URL']}/health/ready", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise RuntimeError(f"It did not start: {self.serve.log.read_text()[-3000:]}")

    def _go_through(self, planned: list[faults.Fault]) -> None:
        url = self.env["SITE_URL"]
        total = sum(fault.seconds for fault in planned) + CALM_SECONDS * len(planned)
        handfuls = [self.holder.things[n : n + 3] for n in range(0, ADDS, 3)]
        pastes = [
            Paste((n + 0.5) * total / len(handfuls), self.holder.pk, handful)
            for n, handful in enumerate(handfuls)
        ]
        self.people = [
            Patient("ann", url, pastes, Random(1), self.enough),
            Crawler("ann", url, [], Random(2), self.enough),
            Newcomer("ben", url, [], Random(3), self.enough),
        ]
        self.monitor = Monitor(url, self.enough)
        threads = [self.monitor.watch(), *(person.sit_down() for person in self.people)]
        for fault in planned:
            time.sleep(CALM_SECONDS)
            self._go_through_one(fault)
        self._let_it_settle()
        self.enough.set()
        for thread in threads:
            thread.join(35)
        self._judge()

    def _go_through_one(self, fault: faults.Fault) -> None:
        logged, sent = self.serve.log.stat().st_size, sum(self.control.accepted().values())
        began = time.monotonic()
        fault.begin()
        print(f"{fault.name} for {fault.seconds:.0f} s ...", flush=True)
        time.sleep(max(0.0, began + fault.seconds - time.monotonic()))
        during = sum(self.control.accepted().values()) - sent
        ended = time.monotonic()
        fault.end()
        deadline = ended + TRUTH_WITHIN
        while time.monotonic() < deadline and self.monitor.first(ended, None) is None:
            time.sleep(0.5)
        time.sleep(1)
        self._judge_ready(fault, began, ended)
        size = self.serve.log.stat().st_size - logged
        self.found.counts |= {
            f"{fault.name}: adds sent meanwhile": during,
            f"{fault.name}: KB of log": round(size / 1000, 1),
        }

    def _judge_ready(self, fault: faults.Fault, began: float, ended: float) -> None:
        name = f"{fault.name}: ready says so after"
        told = self.monitor.first(began, fault.part) if fault.part else None
        settled = began + (5 if fault.part else NEXT_HEARTBEAT_WITHIN)
        # Requests before the end with a response after it saw both states.
        meanwhile = [
            words
            for at, is_ready, words, took in self.monitor.said
            if settled < at and at + took < ended and not is_ready
        ]
        if fault.part:
            late = told is None or told > TRUTH_WITHIN
            self.found.count(name, [f"{fault.part}: {told}"] if late else [])
            self.found.counts[name] = f"{told:.1f} s" if told is not None else "never"
        else:
            wrong = (words for words in meanwhile if set(words.values()) - BUSY)
            self.found.count(f"{fault.name}: ready denied", map(str, wrong))
        back = self.monitor.first(ended, None)
        self.found.count(f"{fault.name}: ready again after", [] if back is not None else ["never"])
        self.found.counts[f"{fault.name}: ready again after"] = (
            f"{back:.1f} s" if back is not None else "never"
        )
        if fault.part and meanwhile:
            print(f"  ready said: {meanwhile[len(meanwhile) // 2]}", flush=True)

    def _let_it_settle(self) -> None:
        began = time.monotonic()
        wait_while_it_advances(self._has_settled, lambda: verdict.progress([self.holder], self.control))
        self.found.counts["seconds to settle"] = round(time.monotonic() - began, 1)

    def _has_settled(self) -> bool:
        self.stuck = verdict.stuck()  # A moment later, the next refresh may hold its lease.
        return self.control.accepted(self.holder.key).keys() >= self.holder.wanted and not self.stuck

    def _judge(self) -> None:
        found, took = self.found, self.control.accepted(self.holder.key)
        found.count("processes down at the end", [] if self.serve.running else ["serve.py"])
        found.counts["adds"] = ADDS
        found.count("accepted once", (h for h in self.holder.wanted if took.get(h) == 1), fine=True)
        found.count("accepted twice or more", (h for h, n in took.items() if n > 1))
        found.count("sent again though there", map(str, self.control.repeated(self.holder.key)))
        found.count("lost", (h for h in self.holder.wanted if h not in took))
        found.count("stuck", self.stuck)
        log = self.serve.log.read_text(errors="replace")
        found.count("process deaths", (line for line in log.splitlines() if " ended with " in line))
        found.count("tracebacks in logs", verdict.tracebacks_in(self.data))
        found.count("problems of people", (f"{n}: {it}" for it, n in self._problems().items()))
        found.count(
            "problems of the monitor", (f"{n}: {it}" for it, n in Counter(self.monitor.problems).items())
        )
        crawler, newcomer = self.people[1], self.people[2]
        slowest = max((took for *_, took in self.monitor.said), default=0)
        found.counts |= {
            "pages looked at": getattr(crawler, "asked", 0),
            "answers 503 with a sentence": sum(person.in_vain for person in self.people),
            "slowest page (s)": round(max(person.slowest for person in self.people), 1),
            "slowest ready (s)": round(slowest, 1),
            "sign-ins": getattr(newcomer, "times", 0),
            "pasted once more": self.people[0].again,
        }

    def _problems(self) -> Counter[str]:
        return Counter(problem for person in self.people for problem in person.problems)
