"""Medians, numbers of statements, and the time spent in calls to TorBox."""

from __future__ import annotations

import cProfile
import pstats
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

RUNS = 5
STATEMENT = re.compile(r'\s*(SELECT|INSERT|UPDATE|DELETE)\b.*?(?:FROM|INTO|UPDATE)\s+"?(\w+)', re.DOTALL)
UPDATE = re.compile(r'\s*UPDATE\s+"?(\w+)')


@dataclass
class Measured:
    """The seconds of each run, those spent in TorBox, and the statements of one run by (verb, table)."""

    seconds: list[float] = field(default_factory=list)
    upstream: list[float] = field(default_factory=list)
    statements: Counter[tuple[str, str]] = field(default_factory=Counter)
    beside: list[float] = field(default_factory=list)
    """Seconds of the comparison runs in between."""

    @property
    def ratio(self) -> float:
        """Return the median ratio of each run to the one measured just before it."""
        return statistics.median(mine / other for mine, other in zip(self.seconds, self.beside, strict=True))

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def beyond(self) -> float:
        """Return the median without the calls to TorBox."""
        return statistics.median(
            all_ - theirs for all_, theirs in zip(self.seconds, self.upstream, strict=True)
        )

    @property
    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]

    @property
    def queries(self) -> int:
        return sum(self.statements.values())

    def writes(self, *tables: str) -> int:
        """Return the number of statements that write to these tables, or to any."""
        return sum(
            number
            for (verb, table), number in self.statements.items()
            if verb != "SELECT" and (not tables or table in tables)
        )

    @property
    def written(self) -> str:
        """Return what was written where, in words."""
        written = Counter[str]()
        for (verb, table), number in self.statements.items():
            if verb != "SELECT":
                written[table.removeprefix("torrents_").removeprefix("accounts_")] += number
        return ", ".join(f"{table} {number}" for table, number in sorted(written.items())) or "none"


def measure(
    run: Callable[[], object],
    *,
    runs: int = RUNS,
    before: Callable[[], object] | None = None,
    beside: Callable[[], object] | None = None,
) -> Measured:
    """Measure runs. `before` runs first each time, unmeasured, and `beside` is measured separately.

    The first two runs warm up and count statements.
    """
    found = Measured()
    for number in range(runs + 2):
        if before:
            before()
        if number == 1:
            with counting() as found.statements:
                run()
            continue
        other = timed(beside) if beside else 0.0
        with upstream() as spent:
            seconds = timed(run)
        if number:
            found.beside.append(other)
            found.seconds.append(seconds)
            found.upstream.append(spent.seconds)
    return found


def together(several: list[Measured]) -> Measured:
    """Combine runs of similar scenarios. The statements are those of the one with the most."""
    most = max(several, key=lambda one: one.queries)
    found = Measured(statements=most.statements)
    for one in several:
        found.seconds += one.seconds
        found.upstream += one.upstream
        found.beside += one.beside
    return found


def timed(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


@contextmanager
def counting() -> Iterator[Counter[tuple[str, str]]]:
    """Count the statements of this thread by (verb, table), without BEGIN and SAVEPOINT."""
    from django.db import connection

    found: Counter[tuple[str, str]] = Counter()

    def note(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if match := UPDATE.match(sql):
            found["UPDATE", match[1]] += 1
        elif match := STATEMENT.match(sql):
            found[match[1], match[2]] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


@dataclass
class Upstream:
    seconds: float = 0.0
    calls: int = 0


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Measure how long calls to TorBox take, including bodies."""
    from torbox.transport import Transport

    spent, send = Upstream(), Transport._send

    def timed_send(self, call):  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        try:
            return send(self, call)
        finally:
            spent.seconds += time.perf_counter() - began
            spent.calls += 1

    Transport._send = timed_send  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        Transport._send = send  # type: ignore[method-assign]


def profile(scenario: Callable[[], object], most: int = 50) -> None:
    """Print the functions of a scenario by the time spent in them and in the functions they call."""
    profiler = cProfile.Profile()
    profiler.runcall(scenario)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(most)
