"""Torrents that TorBox removes soon: their tab, and how to keep one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.furnishing import DAY, new_key

PEOPLE = count()
SOON, LATER = "Night Mail (1936)", "The Lodger (1927)"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def home(request, stack: Stack, browser: Browser) -> Iterator[Page]:
    """The list of a person with a torrent that expires in three days, and one that has weeks."""
    key, name = new_key(stack), f"ines{next(PEOPLE)}"
    ahead = stack.sim.control.now() - time.time()  # other tests move the clock that they share
    for title, days in ((SOON, 27), (LATER, 2)):
        film = {"key": key, "name": title, "files": {"film.mkv": 4000}, "state": "completed"}
        stack.sim.control.seed(torrents=[film | {"age": days * DAY + ahead}])
    stack.person(name, key)
    with browser.new_context(base_url=stack.url) as context:
        page = context.new_page()
        sign_in(page, name)
        eventually(page, expect(page.locator(".row")).to_have_count, 2)
        signed_in = context.storage_state()
    with browser.new_context(
        base_url=stack.url,
        storage_state=signed_in,
        java_script_enabled=request.param,
        reduced_motion="reduce",
    ) as context:
        page = context.new_page()
        page.goto("/")
        yield page


def test_keep_takes_a_torrent_out_of_the_tab_and_its_row_says_that_it_is_kept(home: Page):
    tab, row = home.locator("#tab-expiring"), home.locator(".row", has_text=SOON)
    expect(tab).to_have_text("Expiring 1")
    tab.click()
    expect(home.locator(".row")).to_have_count(1)
    expect(row.locator(".status")).to_have_text("Expiring in 3 days")
    row.get_by_role("button", name=f"Keep {SOON}").click()
    expect(row).to_have_count(0)
    home.locator("#tab-all").click()
    expect(row.locator(".status")).to_have_text("Ready")
    expect(row.locator(".row-note")).to_have_text("Kept")
    expect(tab).to_have_count(0)


def test_on_a_phone_keep_is_beside_download_below_the_status(home: Page):
    home.set_viewport_size({"width": 390, "height": 800})
    row = home.locator(".row", has_text=SOON)
    status, keep, get = (
        row.locator(part).bounding_box() or {} for part in (".status", ".row-keep", ".split-button")
    )
    assert status["y"] + status["height"] <= keep["y"] and keep["x"] + keep["width"] <= get["x"]
    assert abs((keep["y"] + keep["height"] / 2) - (get["y"] + get["height"] / 2)) < 4
