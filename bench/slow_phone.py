"""The list on a slow phone, and the same page as a static copy: a quarter of the processor, 1.6 Mbit/s, 150 ms."""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser, Page

from . import browsing, crowd
from .person import Person
from .reports import Report, shown
from .static_copy import static_copy

PHONE = {
    "viewport": {"width": 412, "height": 915}, "device_scale_factor": 2.625, "is_mobile": True, "has_touch": True,
}  # fmt: skip
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 94_000,
}  # bytes
SLOWDOWN = 4
ANSWER = "/answer/"  # to the search, at the static copy
# Milliseconds from the start of the navigation until the first frame with a row is on the screen.
FIRST_ROW = """window.firstRow = new Promise((done) => {
  const look = (now) => document.querySelector(".row") ? shown.then((first) => done(Math.max(first, now))) :
    requestAnimationFrame(look);
  const shown = new Promise((painted) => new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName("first-contentful-paint");
    if (first) painted(first.startTime);
  }).observe({ type: "paint", buffered: true }));
  requestAnimationFrame(look); })"""
# Fetches the same markup as a search and puts it into the list, in milliseconds until a frame shows it.
PUT_IN = """async (url) => { const begun = performance.now();
  const text = await (await fetch(url)).text(), list = document.querySelector("#list");
  list.innerHTML = new DOMParser().parseFromString(text, "text/html").querySelector("#list").innerHTML;
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)))); }"""


def slow_phone(report: Report, url: str, person: Person, size: int, runs: int) -> None:
    """Compare visits of the app with visits of a static copy of the page, made in turn."""
    if browsing.CHROMIUM is None:
        return
    visitor = crowd.Visitor(url, crowd.cookie(person))
    _, page = visitor.get("/")
    _, answer = visitor.get(f"/?q={browsing.SEARCHED}", {"HX-Request": "true"})
    with browsing.chromium() as browser, static_copy(url, {"/": page, ANSWER: answer}) as copy:
        in_turn = [(visit(browser, url, person), visit_copy(browser, copy, person)) for _ in range(runs + 1)]
    in_turn = in_turn[1:]
    for what, name in (("first row", "first_row"), ("search shown after typing stops", "search")):
        here, there = (statistics.median(pair[which][name] for pair in in_turn) for which in (0, 1))
        ratios = [ours[name] / copied[name] for ours, copied in in_turn]
        spread = f"{shown(min(ratios), '×')} to {shown(max(ratios), '×')}"
        report.add(
            f"slow phone, empty cache, {size:,} torrents: {what}",
            here,
            "s",
            None,
            f"static copy {shown(there, 's')}",
        )
        most = 1.3 if name == "first_row" else None
        report.add("the same relative to a static copy", statistics.median(ratios), "×", most, spread)


def visit(browser: Browser, url: str, person: Person) -> dict[str, float]:
    page = opened(browser, url, person)
    page.wait_for_load_state("networkidle")
    found = {"first_row": first_row(page), "search": browsing.search(page)}
    page.context.close()
    return found


def visit_copy(browser: Browser, url: str, person: Person) -> dict[str, float]:
    page = opened(browser, url, person)
    page.wait_for_load_state("networkidle")
    found = {"first_row": first_row(page), "search": page.evaluate(PUT_IN, ANSWER) / 1000}
    page.context.close()
    return found


def opened(browser: Browser, url: str, person: Person) -> Page:
    context = browsing.signed_in(browser, url, person, **PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.add_init_script(FIRST_ROW)
    page.goto("/")
    return page


def first_row(page: Page) -> float:
    return float(page.evaluate("() => window.firstRow")) / 1000
