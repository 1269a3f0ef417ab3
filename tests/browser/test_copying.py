"""Links are on the clipboard when the page says so, however long TorBox takes to make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Stack

COPIED, BLOCKED = "Copied.", "Your browser blocked copying. The text is selected: press Ctrl C."
SLOW = 6  # seconds; a press counts for 5 in Chromium
BEFORE = "what was copied before"
GONE = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "Not found.", "data": None}


@pytest.fixture
def slow(stack: Stack) -> Iterator[Callable[..., None]]:
    """Let the next call to an endpoint of TorBox take so many seconds."""
    yield lambda endpoint, seconds: stack.sim.control.fail(endpoint, kind="delay", delay=seconds)
    stack.sim.control.clear_faults()


@pytest.fixture
def page(open_page, context) -> Page:
    """The list, in a browser that lets it write to the clipboard and has no other way to copy."""
    page = open_page(storage_state=context.storage_state(), reduced_motion="reduce")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script("document.execCommand = () => false")
    page.goto("/")
    return page


def ready_row(page: Page) -> Locator:
    return page.locator(".row", has_text="Blender Open Movies").first


def copy_links(page: Page) -> None:
    ready_row(page).locator("input[name=ids]").check()
    page.get_by_role("button", name="Copy links").click()


def copy_magnet(page: Page) -> None:
    ready_row(page).locator(".row-actions row-menu > a").click()
    ready_row(page).locator(".menu-item", has_text="Copy magnet link").click()


def pasted(page: Page) -> str:
    """What the clipboard holds, as a person finds out."""
    page.locator("#search").fill("")
    page.locator("#search").press("Control+v")
    return page.locator("#search").input_value()


def answer(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("status")


def test_a_slow_answer_is_copied(page: Page, slow):
    slow("requestdl", SLOW)
    copy_links(page)
    expect(answer(page)).to_have_text(COPIED)
    links = page.get_by_role("dialog").locator("textarea").input_value()
    page.get_by_role("button", name="Done").click()
    assert links and pasted(page) == links[:200]


@pytest.mark.parametrize("allowed", [True, False])
def test_what_was_copied_before_stays_when_torbox_makes_no_link(page: Page, stack: Stack, allowed):
    if not allowed:
        page.context.clear_permissions()
    page.locator("#search").fill(BEFORE)
    page.locator("#search").press("Control+a")
    page.locator("#search").press("Control+x")
    page.locator("#search").fill("")
    stack.sim.control.fail("requestdl", status=404, body=GONE, delay=1)
    copy_links(page)
    expect(page.get_by_role("dialog")).to_contain_text("a.mkv: Not found.")
    expect(answer(page)).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    assert pasted(page) == BEFORE


def test_without_permission_the_links_are_selected(page: Page):
    page.context.clear_permissions()
    copy_links(page)
    expect(answer(page)).to_have_text(BLOCKED)
    field = page.get_by_role("dialog").locator("textarea")
    chosen = field.evaluate("(one) => one.value.slice(one.selectionStart, one.selectionEnd)")
    assert chosen and chosen == field.input_value()


def test_the_one_pressed_last_is_copied(page: Page, slow):
    """Two controls are pressed before the first answers: each answer is asked for its own text."""
    page.goto("/")
    slow("requestdl", 4)
    slow("exportdata", 6)
    copy_links(page)
    copy_magnet(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Magnet link")).to_be_visible()
    expect(answer(page)).to_have_text(COPIED)
    magnet = dialog.locator("textarea").input_value()
    page.get_by_role("button", name="Done").click()
    assert magnet.startswith("magnet:") and pasted(page) == magnet[:200]


def test_a_share_link_is_copied_from_its_dialog_and_from_the_links_page(page: Page):
    ready_row(page).locator(".row-actions row-menu > a").click()
    ready_row(page).locator(".menu-item", has_text="Share").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create link").click()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.locator("copy-text").get_by_role("status")).to_have_text(COPIED)
    address = dialog.get_by_label("Link", exact=True).input_value()
    assert "/l/" in address and page.evaluate("navigator.clipboard.readText()") == address
    page.evaluate("navigator.clipboard.writeText('')")
    page.goto("/me/links/")
    page.get_by_role("button", name="Copy the link to Blender Open Movies").first.click()
    expect(page.get_by_text(COPIED)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address
    page.get_by_label("More actions for the link to Blender Open Movies").first.click()
    page.get_by_role("button", name="Revoke", exact=True).first.click()
    expect(page.get_by_text("Revoked the link.")).to_be_visible()
