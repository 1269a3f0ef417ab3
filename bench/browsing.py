"""The cost of the page in a browser with an empty cache, and in one that is left open."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from .crowd import cookie
from .person import Person
from .processes import Running
from .reports import Report, shown
from .torbox import TorBox

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
KB, MB = 1024, 1024 * 1024
SEARCHED = "part"  # matches a full page at any size
# Promises that resolve to milliseconds. First row: from the start of the navigation to its frame.
FIRST_ROW = """window.firstRow = new Promise((done) => { const look = () => document.querySelector(".row")
  ? requestAnimationFrame(() => setTimeout(() => done(performance.now())))
  : requestAnimationFrame(look);
  requestAnimationFrame(look); })"""
# Search: from the last key until a frame shows the new list.
SEARCH_SHOWN = """() => { const list = document.querySelector("#list"); let typed;
  document.querySelector("#search").addEventListener("input", () => { typed = performance.now(); });
  window.searchShown = new Promise((done) => new MutationObserver(() => requestAnimationFrame(() =>
    setTimeout(() => done(performance.now() - typed)))).observe(list, { subtree: true, childList: true })); }"""


def empty_cache(
    report: Report, url: str, persons: dict[str, Person], sizes: tuple[int, int], runs: int
) -> None:
    if CHROMIUM is None:
        report.add("in the browser: Chromium is not installed", 0, "")
        return
    with chromium() as browser:
        in_turn = [
            {name: visit(browser, url, persons[name]) for name in ("large", "small")} for _ in range(runs + 1)
        ]
    at = f"browser, empty cache, {sizes[0]:,} torrents"
    bars = (
        ("first row", "first_row", "s", 0.6), ("bytes with the font", "bytes", "KB", 180 * KB),
        ("requests", "requests", "", 20), ("layout", "layout", "s", 0.1), ("nodes of the list page", "nodes", "", 6000),
        ("JavaScript heap", "heap", "MB", 8 * MB),
        ("search shown after typing stops", "search", "s", 0.3),
    )  # fmt: skip
    for what, name, unit, most in bars:
        here, there = (
            statistics.median(both[size][name] for both in in_turn[1:]) for size in ("large", "small")
        )
        report.add(f"{at}: {what}", here, unit, most, f"{shown(there, unit)} at {sizes[1]:,}")
        report.add(f"the same relative to {sizes[1]:,} torrents", here / there, "×", 1.2)


def visit(browser: Browser, url: str, person: Person) -> dict[str, float]:
    """Visit the list in a new browser, and search at the end."""
    context = signed_in(browser, url, person)
    page = context.new_page()
    session, loaded = context.new_cdp_session(page), Loaded()
    loaded.listen(session)
    session.send("Performance.enable")  # layout counts from here
    page.add_init_script(FIRST_ROW)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.evaluate("async () => { await document.fonts.ready; }")
    found = {
        "first_row": page.evaluate("() => window.firstRow") / 1000,
        "bytes": loaded.bytes,
        "requests": loaded.requests,
        "layout": metrics(session)["LayoutDuration"],
    }
    session.send("Network.disable")
    found["search"] = search(page)  # before the heap is measured, which discards compiled scripts
    found |= left_over(session)
    context.close()
    return found


class Loaded:
    """The responses the page loaded. Files the service worker keeps come from the browser's cache."""

    def __init__(self) -> None:
        self.bytes = self.requests = 0

    def listen(self, session: CDPSession) -> None:
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._got)

    def _asked(self, event: dict[str, Any]) -> None:
        self.requests += event["request"]["url"].startswith("http")

    def _got(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]


def left_over(session: CDPSession) -> dict[str, float]:
    """Return the heap and the nodes, with those of shadow trees and texts, once garbage is collected."""
    session.send("HeapProfiler.collectGarbage")
    after = metrics(session)
    return {"heap": after["JSHeapUsedSize"], "nodes": after["Nodes"]}


def metrics(session: CDPSession) -> dict[str, float]:
    session.send("Performance.enable")
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def search(page: Page) -> float:
    page.evaluate(SEARCH_SHOWN)
    page.locator("#search").press_sequentially(SEARCHED, delay=40)
    return float(page.evaluate("() => window.searchShown")) / 1000


def left_alone(report: Report, app: Running, person: Person, simulated: TorBox, minutes: float) -> None:
    """Leave a tab visible on an account where nothing changes. Beat reads its list once in 600 s, from the cache."""
    if CHROMIUM is None:
        return
    with chromium() as browser:
        context = signed_in(browser, app.url, person)
        page = context.new_page()
        session = context.new_cdp_session(page)
        page.goto("/")
        page.locator(".row").first.wait_for()
        page.wait_for_timeout(3000)
        before, reads, used = metrics(session), _past_the_cache(simulated, person), app.processor()
        time.sleep(minutes * 60)
        after = metrics(session)
        used = {name: seconds - used[name] for name, seconds in app.processor().items()}
    what = f"a visible tab left open for {minutes:g} min"
    report.add(f"{what}: reads that bypass TorBox’s cache", _past_the_cache(simulated, person) - reads, "", 0)
    main_thread = after["TaskDuration"] - before["TaskDuration"]
    beside = f"of these {shown(after['ScriptDuration'] - before['ScriptDuration'], 's')} in scripts"
    report.add(f"{what}: main thread", main_thread, "s", 0.5, beside)
    beside = ", ".join(f"{name} {shown(seconds, 's')}" for name, seconds in used.items())
    report.add(
        f"{what}: processor time of web, worker, and beat", sum(used.values()), "s", minutes / 3, beside
    )


def _past_the_cache(simulated: TorBox, person: Person) -> int:
    return int(simulated.command("count", endpoint="mylist", key=person.key, bypass=True))


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


def signed_in(browser: Browser, url: str, person: Person, **device: Any) -> BrowserContext:
    """Return a signed-in browser context with its own cache and cookies."""
    context = browser.new_context(base_url=url, **({"viewport": {"width": 1280, "height": 900}} | device))
    context.set_default_timeout(60_000)
    context.add_cookies(
        [{"name": f"torbox-web-session-{urlsplit(url).port}", "value": cookie(person), "url": url}]
    )
    return context
