"""Paste anywhere, drop anywhere, share from a phone; see what it would do while it completes itself."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack


@pytest.fixture
def sim(stack: Stack, household):
    stack.sim.restart()
    stack.sim.control.clear_faults()
    return stack.sim.control


@pytest.fixture
def home(page: Page, sim) -> Page:
    page.goto("/")
    return page


def rare(sim, size: int = 50_000):
    """Something nobody has asked about yet."""
    return sim.make_work(f"Rare {uuid.uuid4().hex[:8]}", {"film.mkv": size})


def line(page: Page, text: str):
    return page.locator(".preview-row").filter(has_text=text)


def drag(page: Page, path: Path, *kinds: str) -> None:
    """A file from outside, as the browser itself reports it."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in kinds:
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 700, "data": data})


def test_text_pasted_anywhere_is_previewed(home: Page, sim):
    work = rare(sim)
    home.context.grant_permissions(["clipboard-read", "clipboard-write"])
    home.evaluate("text => navigator.clipboard.writeText(text)", f"See {work.magnet} and\nnothing here")
    home.locator("body").press("Control+V")
    expect(home.locator(".chip")).to_have_text(["Not cached", "Skipped"])
    expect(home.locator("#add-text")).to_have_value(f"See {work.magnet} and\nnothing here")


def test_a_file_dropped_anywhere_joins_what_was_typed(home: Page, sim, tmp_path: Path):
    typed, dropped = rare(sim), rare(sim)
    path = tmp_path / "dropped.torrent"
    path.write_bytes(dropped.torrent_bytes)
    home.fill("#add-text", typed.magnet)
    drag(home, path, "dragEnter", "dragOver")
    expect(home.get_by_text("Drop magnets or .torrent files")).to_be_visible()
    drag(home, path, "drop")
    expect(home.get_by_text("Drop magnets or .torrent files")).to_be_hidden()
    expect(line(home, dropped.name)).to_be_visible()
    expect(home.locator("#preview-submit")).to_have_text("Add 2 torrents")
    expect(home.locator("#add-text")).to_have_value(typed.magnet)
    home.locator("#preview-submit").click()
    expect(home.locator(".row-title", has_text=dropped.name)).to_be_visible()
    expect(home.locator(".preview-row")).to_have_count(0)


def test_an_answer_that_comes_while_the_button_is_held_down_does_not_swallow_the_press(home: Page, sim):
    work, held = rare(sim), []
    sim.cache([work.info_hash])
    home.fill("#add-text", work.magnet)
    expect(home.locator("#preview-submit")).to_have_text("Add 1 torrent")
    home.route("**/preview/", lambda route: held.append(route))
    with home.expect_request("**/preview/"):
        home.locator("#add-form").get_by_label("Only cached").check()
    home.locator("#preview-submit").hover()
    home.mouse.down()
    held[0].continue_()
    expect(home.locator("live-preview[busy]")).to_have_count(0)
    home.mouse.up()
    expect(home.locator(".row-title", has_text=work.name)).to_be_visible()


def test_what_is_no_torrent_file_is_named_and_not_uploaded(home: Page, tmp_path: Path):
    path = tmp_path / "film.mkv"
    path.write_bytes(b"film")
    drag(home, path, "dragEnter", "dragOver", "drop")
    expect(home.get_by_text("no .torrent file of at most 10 MB")).to_be_visible()
    expect(home.locator(".preview")).to_have_count(0)


def test_lines_without_a_name_fill_in_afterwards_and_the_sum_with_them(home: Page, sim):
    works = [rare(sim, 1_000_000 * number) for number in range(1, 6)]
    home.fill("#add-text", "\n".join(work.info_hash for work in works))
    for work in works:
        expect(line(home, work.name)).to_contain_text("seed")
    expect(home.locator("#preview-sentence")).to_have_text("5 to add · 15.0 MB")


def test_at_most_three_lines_are_asked_about_at_once(home: Page, sim):
    home.evaluate(
        """() => { window.now = window.most = 0;
        document.addEventListener("htmx:beforeRequest", () => { most = Math.max(most, ++now); }, true);
        document.addEventListener("htmx:afterRequest", () => { now -= 1; }, true); }"""
    )
    works = [rare(sim) for _ in range(8)]
    home.fill("#add-text", "\n".join(work.info_hash for work in works))
    for work in works:
        expect(line(home, work.name)).to_be_visible()
    assert home.evaluate("window.most") == 3


