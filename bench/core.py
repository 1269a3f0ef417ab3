"""The cost of a page, a poll, a refresh, and a paste by number of torrents, through the HTTP client and services."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from itertools import product
from statistics import median
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from torbox_web.queue import malloc
from torrents.pages.list.page import PAGE_SIZE
from torrents.pages.url_cache import detail_url
from torrents.selection import SORTS
from torrents.states import TABS

from .library import TAGS
from .measuring import RUNS, Measured, measure, profile, together
from .person import Person
from .reports import Report, Table, shown
from .torbox import TorBox, torbox

BESIDE = "core beside"
WIDE = 50_000  # from this size on, operations that take minutes run once
SEARCHES = ("part 7", "ARCHIVE", "Книга", "zzz nothing like it")
OURS = ("torrents_torrent", "torrents_torrentfile")


class Core:
    """One person and every scenario measured for them, by the names that `--profile` accepts.

    A second person with `small` torrents is measured for comparison, because the speed of a machine varies.
    """

    def __init__(self, torbox: TorBox, size: int, small: int, runs: int = RUNS, pasted: int = 1000) -> None:
        self.size, self.small, self.runs, self.pasted = size, small, runs, pasted
        self.person, self.other = Person(torbox, f"core {size}"), Person(torbox, BESIDE)
        for person in (self.person, self.other):
            person.refresh()
        analyze()
        malloc.set_aside()  # as gunicorn does before it forks

    @cached_property
    def scenarios(self) -> dict[str, Callable[[], Measured]]:
        return {
            "bare fetch": partial(self._measure, self.person.fetch_bare),
            "refresh, unchanged": partial(self._refresh, self.person.rest),
            "refresh, 1 % changed": partial(self._refresh, self._moved),
            "list page": self._list_pages,
            "first page": self._first_page,
            "list page of a tag": partial(self._measure, self._page_of_a_tag),
            "search": self._searches,
            "poll, unchanged": self._poll,
            "poll, 20 rows changed": self._poll_changed,
            "files panel": self._files,
            "preview of a paste": self._preview,
            "add a paste": self._add,
            "refresh, all new": self._all_new,
        }

    def run(self) -> dict[str, Measured]:
        found = {}
        for name, scenario in self.scenarios.items():
            found[name] = scenario()
            note = f"{found[name].median * 1000:.1f} ms, p95 {found[name].p95 * 1000:.1f} ms, {found[name].queries} queries"
            print(f"  {self.size:,} torrents: {name}: {note}", flush=True)
        return found

    def _measure(self, run: Callable[[], object], before: Callable[[], object] | None = None) -> Measured:
        return measure(run, runs=self.runs, before=before)

    def _refresh(self, before: Callable[[], object]) -> Measured:
        return measure(self.person.refresh, runs=self.runs, before=before, beside=self.person.fetch_bare)

    def _moved(self) -> None:
        self.person.move()
        self.person.rest()

    def _all_new(self) -> Measured:
        runs = 1 if self.size >= WIDE else self.runs

        def forgotten() -> None:
            self.person.forget()
            self.person.rest()

        return measure(self.person.refresh, runs=runs, before=forgotten, beside=self.person.fetch_bare)

    def _list_pages(self) -> Measured:
        """Measure every tab and sort order, first, middle, and last page, each right after that of the other person."""
        theirs, last = max(1, self.small // PAGE_SIZE), max(1, self.size // PAGE_SIZE)
        numbers = {1: 1, max(1, last // 2): theirs, last: theirs}
        return together(
            [
                measure(
                    partial(self.person.get, self._page(tab, sort, number)),
                    beside=partial(self.other.get, self._page(tab, sort, numbers[number])),
                    runs=self.runs,
                )
                for tab, sort, number in product(TABS, SORTS, numbers)
            ]
        )

    def _first_page(self) -> Measured:
        """Measure the first page, each time right after the same page from a view that does nothing else."""
        url = self.person.list_url
        return measure(
            partial(self.person.get, url),
            beside=partial(self.person.bare.get, url),
            runs=max(self.runs, 5) * 4,
        )

    def _page(self, tab: str, sort: str, number: int) -> str:
        return f"{self.person.list_url}?tab={tab}&sort={sort}&page={number}"

    def _page_of_a_tag(self) -> None:
        self.person.get(f"{self.person.list_url}?tag={quote(TAGS[0])}")

    def _searches(self) -> Measured:
        return together([self._measure(partial(self.person.search, query)) for query in SEARCHES])

    def _poll(self) -> Measured:
        url = self.person.changes_url
        return measure(partial(self.person.get, url, 204), runs=max(self.runs, 5) * 10)

    def _poll_changed(self) -> Measured:
        url = self.person.changes_url
        return self._measure(partial(self.person.get, url), before=self.person.touch)

    def _files(self) -> Measured:
        return self._measure(partial(self.person.get, f"{detail_url(self.person.largest())}files/"))

    def _preview(self) -> Measured:
        return self._measure(lambda: self.person.preview(self.text), before=self._new_text)

    def _add(self) -> Measured:
        return self._measure(lambda: self.person.add(self.text), before=self._new_text)

    def _new_text(self) -> None:
        self.text = self.person.paste(self.pasted)


def profiled(sizes: list[int], name: str) -> Report:
    """Print where the time of one scenario goes, at the largest size."""
    size, small = max(sizes), min(sizes)
    with torbox({f"core {size}": size, BESIDE: small}) as simulated:
        settings.TORBOX_API_URL = simulated.url
        core = Core(simulated, size, small)
        if name not in core.scenarios:
            raise SystemExit(f"There is no scenario {name!r}. Choose from {', '.join(core.scenarios)}.")
        profile(core.scenarios[name])
    return Report()


def run(sizes: list[int], runs: int = RUNS, pasted: int = 1000) -> Report:
    """Measure each size alone in one database, emptied in between. The limits compare 10,000 with 100."""
    found: dict[int, dict[str, Measured]] = {}
    for size in sizes:
        with torbox({f"core {size}": size, BESIDE: min(sizes)}) as simulated:
            found[size] = _of_size(simulated, size, min(sizes), runs, pasted)
    report = Report()
    at = max((size for size in sizes if size <= 10_000), default=sizes[0])
    _bars(report, at, min(sizes), found[at])
    report.tables.append(_growth(found))
    return report


def _of_size(simulated: TorBox, size: int, small: int, runs: int, pasted: int) -> dict[str, Measured]:
    settings.TORBOX_API_URL = simulated.url
    core = Core(simulated, size, small, runs, pasted)
    try:
        return core.run()
    finally:
        core.person.leave()
        core.other.leave()


def _bars(report: Report, size: int, small: int, here: dict[str, Measured]) -> None:
    at = f"{size:,} torrents"
    pages, poll = here["list page"], here["poll, unchanged"]
    report.add(
        f"list page, {at}, every tab and sort, first, middle, last page: median", pages.median, "ms", 0.040
    )
    report.add("the same: p95", pages.p95, "ms", 0.080, f"slowest {shown(max(pages.seconds), 'ms')}")
    report.add("the same: queries at most", pages.queries, "", 8)
    there = f"{shown(median(pages.beside), 'ms')} there, measured alternately"
    report.add(f"the same relative to {small:,} torrents", pages.ratio, "×", 1.5, there)
    first = here["first page"]
    bare = f"{shown(first.median, 'ms')} and {shown(median(first.beside), 'ms')}, measured alternately"
    report.add("first page relative to a bare view that returns the same page", first.ratio, "×", 4, bare)
    tagged = here["list page of a tag"]
    report.add("list page of one of 40 tags", tagged.median, "ms", 0.040, _p95(tagged))
    report.add("search in names and file names", here["search"].median, "ms", 0.060, _p95(here["search"]))
    report.add("poll, nothing changed (204)", poll.median, "ms", 0.004, _p95(poll))
    report.add("the same: queries", poll.queries, "", 2)
    changed = here["poll, 20 rows changed"]
    report.add(
        "poll, 20 rows changed", changed.median, "ms", 0.040, f"{_p95(changed)}, {changed.queries} queries"
    )
    files = here["files panel"]
    report.add(
        "files panel, the torrent with most files",
        files.median,
        "ms",
        0.120,
        f"{_p95(files)}, {files.queries} queries",
    )
    _refreshing(report, here)
    _pasting(report, here)


def _refreshing(report: Report, here: dict[str, Measured]) -> None:
    still = here["refresh, unchanged"]
    report.add("bare fetch and decoding of the same pages", here["bare fetch"].median, "s")
    for name, most in (("refresh, unchanged", 1.5), ("refresh, 1 % changed", 1.8), ("refresh, all new", 8)):
        one = here[name]
        beside = f"{shown(one.median, 's')}, {one.queries} queries"
        report.add(f"{name}, relative to that", one.ratio, "×", most, beside)
    writes = still.writes(*OURS)
    report.add(
        "refresh, unchanged: statements that write torrents or files", writes, "", 0, f"all: {still.written}"
    )


def _pasting(report: Report, here: dict[str, Measured]) -> None:
    shown_, added = here["preview of a paste"], here["add a paste"]
    beside = f"with them {shown(shown_.median, 'ms')}, {shown_.queries} queries"
    report.add("paste to preview, beyond the calls to TorBox", shown_.beyond, "ms", 0.300, beside)
    report.add("add to response", added.median, "ms", 0.400, f"{added.queries} queries")


def _p95(one: Measured) -> str:
    return f"p95 {shown(one.p95, 'ms')}"


def _growth(found: dict[int, dict[str, Measured]]) -> Table:
    """Return each cost by size, and its growth from the smallest to the largest."""
    small, large = min(found), max(found)
    rows = [
        [
            name,
            *(_cell(found[size][name]) for size in found),
            f"{found[large][name].median / found[small][name].median:.1f}×",
        ]
        for name in found[small]
    ]
    head = [
        "median (queries)",
        *(f"{size:,}" for size in found),
        f"grows, at {large / small:,.0f}× the torrents",
    ]
    return Table("Growth", head, rows)


def _cell(one: Measured) -> str:
    return f"{shown(one.median, 's' if one.median >= 1 else 'ms')} ({one.queries})"


def analyze() -> None:
    """Update statistics and visibility, as PostgreSQL does by itself within a minute of many new rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
