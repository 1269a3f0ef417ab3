"""What people without an account do with a link: look, enter a password, download, and play. Also without scripts."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.looking import check
from tests.browser.sharing import PASSWORD, share

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
FILES = {
    "Talk/talk.webm": 90_000,
    "Talk/Subs/talk.en.srt": 900,
    "Talk/Subs/talk.de.srt": 800,
    "Talk/notes.txt": 60,
}
MANY = {
    f"Archive/{folder}/{number:04}.txt": 100 for folder in ("One & two", "Three") for number in range(300)
}


@pytest.fixture(scope="module")
def person(stack: Stack, browser) -> str:
    """Return someone with a talk and with an archive of 600 files."""
    stack.sim.restart()
    stack.sim.control.clear_faults()
    key = str(uuid.uuid4())
    stack.sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"}])
    torrents = {"Conference talk": FILES, "Old archive": MANY}
    stack.sim.control.seed(
        torrents=[
            {"key": key, "name": name, "files": files, "state": "completed"}
            for name, files in torrents.items()
        ]
    )
    stack.person("selma", key)
    context = browser.new_context(base_url=stack.url, service_workers="block")
    page = context.new_page()
    sign_in(page, "selma")
    eventually(page, expect(page.locator(".row")).to_have_count, 2)
    context.close()
    return "selma"


def link(stack: Stack, person: str, torrent: str = "Conference", **fields: object) -> str:
    return share(stack, person, torrent, uuid.uuid4().hex[:22], **fields)


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(started.value.path()).read_bytes()


def test_on_a_phone_without_an_account_somebody_looks_and_downloads(stack: Stack, person: str, open_page):
    page = open_page(**PHONE, reduced_motion="reduce", color_scheme="dark")
    page.goto(link(stack, person))
    expect(page).to_have_title("Conference talk")
    expect(page.get_by_role("heading", name="Conference talk")).to_be_visible()
    expect(page.get_by_text("4 files · 92 kB")).to_be_visible()
    expect(page.locator("header.header, nav, .toasts")).to_have_count(0)
    assert len(downloaded(page, "Download notes.txt")) == 60
    assert downloaded(page, "Download all")[:2] == b"PK"
    page.get_by_text("Subs").click()
    expect(page.get_by_text("talk.en.srt")).to_be_hidden()
    page.get_by_text("Show QR code").click()
    expect(page.get_by_role("img", name="QR code for this link")).to_be_visible()
    check(page, "share page on a phone")


def test_a_film_plays_with_its_subtitles(stack: Stack, person: str, open_page):
    page = open_page()
    page.goto(link(stack, person))
    page.get_by_role("link", name="Play talk.webm").click()
    video = page.locator("video")
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    assert video.evaluate("it => [...it.textTracks].map((track) => track.label)") == ["German", "English"]
    video.evaluate("it => { it.textTracks[1].mode = 'showing'; }")
    page.wait_for_function("() => document.querySelector('video').textTracks[1].cues?.length > 2")
    assert video.evaluate("it => it.textTracks[1].cues[0].text") == "Line 1 of talk.en.srt"
    page.get_by_role("link", name="Conference talk").click()
    expect(page.get_by_role("heading", name="Conference talk")).to_be_visible()


def test_somebody_enters_a_password_after_a_wrong_one(stack: Stack, person: str, open_page):
    page = open_page()
    address = link(stack, person, password=PASSWORD)
    page.goto(address)
    field = page.get_by_label("Password", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("pop")
    page.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Continue").click()
    expect(field).to_have_accessible_description("That password didn’t work.")
    expect(page).to_have_title("Password required")
    field.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Conference talk")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Conference talk")).to_be_visible()
    assert len(downloaded(page, "Download notes.txt")) == 60
    elsewhere = open_page()
    elsewhere.goto(address)
    expect(elsewhere.get_by_role("heading", name="Password required")).to_be_visible()


def test_everything_works_without_scripts(stack: Stack, person: str, open_page):
    page = open_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(link(stack, person, password=PASSWORD))
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("talk.en.srt")).to_be_visible()
    page.locator("summary", has_text="Subs").click()
    expect(page.get_by_text("talk.en.srt")).to_be_hidden()
    page.get_by_text("Show QR code").click()
    expect(page.get_by_role("img", name="QR code for this link")).to_be_visible()
    assert len(downloaded(page, "Download notes.txt")) == 60
    page.get_by_role("link", name="Play talk.webm").click()
    expect(page.locator("video")).to_have_attribute("src", re.compile(r"/talk\.webm$"))


def test_of_many_files_each_folder_is_a_page(stack: Stack, person: str, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(link(stack, person, "Old archive"))
    expect(page.get_by_text("600 files")).to_be_visible()
    expect(page.get_by_text("0007.txt")).to_have_count(0)
    page.get_by_role("link", name="One & two").click()
    expect(page.get_by_text("0007.txt")).to_be_visible()
    expect(page.locator(".shared-row")).to_have_count(300)
    page.get_by_role("link", name="All files").click()
    expect(page.get_by_role("link", name="Three")).to_be_visible()


def test_the_folders_are_reached_and_opened_by_keyboard(stack: Stack, person: str, open_page):
    page = open_page()
    page.goto(link(stack, person))
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.locator("summary", has_text="Subs")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("talk.en.srt")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_cut_off_at_twice_the_size(stack: Stack, person: str, open_page, width):
    page = open_page(viewport={"width": width, "height": 640})
    page.goto(link(stack, person))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def test_the_page_leaves_no_trace_of_the_app(stack: Stack, person: str, open_page):
    """Neither the browser's storage nor its requests tell what the page is made with."""
    page = open_page()
    referrers: list[str] = []
    page.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    page.goto(link(stack, person))
    page.get_by_text("Show QR code").click()
    assert referrers and not [referrer for referrer in referrers if "/l/" in referrer]
    assert page.context.cookies() == []
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert "torbox" not in page.locator("body").inner_text().lower()