def test_a_line_torbox_is_silent_about_stays_as_it_is(home: Page, sim):
    sim.fail("torrentinfo", kind="status", status=500, times=1)
    home.fill("#add-text", f"{rare(sim).info_hash}\n{rare(sim).info_hash}")
    expect(line(home, "seed")).to_have_count(1)
    expect(line(home, "Name not known yet")).to_contain_text("Look up")
    expect(home.locator(".chip")).to_have_text(["Not cached", "Not cached"])
    expect(home.locator(".toast")).to_have_count(0)


def test_a_line_left_out_stays_out_and_the_text_stays(home: Page, sim):
    works = [rare(sim), rare(sim)]
    text = "\n".join(work.magnet for work in works)
    home.fill("#add-text", text)
    home.get_by_label(f"Leave out {works[0].name}").click()
    expect(home.locator("#preview-submit")).to_have_text("Add 1 torrent")
    home.fill("#add-text", f"{text}\n")
    expect(home.locator(".preview-row")).to_have_count(1)
    expect(line(home, works[1].name)).to_be_visible()


def test_only_cached_is_counted_at_once(home: Page, sim):
    cached = rare(sim)
    sim.cache([cached.info_hash])
    home.fill("#add-text", f"{cached.magnet}\n{rare(sim).magnet}")
    expect(home.locator("#preview-submit")).to_have_text("Add 2 torrents")
    home.get_by_label("Only cached").check()
    expect(home.locator("#preview-submit")).to_have_text("Add 1 torrent")
    home.locator("#preview-submit").click()
    expect(home.get_by_text("1 torrent left out: not cached.")).to_be_visible()


def test_what_is_there_already_can_be_downloaded_from_the_preview(home: Page):
    row = home.locator(".row").filter(has_text="Sintel (2010)")
    href = row.get_by_role("link", name="Download").get_attribute("href")
    home.goto(row.locator(".row-title").get_attribute("href") or "")
    info_hash = home.locator("dd.mono").first.get_attribute("title") or ""
    home.goto(f"/add/?text={info_hash}")
    expect(line(home, "Sintel (2010)")).to_contain_text("Already in your list")
    assert line(home, "Sintel (2010)").get_by_role("link", name="Download").get_attribute("href") == href


def test_a_phone_shares_text_and_a_file_and_the_person_confirms(home: Page, sim):
    linked, shared = rare(sim), rare(sim)
    home.evaluate(
        """([magnet, bytes]) => {
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: "/share/", enctype: "multipart/form-data" });
        const field = (name, type) => form.appendChild(Object.assign(document.createElement("input"), { name, type }));
        field("text", "text").value = magnet;
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(bytes)], "shared.torrent"));
        field("files", "file").files = files.files;
        document.body.append(form);
        form.submit(); }""",
        [linked.magnet, list(shared.torrent_bytes)],
    )
    expect(line(home, shared.name)).to_be_visible()
    home.get_by_role("button", name="Add 2 torrents").click()
    expect(home).to_have_title("Torrents · TorBox Web")
    expect(home.locator(".row-title", has_text=shared.name)).to_be_visible()
    expect(home.get_by_text("Added 2 torrents.")).to_be_visible()


def test_a_link_to_a_magnet_leads_to_its_preview_and_back_leads_back(home: Page, sim):
    work = rare(sim)
    home.goto(f"/add/?url={work.magnet}")
    expect(home.locator("#preview-submit")).to_have_text("Add 1 torrent")
    home.get_by_role("link", name="Cancel").click()
    expect(home.locator("#list")).to_be_visible()
    home.go_back()
    expect(home.locator("#preview-submit")).to_have_text("Add 1 torrent")


def test_a_server_that_cannot_be_reached_is_said(home: Page, sim):
    home.fill("#add-text", rare(sim).magnet)
    expect(home.locator(".preview-row")).to_have_count(1)
    home.context.set_offline(True)
    home.locator("#preview-submit").click()
    expect(home.get_by_text("This server could not be reached")).to_be_visible()
    home.context.set_offline(False)
    home.locator("#preview-submit").click()
    expect(home.get_by_text("Added 1 torrent.")).to_be_visible()


def test_a_session_that_ended_leads_to_the_sign_in_page_as_a_whole(open_page, context, stack: Stack):
    page = open_page(storage_state=context.storage_state())
    page.goto("/")
    page.context.clear_cookies(name="torbox-web-session")
    page.fill("#add-text", "ab" * 20)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#add-text")).to_have_count(0)
