"""The Status page updates itself, and opened details stay open."""

from __future__ import annotations

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import Stack, sign_in


def test_it_updates_itself_and_leaves_opened_details_open(stack: Stack, open_page):
    key = str(uuid.uuid4())
    stack.sim.control.seed(accounts=[{"key": key, "name": "watcher", "plan": "pro"}])
    stack.person("watcher", key)
    page = open_page(viewport={"width": 390, "height": 800})
    sign_in(page, "watcher")
    page.locator(".person summary").click()
    page.get_by_role("link", name="Status").click()
    expect(page.get_by_role("heading", name="Status")).to_be_visible()
    page.locator("details[id^=more-] summary").click()
    expect(page.locator(".state-errors")).to_be_visible()

    stack.sim.control.rotate(key, str(uuid.uuid4()))
    stack.manage("shell", "-c", REFRESH)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when the tab comes back
    expect(page.locator(".state-table .status[data-tone=failed]")).to_be_visible()
    expect(page.get_by_role("link", name="Enter a new API key")).to_be_visible()
    expect(page.locator(".state-errors")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_complete_without_javascript(stack: Stack, open_page):
    key = str(uuid.uuid4())
    stack.sim.control.seed(accounts=[{"key": key, "name": "quiet", "plan": "pro"}])
    stack.person("quiet", key)
    page = open_page(java_script_enabled=False)
    sign_in(page, "quiet")
    expect(page.locator(".person")).to_be_visible()
    page.goto("/status/")
    expect(page.locator(".state-table .status[data-tone=ready]")).to_be_visible()
    page.get_by_role("link", name="Check again").click()
    page.locator("details[id^=more-] summary").click()
    expect(page.get_by_role("heading", name="Recent errors")).to_be_visible()


REFRESH = """
from accounts.models import TorBoxAccount
from torrents.services.sync import refreshing
refreshing.refresh(TorBoxAccount.objects.get(owner__username="watcher"), fresh=True)
"""
