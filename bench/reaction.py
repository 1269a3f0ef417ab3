"""The time from a click to a visible reaction in a browser, while every response of TorBox takes three seconds.

A reaction is the first change that reaches a frame, such as a pending mark, an opened dialog, or a removed row.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ARGS, CHROMIUM, run_stack, sign_in

from .reports import Report

DELAY = 3  # seconds
PASSWORD = "demo-demo-demo"
REACTION = """([selector, value]) => new Promise((done) => {
  const element = document.querySelector(selector), began = performance.now();
  const changes = new MutationObserver(() => { changes.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))); });
  changes.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  if (value === null) element.click();
  else { element.value = value; element.dispatchEvent(new Event("input", { bubbles: true })); }
})"""
SINTEL = "magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10&dn=Sintel"
READY = ".row[data-tone=ready]"
MOVING = ".row[data-tone=active]:has(moving-bar)"


def run() -> Report:
    report = Report()
    for what, seconds in reactions():
        report.add(f"TorBox responds after {DELAY} s: {what}, until the page reacts", seconds, "ms")
    return report


def reactions() -> Iterator[tuple[str, float]]:
    """Yield what was clicked, and the seconds until the page reacted."""
    if CHROMIUM is None:
        return
    with run_stack("household", prepare=("seeddemo",)) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(base_url=stack.url, viewport={"width": 1280, "height": 900})
        sign_in(page, "mara", PASSWORD)
        page.locator(MOVING).first.wait_for(timeout=60_000)
        stack.sim.control.fail("*", kind="delay", delay=DELAY, times=10_000)
        for name, milliseconds in _pressed(page):
            yield name, milliseconds / 1000
        browser.close()


def _pressed(page: Page) -> Iterator[tuple[str, float]]:
    def press(selector: str, value: str | None = None) -> float:
        return float(page.evaluate(REACTION, [selector, value]))

    yield "paste a magnet", press("#add-text", SINTEL)
    page.locator(".preview-row").wait_for(timeout=30_000)
    yield "add it", press("#preview-submit")
    page.locator(".row-title", has_text="Sintel").wait_for(timeout=30_000)
    yield "open the files", press(f"{READY} .row-title")
    page.locator(".files").wait_for(timeout=30_000)
    yield "copy the link to a file", press(".file .files-actions button")
    page.get_by_role("dialog").wait_for(timeout=30_000)
    yield "close the dialog", press("dialog [data-close]")
    yield "download", press(f"{READY} .split-button a")
    page.wait_for_timeout(DELAY * 1500)
    yield "open a menu", press(f"{MOVING} row-menu > a")
    page.locator(f"{MOVING} row-menu .menu-list").wait_for(timeout=30_000)
    yield "reannounce", press(f'{MOVING} [formaction*="reannounce"]')
    page.locator(f"{READY} row-menu > a").first.click()
    page.locator(f"{READY} row-menu .menu-list").wait_for(timeout=30_000)
    yield "ask to delete", press(f"{READY} .menu-item.danger")
    page.get_by_role("dialog").wait_for(timeout=30_000)
    yield "delete", press("dialog .danger")
    page.locator("#refresh:enabled").wait_for(timeout=30_000)
    yield "refresh now", press("#refresh")
