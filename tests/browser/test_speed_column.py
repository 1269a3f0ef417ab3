"""The column with speed and seeds: switched in the menu that sorts, and shown where there is room."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.furnishing import new_key
from tests.browser.looking import check

PEOPLE = count()
COLUMNS = """() => {
  const row = document.querySelector(".row"), cell = row.querySelector(".row-speed");
  const inside = (it) => it.scrollWidth <= it.clientWidth;
  const box = (one) => row.querySelector(one).getBoundingClientRect();
  const [status, speed, size] = [".row-status", ".row-speed", ".row-size"].map(box);
  const heads = [...document.querySelectorAll(".list-head > .end")].map((it) => it.getBoundingClientRect().right);
  return {
    order: status.right <= speed.left && speed.right <= size.left,
    head: Math.abs(heads[0] - speed.right) < 1 && Math.abs(heads[1] - size.right) < 1,
    fits: inside(cell) && inside(document.documentElement),
    oneLine: box(".row-note").top < box(".status").bottom,
    name: box(".row-name").width,
  };
}"""

SIZE = """() => [...document.querySelectorAll("#list-panel, .row > *")].map((it) => [it.clientWidth, it.clientHeight])
  .filter(([width]) => width)"""


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def home(request, stack: Stack, browser: Browser) -> Iterator[Page]:
    """The list of a person with a download and a torrent that is ready, as a browser shows it with and without script."""
    key, name = new_key(stack), f"sven{next(PEOPLE)}"
    for film in (
        {"name": "Night Mail (1936)", "state": "downloading", "progress": 0.4, "tags": ["Films"]},
        {"name": "The Lodger (1927)", "state": "completed"},
    ):
        stack.sim.control.seed(torrents=[{"key": key, "files": {"film.mkv": 4000}} | film])
    stack.person(name, key)
    with browser.new_context(base_url=stack.url) as context:
        page = context.new_page()
        sign_in(page, name)
        eventually(page, expect(page.locator(".row")).to_have_count, 2)
        signed_in = context.storage_state()
    options = {"java_script_enabled": request.param, "reduced_motion": "reduce"}
    with browser.new_context(
        base_url=stack.url, storage_state=signed_in, viewport={"width": 1280, "height": 900}, **options
    ) as context:
        page = context.new_page()
        page.goto("/?tab=downloading")
        yield page


def switch(page: Page) -> None:
    page.locator("#sort summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Show speed").click()


def test_the_menu_that_sorts_shows_and_hides_the_column_of_the_same_list(home: Page):
    cell = home.locator(".row-speed")
    expect(cell).to_have_count(0)
    switch(home)
    assert home.url.endswith("/?tab=downloading")
    expect(cell).to_have_count(1)
    expect(cell).to_contain_text("B/s")
    expect(cell).to_contain_text("seed")
    expect(home.locator(".list-head")).to_contain_text("Speed")
    switch(home)
    expect(cell).to_have_count(0)


@pytest.mark.parametrize("home", [True], indirect=True)
def test_the_column_is_between_status_and_size_and_narrow_screens_leave_it_out(home: Page):
    home.set_viewport_size({"width": 390, "height": 800})
    home.goto("/?tab=downloading")
    before = home.evaluate(SIZE)
    home.locator("#sort summary").click()
    expect(home.get_by_role("button", name="Show speed")).to_be_hidden()
    home.keyboard.press("ArrowUp")  # the keys pass over it
    expect(home.locator("#sort .menu-item:visible").last).to_be_focused()
    home.set_viewport_size({"width": 1280, "height": 800})
    home.goto("/?tab=downloading")
    switch(home)
    check(home, "list with speed", "#list")
    for width in (1120, 1280, 1600):
        home.set_viewport_size({"width": width, "height": 800})
        found = home.evaluate(COLUMNS)
        assert found.pop("name") > 280, width
        assert found == {"order": True, "head": True, "fits": True, "oneLine": True}, width
    for width in (1119, 768, 390):
        home.set_viewport_size({"width": width, "height": 800})
        expect(home.locator(".row-speed")).to_be_hidden()
        expect(home.get_by_text("Speed", exact=True)).to_be_hidden()
    assert home.evaluate(SIZE) == before
