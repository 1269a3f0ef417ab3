"""The whole app in its own processes: a browser, a tab left open, a hundred open tabs, and the memory of it all."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import TorBoxAccount
from torrents.pages.url_cache import detail_url

from . import browsing, crowd, slow_phone
from .library import magnets
from .person import PAGE, Person
from .processes import Running, running, seconds_to_start
from .reports import Report, shown
from .torbox import TorBox, torbox

SETTLING = 40  # seconds, for background work and for returning memory
READ_WITHIN = 600  # seconds, for reading a large list the first time
MB = 1024 * 1024


def run(*, sizes: list[int], runs: int, people: int, minutes: float, pasted: int, **_: Any) -> Report:
    settling = min(SETTLING, minutes * 60)
    large, small = max(size for size in sizes if size <= 10_000 or size == min(sizes)), min(sizes)
    held = {"large": large, "small": small, "still": min(large, 1000)}
    report = Report()
    _starts(report, runs)
    with torbox(held, frozen=False) as simulated, running(simulated.url) as app:
        settings.TORBOX_API_URL = simulated.url
        _memory(report, app, "idle", 220, settling)
        persons = {name: Person(simulated, name) for name in held}
        _wait_until_read()
        browsing.empty_cache(report, app.url, persons, (large, small), runs)
        slow_phone.slow_phone(report, app.url, persons["large"], large, runs)
        browsing.left_alone(report, app, persons["still"], simulated, minutes)
        _crowd(report, app, simulated, persons["large"], people, minutes, large // PAGE + 1)
        _use(app, persons["large"], pasted)
        time.sleep(settling)
        _memory(report, app, "after all of the above", 300, 0)
    return report


def _starts(report: Report, runs: int) -> None:
    """Measure the start of the app on SQLite: the first one, with an empty data folder, and the second one."""
    first, second = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="torbox-web-bench-start-") as data:
            first.append(seconds_to_start("http://127.0.0.1:9", Path(data)))
            second.append(seconds_to_start("http://127.0.0.1:9", Path(data)))
    for which, seconds in (("first", first), ("second", second)):
        beside = f"slowest {shown(max(seconds), 's')}"
        what = f"serve.py on SQLite, {which} start: until the first page"
        report.add(what, statistics.median(seconds), "s", 2.5, beside)


def _wait_until_read() -> None:
    deadline = time.monotonic() + READ_WITHIN
    while TorBoxAccount.objects.filter(refreshed_at=None).exists():
        if time.monotonic() > deadline:
            raise RuntimeError("The worker did not read the lists.")
        time.sleep(1)


def _memory(report: Report, app: Running, when: str, most: int, wait: float) -> None:
    """Report the memory of every process, after both of gunicorn's have responded to requests."""
    visitor = crowd.Visitor(app.url, "")
    for _ in range(20):
        visitor.get("/sign-in/")
    time.sleep(wait)
    held = app.pss()
    beside = ", ".join(f"{name} {shown(size, 'MB')}" for name, size in held.items())
    report.add(f"memory (PSS) of web, worker, and beat, {when}", sum(held.values()), "MB", most * MB, beside)


def _crowd(
    report: Report,
    app: Running,
    simulated: TorBox,
    person: Person,
    people: int,
    minutes: float,
    pages: int,
) -> None:
    """Measure how often TorBox is read for one open tab and for all. Reading a list takes `pages` calls."""
    seconds = min(60.0, max(12.0, minutes * 60))
    cookies = crowd.visitors(person.account, people)
    alone = crowd.poll(app.url, cookies[:1], seconds, simulated, person.key)
    all_ = crowd.poll(app.url, cookies, seconds, simulated, person.key)
    what = f"{people} people with open tabs polling while torrents change"
    beside = f"{all_.answers} responses in {seconds:.0f} s, {all_.changed} with a list; median {shown(all_.median, 'ms')}"
    report.add(f"{what}: p95", all_.p95, "ms", 0.150, beside)
    report.add("the same: errors", all_.errors, "", 0)
    readings, for_one = round(all_.upstream / pages), round(alone.upstream / pages)
    beside = f"{for_one} with one tab in the same time; {all_.upstream} and {alone.upstream} calls"
    report.add("the same: readings of the list from TorBox", readings, "", for_one + 1, beside)


def _use(app: Running, person: Person, pasted: int) -> None:
    """Do everything else people do, so that both web processes have done everything once."""
    visitor, panel = (
        crowd.Visitor(app.url, crowd.cookie(person)),
        f"{detail_url(person.largest())}files/",
    )
    for number in range(4):
        for url in ("/?q=part+7", "/?tab=ready&sort=name&page=9", panel):
            visitor.get(url)
        for url in ("/preview/", "/add/"):
            visitor.post(url, {"text": magnets(pasted, seed=900 + number), "seed": "1"})
