"""The main job by keyboard alone, and without JavaScript."""

from __future__ import annotations

import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Stack, eventually


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and check that this is visible."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_whole_story_by_keyboard_alone(stack: Stack, household, open_page):
    stack.sim.restart()
    work = stack.sim.control.make_work(f"Typed {uuid.uuid4().hex[:8]}", {"film.mkv": 50_000})
    stack.sim.control.cache([work.info_hash])
    page = open_page(viewport={"width": 1280, "height": 900})
    page.goto("/")
    tab_to(page, "[name=login]")
    page.keyboard.type(household)
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#add-text").wait_for()

    tab_to(page, ".skip-link")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, "#add-text")
    page.keyboard.insert_text(work.magnet)
    expect(page.locator("#preview-submit")).to_have_text("Add 1 torrent")
    tab_to(page, "#preview-submit")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    row = page.locator(".row").filter(has_text=work.name)
    eventually(page, expect(row).to_contain_text, "Ready")
    row_id = row.get_attribute("id")

    tab_to(page, f"#{row_id} .row-title")
    page.keyboard.press("Enter")
    expect(row.locator(".file")).to_contain_text("film.mkv")
    tab_to(page, f"#{row_id} .row-actions row-menu > a")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(row.locator(".row-actions row-menu > a")).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Keep")).to_be_focused()
    tab_to(page, "dialog .danger")
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    tab_to(page, ".toast-undo")
    page.keyboard.press("Enter")
    expect(row).to_have_count(1)


def test_without_script_files_and_text_are_previewed_and_the_list_renews_itself(
    stack: Stack, household, context, open_page, tmp_path: Path
):
    stack.sim.restart()
    work = stack.sim.control.make_work(f"Uploaded {uuid.uuid4().hex[:8]}", {"film.mkv": 8_000_000})
    path = tmp_path / "plain.torrent"
    path.write_bytes(work.torrent_bytes)
    page = open_page(storage_state=context.storage_state(), java_script_enabled=False)
    page.goto("/")
    page.set_input_files("#add-files", path)
    page.fill("#add-text", "ab" * 20 + "\nno magnet")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".chip")).to_have_text(["Not cached", "Not cached", "Skipped"])
    page.get_by_label("Leave out Name not known yet").click()
    expect(page.locator(".chip")).to_have_text(["Not cached", "Skipped"])
    page.get_by_role("button", name="Add 1 torrent").click()
    expect(page.get_by_text("Added 1 torrent.")).to_be_visible()
    expect(page.locator(".row-title", has_text=work.name)).to_be_visible()
    assert 'http-equiv="refresh"' in page.content()
    page.get_by_role("link", name="Failed").click()
    expect(page.locator("#tab-failed")).to_have_attribute("aria-current", "page")
    page.fill("#search", "debian")
    page.keyboard.press("Enter")
    expect(page.locator(".toolbar")).to_be_visible()
