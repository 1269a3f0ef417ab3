"""Tags and saved views above the list: with mouse and Ctrl, on a phone, and without script."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in

TAGS = [
    "Films",
    "Kids",
    "Books",
    "Linux",
    "Music",
    "Old time radio",
    "Documentaries",
    "Lectures",
    "Games",
    "Scans",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def tagged(stack: Stack, browser) -> dict:
    """Sign in someone whose torrents have ten tags, the first of them on ten torrents, the last on one."""
    key = str(uuid.uuid4())
    stack.sim.control.freeze()
    stack.sim.control.seed(accounts=[{"key": key, "name": "tara", "plan": "pro"}])
    stack.sim.control.seed(
        torrents=[
            {
                "key": key,
                "name": f"Film {number:02}",
                "files": 900,
                "state": "completed",
                "tags": TAGS[: 10 - number],
            }
            for number in range(10)
        ]
    )
    stack.person("tara", key)
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    sign_in(page, "tara")
    eventually(page, expect(page.locator(".row")).to_have_count, 10)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def opened(tagged, open_page) -> Opens:
    def go(path: str = "/", **options) -> Page:
        page = open_page(storage_state=tagged, **({"viewport": {"width": 1280, "height": 900}} | options))
        page.goto(path)
        expect(page.locator(".row").first).to_be_visible()
        return page

    return go


def pill(page: Page, name: str):
    return page.locator(".filters .filter").filter(has=page.locator("bdi", has_text=re.compile(f"^{name}$")))


def chosen(page: Page) -> list[str]:
    return page.locator(".filters [aria-current] bdi").all_inner_texts()


def test_a_click_chooses_one_tag_and_ctrl_adds_another(opened: Opens):
    page = opened()
    pill(page, "Kids").click()
    page.wait_for_url("**/?tag=Kids")
    expect(page.locator(".row")).to_have_count(9)
    pill(page, "Music").click(modifiers=["Control"])
    page.wait_for_url("**/?tag=Kids&tag=Music")
    expect(page.locator(".row")).to_have_count(6)
    assert sorted(chosen(page)) == ["Kids", "Music"]
    expect(page.locator("#tab-all .tab-count")).to_have_text("6")
    assert len(page.context.pages) == 1
    pill(page, "Kids").click()
    page.wait_for_url("**/?tag=Music")
    pill(page, "Books").click()
    page.wait_for_url("**/?tag=Books")
    page.locator(".row .tag", has_text="Films").first.click()
    page.wait_for_url("**/?tag=Films")
    page.locator(".more-tags summary").click()
    page.locator(".more-tags .menu-item", has_text="Scans").click(modifiers=["Control"])
    page.wait_for_url("**/?tag=Films&tag=Scans")
    expect(page.locator(".row")).to_have_count(1)


def test_a_search_keeps_the_tags_and_the_row_follows_it(opened: Opens):
    page = opened("/?tag=Films")
    page.fill("#search", "film 03")
    expect(page.locator(".row")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=film\+03&tag=Films$"))
    expect(pill(page, "Kids")).to_have_attribute("href", "/?q=film+03&tag=Kids")
    pill(page, "Kids").click()
    page.wait_for_url("**/?q=film+03&tag=Kids")
    expect(page.locator(".row")).to_have_count(1)


def test_a_view_is_saved_opened_first_renamed_deleted_and_restored(opened: Opens):
    page = opened("/?tag=Music&sort=oldest")
    page.locator("#save-view").click()
    page.get_by_label("Name", exact=True).fill("Evening music")
    page.keyboard.press("Enter")
    expect(pill(page, "Evening music")).to_have_attribute("aria-current", "true")
    expect(page.locator("#save-view")).to_have_count(0)
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Open this view first").click()
    expect(page.locator(".toast", has_text="Evening music")).to_be_visible()
    page.goto("/")
    assert "Evening music" in chosen(page)
    expect(page.locator(".row")).to_have_count(6)
    pill(page, "Evening music").click()
    page.wait_for_url("**/?tab=all")
    expect(page.locator(".row")).to_have_count(10)
    pill(page, "Evening music").click()
    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Rename…").click()
    page.get_by_label("Name", exact=True).fill("Night music")
    page.get_by_role("button", name="Rename").click()
    expect(pill(page, "Night music")).to_be_visible()
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Delete view").click()
    expect(pill(page, "Night music")).to_have_count(0)
    page.locator(".toast-undo").click()
    expect(pill(page, "Night music")).to_be_visible()
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Delete view").click()
    expect(pill(page, "Night music")).to_have_count(0)


def test_a_taken_name_is_refused_in_the_dialog(opened: Opens):
    page = opened("/?q=film+00")
    _save(page, "Twice")
    expect(pill(page, "Twice")).to_be_visible()
    page.goto("/?q=film+01")
    _save(page, "Twice")
    expect(page.locator("dialog .errorlist")).to_have_text("You already have a view with this name.")
    page.get_by_role("button", name="Cancel").click()
    pill(page, "Twice").click()
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Delete view").click()
    expect(pill(page, "Twice")).to_have_count(0)


def _save(page: Page, name: str) -> None:
    page.locator("#save-view").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save view").click()


def test_on_a_phone_the_row_scrolls_sideways_and_an_update_keeps_its_place(opened: Opens):
    page = opened(**PHONE)
    row = page.locator(".filters")
    assert row.evaluate("row => row.scrollWidth > row.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row.evaluate("row => { row.scrollLeft = 120; }")
    page.fill("#search", "film 0")
    expect(page).to_have_url(re.compile("q=film"))
    expect(pill(page, "Kids")).to_have_attribute("href", "/?q=film+0&tag=Kids")
    assert row.evaluate("row => row.scrollLeft") == 120
    page.goto("/?tag=Lectures")
    shown = (
        "link => { const it = link.getBoundingClientRect(); return it.left >= 0 && it.right <= innerWidth; }"
    )
    assert pill(page, "Lectures").evaluate(shown)
    page.goto("/?tab=failed")
    assert page.locator("#tab-failed").evaluate(shown)


def test_without_script_tags_filter_and_views_are_saved(opened: Opens):
    page = opened(java_script_enabled=False)
    pill(page, "Music").click()
    expect(page.locator(".row")).to_have_count(6)
    page.locator("#save-view").click()
    expect(page.get_by_role("heading", name="Save this view")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Plain music")
    page.get_by_role("button", name="Save view").click()
    expect(pill(page, "Plain music")).to_have_attribute("aria-current", "true")
    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Rename…").click()
    page.get_by_label("Name", exact=True).fill("Quiet music")
    page.get_by_role("button", name="Rename").click()
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Delete view").click()
    expect(pill(page, "Quiet music")).to_have_count(0)
    page.locator(".toast-undo").click()
    expect(pill(page, "Quiet music")).to_have_attribute("aria-current", "true")
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Delete view").click()
    page.locator(".more-tags summary").click()
    page.locator(".more-tags .menu-item", has_text="Scans").click()
    expect(page.locator(".row")).to_have_count(1)
