"""The Usage page brings TorBox's report by itself, and its text keeps its size on a phone."""

from __future__ import annotations

import uuid
from itertools import count

from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, sign_in
from tests.browser.looking import check

PEOPLE = count()
TEXT_SIZES = (
    "[...new Set([...document.querySelectorAll('.chart text')].map((it) => getComputedStyle(it).fontSize))]"
)
OUTSIDE = """() => [...document.querySelectorAll('.chart *')]
  .filter((it) => it.checkVisibility())
  .filter((it) => {
    const [box, panel] = [it, it.closest('.panel')].map((one) => one.getBoundingClientRect());
    return box.left < panel.left || box.right > panel.right;
  })
  .map((it) => it.textContent)"""


def open_usage(stack: Stack, page: Page) -> None:
    """Open the Usage page of a new person, whose account downloaded 1.5 TB in 3 days."""
    key, name = str(uuid.uuid4()), f"ursula{next(PEOPLE)}"
    used = [4 * 10**11, 5 * 10**11, 5 * 10**11, 10**11]
    stack.sim.control.seed(accounts=[{"key": key, "name": name, "plan": "pro", "usage": used}])
    stack.person(name, key)
    sign_in(page, name)
    page.goto("/me/torbox/")
    page.locator(".card-link[href*='/torbox/']").first.click()
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", name="Usage")).to_be_visible()


def test_the_report_appears_without_a_reload_and_fits_every_width(stack: Stack, open_page):
    page = open_page(reduced_motion="reduce")
    open_usage(stack, page)
    expect(page.locator(".usage-card").first).to_contain_text("1.5 TB of TorBox’s published 30 TB")
    expect(page.locator(".chart-bar")).to_have_count(4)
    expect(page.locator("#usage")).not_to_have_attribute("hx-trigger", "every 2s")
    for width in (1280, 700, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TEXT_SIZES) == ["12px"]
        assert page.evaluate(OUTSIDE) == []
    page.get_by_text("Show as a table").click()
    expect(page.locator(".usage-table tbody tr")).to_have_count(30)
    check(page, "usage")


def test_it_is_complete_without_javascript(stack: Stack, open_page):
    page = open_page(java_script_enabled=False)
    open_usage(stack, page)
    for _ in range(50):
        if page.locator(".chart-bar").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(page.locator(".chart-bar")).to_have_count(4)
    page.get_by_text("Show as a table").click()
    expect(page.locator(".usage-table tbody tr").first).to_contain_text("100 GB")
