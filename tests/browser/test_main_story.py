"""The main job, as a newcomer to the project does it."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from simulator import content_library
from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.looking import check

MOVING = "Film that moves"


@pytest.fixture
def key(stack: Stack) -> str:
    """A TorBox account of its own, on a TorBox in its first state and in real time."""
    stack.sim.restart()
    stack.sim.control.clear_faults()
    stack.sim.control.freeze()
    key = str(uuid.uuid4())
    stack.sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"}])
    return key


def row(page: Page, name: str):
    return page.locator(".row").filter(has_text=name)


def test_sign_in_connect_paste_watch_download_export_delete(
    stack: Stack, key: str, open_page, tmp_path: Path
):
    stack.person("mara")
    sim = stack.sim.control
    cached = sim.make_work("Cached film", {"film.mkv": 60_000, "film.en.srt": 900})
    first, second = (sim.make_work(f"{MOVING} {number}", {"film.mkv": 50_000}) for number in (1, 2))
    sim.cache([cached.info_hash])
    page = open_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)

    sign_in(page, "mara")
    check(page, "first visit")
    page.get_by_role("link", name="Enter API key").click()
    page.fill("[name=api_key]", str(uuid.uuid4()))
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("TorBox doesn’t recognize this API key")).to_be_visible()
    page.fill("[name=api_key]", key)
    page.get_by_role("button", name="Connect", exact=True).click()

    text = f"See {cached.magnet}\n{first.magnet}\n{second.info_hash}\n{cached.info_hash.upper()}\nnot a magnet at all"
    page.locator("#add-text").fill(text)
    expect(page.locator(".preview-row")).to_have_count(4)
    expect(page.locator(".chip")).to_have_text(["Cached, instant", "Not cached", "Not cached", "Skipped"])
    expect(page.get_by_text("pasted twice")).to_be_visible()
    page.get_by_role("button", name="Add 3 torrents").click()

    expect(page.locator(".row")).to_have_count(3)
    expect(row(page, "Cached film")).to_contain_text("Ready")
    sim.advance(15)
    eventually(page, expect(row(page, f"{MOVING} 1")).to_contain_text, "Downloading")
    eventually(page, expect(row(page, f"{MOVING} 2")).to_contain_text, "%")
    sim.advance(600)
    eventually(page, expect(row(page, f"{MOVING} 1")).to_contain_text, "Ready")
    eventually(page, expect(row(page, f"{MOVING} 2")).to_contain_text, "Ready")

    row(page, "Cached film").locator(".row-title").click()
    file = row(page, "Cached film").locator(".file").filter(has_text="film.mkv")
    with page.expect_download() as caught:
        file.get_by_role("link", name="Download").click()
    caught.value.save_as(tmp_path / "film.mkv")
    assert (tmp_path / "film.mkv").read_bytes() == sim.expected_bytes(cached.info_hash, "film.mkv")

    menu = row(page, f"{MOVING} 1").locator(".row-actions .menu")
    menu.locator("[aria-expanded]").click()
    with page.expect_download() as caught:
        menu.get_by_text("Save .torrent file").click()
    caught.value.save_as(tmp_path / "film.torrent")
    assert content_library.from_torrent((tmp_path / "film.torrent").read_bytes()).info_hash == first.info_hash

    menu.locator("[aria-expanded]").click()
    menu.get_by_text("Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('.row').length === 2")
    assert key not in page.content()
    assert key not in stack.log


def test_an_outage_keeps_the_page_and_the_wishes_and_ends_by_itself(stack: Stack, key: str, open_page):
    sim = stack.sim.control
    sim.seed(torrents=[{"key": key, "name": "Seen before", "files": {"a.mkv": 1000}, "state": "completed"}])
    stack.person("jon", key)
    wanted = sim.make_work("Wanted in the outage", {"film.mkv": 50_000})
    page = open_page(viewport={"width": 390, "height": 800})
    sign_in(page, "jon")
    eventually(page, expect(row(page, "Seen before")).to_be_visible)

    stack.sim.stop()
    page.locator("#add-text").fill(wanted.magnet)
    expect(page.get_by_text("We couldn’t check what’s cached")).to_be_visible()
    page.get_by_role("button", name="Add 1 torrent").click()
    eventually(page, expect(row(page, "Wanted in the outage")).to_contain_text, "isn’t responding")
    eventually(page, expect(page.get_by_text("TorBox hasn’t responded since")).to_be_visible)
    check(page, "outage")
    for url in ("/", "/add/", "/me/", "/check/", "/lookup/"):
        assert page.goto(url).status == 200

    stack.sim.restart()
    page.goto("/")
    eventually(page, expect(row(page, "Wanted in the outage")).not_to_contain_text, "Waiting to send")
    assert sim.accepted(key) == {wanted.info_hash: 1}
    eventually(page, expect(page.get_by_text("TorBox hasn’t responded since")).to_be_hidden)


def test_without_javascript_the_whole_job_can_be_done(stack: Stack, key: str, open_page):
    stack.person("lina", key)
    cached = stack.sim.control.make_work("Plain film", {"film.mkv": 60_000})
    stack.sim.control.cache([cached.info_hash])
    page = open_page(java_script_enabled=False)
    sign_in(page, "lina")
    page.fill("#add-text", f"{cached.magnet}\nnonsense")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Cached, instant")).to_be_visible()
    page.get_by_role("button", name="Add 1 torrent").click()
    expect(row(page, "Plain film")).to_be_visible()
    for _ in range(20):
        page.reload()
        if row(page, "Plain film").get_by_text("Ready").is_visible():
            break
        page.wait_for_timeout(500)
    row(page, "Plain film").locator(".row-title").click()
    with page.expect_download() as caught:
        page.get_by_role("link", name="Download film.mkv").click()
    assert Path(caught.value.path()).read_bytes() == stack.sim.control.expected_bytes(
        cached.info_hash, "film.mkv"
    )
    page.get_by_label("More actions for Plain film").click()
    page.get_by_role("main").get_by_text("Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".row")).to_have_count(0)
