"""Chromium 109, the oldest that docs/browsers.md names, with :has() and without it, as Firefox 115 is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import npm
from tests.browser.conftest import ARGS, Stack, eventually, new_context, sign_in

HERE = Path(__file__).parent / "old_chromium"
WITHOUT_HAS = "--disable-blink-features=CSSPseudoHas"
PAPER = {"light": "rgb(246, 245, 241)", "dark": "rgb(15, 18, 20)"}
SHEET = {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 27, 30)"}
APPEAR = "(appearance) => { document.documentElement.dataset.appearance = appearance; }"


@pytest.fixture(scope="module", params=["with :has()", "without :has()"])
def old_browser(request, playwright, tmp_path_factory) -> Iterator[Browser]:
    program = npm.installed(tmp_path_factory, HERE) / "chromium"
    without = [WITHOUT_HAS] if request.param.startswith("without") else []
    browser = playwright.chromium.launch(executable_path=program, args=[*ARGS, "--no-zygote", *without])
    yield browser
    browser.close()


@pytest.fixture
def old_page(old_browser, stack: Stack, household: str) -> Iterator[Page]:
    """The list, signed in. An error of a script fails the test."""
    problems: list[str] = []
    context = new_context(old_browser, stack, problems, reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    sign_in(page, household)
    eventually(page, expect(page.locator(".row").first).to_be_visible)
    yield page
    context.close()
    assert not problems


def test_the_floor_is_what_its_name_says(old_browser):
    assert old_browser.version.startswith("109.")


def test_light_dark_and_system_show_their_colors(old_page: Page):
    menu = old_page.locator(".row").first.locator("row-menu")
    menu.get_by_label("More actions").click()
    for system in ("light", "dark"):
        old_page.emulate_media(color_scheme=system)
        for chosen in ("system", "light", "dark"):
            old_page.evaluate(APPEAR, chosen)
            theme = system if chosen == "system" else chosen
            expect(old_page.locator("body")).to_have_css("background-color", PAPER[theme])
            expect(menu.locator(".menu-list")).to_have_css("background-color", SHEET[theme])


def test_menu_selection_bar_dialog_and_preview_appear(old_page: Page):
    bar = old_page.locator(".selection-bar")
    expect(bar).to_be_hidden()
    old_page.locator("input[name=ids]").first.check()
    expect(bar).to_be_visible()
    expect(old_page.locator("#select-all")).to_be_visible()
    bar.get_by_role("button", name="Delete").click()
    dialog = old_page.get_by_role("dialog")
    expect(dialog).to_have_css("background-color", SHEET["light"])
    old_page.keyboard.press("Escape")
    bar.get_by_role("button", name="Clear selection").click()
    expect(bar).to_be_hidden()
    old_page.fill("#add-text", "c9e15763f722f23e98a29decdfae341b98d53056")
    expect(old_page.locator(".preview-foot")).to_be_visible()
    old_page.locator("[data-cancel]").click()
    expect(old_page.locator(".preview-foot")).to_be_hidden()
