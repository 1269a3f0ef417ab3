"""Links that last, in the menus of someone who is signed in, and the player with its subtitles."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in

FILES = {
    "Lecture/lecture.webm": 90_000,
    "Lecture/lecture.en.srt": 900,
    "Lecture/Subs/lecture.de.forced.vtt": 800,
    "Lecture/notes.txt": 60,
}
POLICY = "from links.services.policy import set_policy; set_policy({!r})"


@pytest.fixture(scope="module")
def person(stack: Stack, browser) -> str:
    """Return someone with two torrents that are ready: a lecture, and a song."""
    stack.sim.restart()
    stack.sim.control.clear_faults()
    key = str(uuid.uuid4())
    stack.sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"}])
    torrents = {"Open lecture": FILES, "Open song": {"song.mp3": 9_000}}
    stack.sim.control.seed(
        torrents=[
            {"key": key, "name": name, "files": files, "state": "completed"}
            for name, files in torrents.items()
        ]
    )
    stack.person("petra", key)
    context = browser.new_context(base_url=stack.url, service_workers="block")
    page = context.new_page()
    sign_in(page, "petra")
    eventually(page, expect(page.locator(".row")).to_have_count, 2)
    context.close()
    return "petra"


@pytest.fixture
def at_home(open_page, person) -> Page:
    page = open_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    sign_in(page, person)
    expect(page.locator(".row")).to_have_count(2)
    return page


@pytest.fixture
def without_links(stack: Stack) -> Iterator[None]:
    """Switch lasting links off for a test."""
    stack.manage("shell", "-v", "0", "-c", POLICY.format("nobody"))
    yield
    stack.manage("shell", "-v", "0", "-c", POLICY.format("everyone"))


def files_menu(page: Page) -> None:
    """Open the files of the lecture, and the menu above them."""
    row = page.locator(".row", has_text="Open lecture")
    row.locator(".row-title").click()
    expect(row.get_by_text("lecture.webm")).to_be_visible()
    row.locator(".files-head .menu summary").click()


def saved(page: Page, name: str, group: str = "") -> str:
    scope = page.get_by_role("group", name=group) if group else page.locator(".files-head")
    with page.expect_download() as started:
        scope.get_by_role("button", name=name).click()
    return Path(started.value.path()).read_text()


def addresses(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("http")]


def works(url: str) -> bool:
    """Return whether someone without an account is led to the file."""
    answer = requests.get(url, allow_redirects=False, timeout=10)
    return answer.status_code == 302 and requests.get(answer.headers["Location"], timeout=10).ok


def is_lasting(url: str) -> bool:
    return urlsplit(url).path.startswith("/l/")


def player(page: Page, name: str) -> None:
    """Open the player of a file, which is a page of its own."""
    row = page.locator(".row", has_text="Open lecture")
    row.locator(".row-title").click()
    address = row.get_by_role("link", name=f"Play {name} in a new tab").get_attribute("href")
    page.goto(address)


def test_a_video_plays_with_the_subtitles_beside_it(at_home: Page):
    player(at_home, "lecture.webm")
    video = at_home.locator("video")
    at_home.wait_for_function("() => document.querySelector('video').readyState >= 1")
    labels = video.evaluate("it => [...it.textTracks].map((track) => [track.language, track.label])")
    assert labels == [["de", "German (forced)"], ["en", "English"]]
    assert video.evaluate("it => [...it.textTracks].map((track) => track.mode)") == ["disabled", "disabled"]
    for number, name in enumerate(("lecture.de.forced.vtt", "lecture.en.srt")):
        video.evaluate(f"it => {{ it.textTracks[{number}].mode = 'showing'; }}")
        at_home.wait_for_function(
            f"() => document.querySelector('video').textTracks[{number}].cues?.length > 2"
        )
        assert video.evaluate(f"it => it.textTracks[{number}].cues[0].text") == f"Line 1 of {name}"


def test_the_player_gives_out_links_that_last(at_home: Page):
    player(at_home, "lecture.webm")
    with at_home.expect_download() as started:
        at_home.get_by_role("link", name="Open in VLC").click()
    (url,) = addresses(Path(started.value.path()).read_text())
    assert is_lasting(url) and works(url)
    at_home.get_by_role("button", name="Copy link that lasts").click()
    dialog = at_home.get_by_role("dialog")
    expect(dialog).to_contain_text(
        re.compile(r"These links work until \w+ \d+, \d{4} for anyone who has them\.")
    )
    assert dialog.locator("textarea").input_value() == url


def test_the_menu_of_files_says_how_long_links_last(at_home: Page):
    files_menu(at_home)
    lasting = saved(at_home, "Playlist for VLC (M3U)", "Links that last 30 days")
    (url,) = addresses(lasting)
    assert is_lasting(url) and works(url)
    files_menu_again(at_home)
    (soon,) = addresses(saved(at_home, "Playlist for VLC (M3U)", "Links to start within an hour"))
    assert not is_lasting(soon)
    files_menu_again(at_home)
    aria2 = saved(at_home, "aria2 input file", "Links that last 30 days")
    assert len(addresses(aria2)) == aria2.count("\n  out=") == 4
    files_menu_again(at_home)
    at_home.get_by_role("button", name="Copy links that last").first.click()
    dialog = at_home.get_by_role("dialog")
    expect(dialog).to_contain_text("Links to 4 files")
    assert all(is_lasting(line) for line in dialog.locator("textarea").input_value().split("\n"))


def files_menu_again(page: Page) -> None:
    menu = page.locator(".row", has_text="Open lecture").locator(".files-head .menu details")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()


def test_a_selection_has_links_that_last_in_its_menu(at_home: Page):
    for name in ("Open lecture", "Open song"):
        at_home.locator(".row", has_text=name).locator(".row-check").check()
    menu = at_home.get_by_label("More actions for the selected torrents")
    menu.click()
    at_home.locator("#bulk").get_by_role("button", name="Copy links that last").click()
    dialog = at_home.get_by_role("dialog")
    expect(dialog).to_contain_text("Links to 5 files")
    found = dialog.locator("textarea").input_value().split("\n")
    assert len(found) == 5 and all(map(is_lasting, found)) and works(found[0])
    at_home.keyboard.press("Escape")
    menu.click()
    with at_home.expect_download() as started:
        group = at_home.locator("#bulk").get_by_role("group", name="Links that last 30 days")
        group.get_by_role("button", name="Playlist for VLC (M3U)").click()
    assert len(addresses(Path(started.value.path()).read_text())) == 2


def test_the_page_of_a_torrent_offers_links_that_last(at_home: Page):
    address = at_home.locator(".row", has_text="Open lecture").get_attribute("id").removeprefix("torrent-")
    at_home.goto(f"/torrents/{address}/")
    at_home.get_by_label("More download options").click()
    at_home.locator("#menu-download").get_by_role("button", name="Copy links that last").click()
    expect(at_home.get_by_role("dialog")).to_contain_text("Links to 4 files")


def test_without_links_menus_are_as_before(at_home: Page, without_links):
    files_menu(at_home)
    expect(at_home.locator(".files-head .menu-item")).to_have_text(
        ["Save to…", "Playlist for VLC (M3U)", "aria2 input file", "Links as text"]
    )
    (url,) = addresses(saved(at_home, "Playlist for VLC (M3U)"))
    assert not is_lasting(url)
    at_home.reload()
    at_home.locator(".row .row-check").first.check()
    at_home.get_by_label("More actions for the selected torrents").click()
    expect(at_home.locator("#bulk").get_by_role("button", name="Playlist for VLC (M3U)")).to_have_count(1)
    expect(at_home.locator("#bulk").get_by_text("Links that last")).to_have_count(0)
