"""The bell with mouse and keyboard, on a phone, without script, and when the page hears of something new."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.telling import tell_ready

FILMS = [f"Reel {number:02}" for number in range(8)]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NAME = "belinda"
Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def belinda(stack: Stack, browser) -> dict:
    """Sign in someone with eight torrents of her own."""
    key = str(uuid.uuid4())
    stack.sim.control.freeze()
    stack.sim.control.seed(accounts=[{"key": key, "name": NAME, "plan": "pro"}])
    stack.sim.control.seed(
        torrents=[{"key": key, "name": name, "files": 900, "state": "completed"} for name in FILMS]
    )
    stack.person(NAME, key)
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    sign_in(page, NAME)
    eventually(page, expect(page.locator(".row")).to_have_count, len(FILMS))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def opened(belinda, open_page) -> Opens:
    def go(path: str = "/", **options) -> Page:
        page = open_page(storage_state=belinda, **({"viewport": {"width": 1280, "height": 900}} | options))
        page.goto(path)
        return page

    return go


@pytest.fixture
def told(stack: Stack, belinda, request) -> Iterator[Callable[..., None]]:
    """Tell Belinda that torrents are ready. What other tests told her is gone."""
    stack.manage(
        "shell",
        "-v",
        "0",
        "-c",
        f"""
from notifications.models import Notification, TorrentChoice
Notification.objects.filter(person__username={NAME!r}).delete()
TorrentChoice.objects.filter(person__username={NAME!r}).delete()""",
    )
    yield lambda *names, **more: tell_ready(stack, NAME, *names, source=request.node.name, **more)


def notes(page: Page):
    return page.locator("#notes .note")


def test_a_click_opens_the_panel_and_marks_nothing_as_read(told, opened: Opens):
    told("Reel 01", "Reel 02")
    page = opened()
    bell = page.get_by_role("link", name="Notifications, 2 unread")
    bell.click()
    expect(notes(page)).to_have_count(2)
    expect(bell).to_have_attribute("aria-expanded", "true")
    assert page.url.endswith("/")
    page.locator("h1, .toolbar").first.click(force=True, position={"x": 1, "y": 1})
    expect(page.locator("#bell-panel")).to_be_hidden()
    expect(bell).to_have_attribute("aria-expanded", "false")
    bell.click()
    notes(page).filter(has_text="Reel 02").get_by_role("link").click()
    page.wait_for_url(re.compile(r"/torrents/\d+/$"))
    expect(page.get_by_role("link", name="Notifications, 1 unread")).to_be_visible()


def test_the_keyboard_opens_walks_and_closes_it(told, opened: Opens):
    told("Reel 01", "Reel 02")
    page = opened()
    page.locator("#bell").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Notifications")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Mark all as read")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#bell-panel")).to_be_hidden()
    expect(page.locator("#bell")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notes(page)).to_have_count(2)
    page.get_by_role("link", name="See all").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#bell-panel")).to_be_hidden()


def test_one_line_is_marked_as_read_by_keyboard_and_the_focus_stays_with_it(told, opened: Opens):
    told("Reel 01", "Reel 02")
    page = opened()
    page.locator("#bell").click()
    line = notes(page).filter(has_text="Reel 01")
    line.get_by_role("link").focus()
    button = line.get_by_role("button", name="Mark as read")
    expect(line.locator(".note-tools")).to_have_css("opacity", "1")
    button.focus()
    page.keyboard.press("Enter")
    expect(line).to_have_class(re.compile("read"))
    expect(line.get_by_role("link")).to_be_focused()
    expect(page.locator(".bell-count")).to_have_text("1")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(page.locator(".bell-count")).to_be_hidden()
    expect(page.locator("#bell")).to_have_attribute("aria-label", "Notifications")


def test_the_poll_of_the_list_updates_the_bell(told, opened: Opens):
    page = opened()
    expect(page.locator(".bell-count")).to_be_hidden()
    title = page.title()
    told("Reel 03")
    eventually(page, expect(page.locator(".bell-count")).to_have_text, "1")
    expect(page.locator("#bell")).to_have_attribute("aria-label", "Notifications, 1 unread")
    assert page.title() == title


def test_an_open_panel_shows_what_the_poll_hears_of(told, opened: Opens):
    told("Reel 01")
    page = opened()
    page.locator("#bell").click()
    expect(notes(page)).to_have_count(1)
    told("Reel 02")
    eventually(page, expect(notes(page)).to_have_count, 2)


def test_a_torrent_is_muted_in_the_bell_and_the_toast_undoes_it(told, opened: Opens):
    told("Reel 04")
    page = opened()
    page.locator("#bell").click()
    line = notes(page).first
    line.hover()
    line.get_by_role("button", name="Mute this torrent").click()
    expect(page.locator(".toast", has_text="Muted “Reel 04”.")).to_be_visible()
    page.keyboard.press("Escape")
    row = page.locator(".row", has_text="Reel 04")
    row.locator(".row-actions row-menu > a").click()
    expect(row.get_by_role("button", name="Unmute")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".toast-undo").click()
    expect(page.locator(".toast", has_text="usual notifications")).to_be_visible()
    row.locator(".row-actions row-menu > a").click()
    expect(row.get_by_role("button", name="Mute", exact=True)).to_be_visible()


def test_a_burst_opens_the_list_with_nothing_else(told, opened: Opens):
    told(*FILMS[:6], burst=True)
    page = opened()
    expect(page.locator(".bell-count")).to_have_text("1")
    page.locator("#bell").click()
    page.get_by_role("link", name="6 torrents").click()
    expect(page.locator(".row")).to_have_count(6)
    chip = page.locator("#only-these")
    expect(chip).to_contain_text("6 torrents")
    page.fill("#search", "reel 03")
    expect(page.locator(".row")).to_have_count(1)
    page.fill("#search", "")
    expect(page.locator(".row")).to_have_count(6)
    chip.click()
    expect(page.locator(".row")).to_have_count(8)
    expect(page.locator("#only-these")).to_have_count(0)
    expect(page.locator(".bell-count")).to_be_hidden()


def test_on_a_phone_the_bell_leads_to_the_page(told, opened: Opens):
    told("Reel 01", "Reel 02")
    page = opened(**PHONE)
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        for name in ("Torrents", "Activity", "Household"):
            expect(page.locator(".nav").get_by_role("link", name=name)).to_be_in_viewport(ratio=1)
        expect(page.locator(".avatar")).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Notifications, 2 unread").tap()
    page.wait_for_url("**/notifications/")
    expect(page.get_by_role("heading", name="Notifications", level=1)).to_be_visible()
    expect(page.locator("#bell")).to_have_attribute("aria-current", "page")
    expect(notes(page)).to_have_count(2)
    page.get_by_role("button", name="Mark all as read").tap()
    expect(page.locator(".bell-count")).to_be_hidden()
    expect(page.locator(".note .dot")).to_have_count(0)


def test_without_script_everything_works_by_links_and_forms(told, opened: Opens):
    told("Reel 01", "Reel 02")
    page = opened(java_script_enabled=False)
    page.locator("#bell").click()
    page.wait_for_url("**/notifications/")
    line = notes(page).filter(has_text="Reel 01")
    line.get_by_role("link").focus()
    line.get_by_role("button", name="Mute this torrent").click()
    page.wait_for_url("**/notifications/")
    page.get_by_role("link", name="Show", exact=True).click()
    page.get_by_role("button", name="Unmute Reel 01").click()
    expect(page.get_by_role("button", name="Unmute Reel 01")).to_have_count(0)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".note .dot")).to_have_count(0)
