"""Paste anywhere, drop anywhere, share from a phone; see what it would do while it completes itself."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Stack


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
    """Return a torrent that hasn't been looked up yet."""
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
    expect(home.get_by_text("Drop magnet links or .torrent files")).to_be_visible()
    drag(home, path, "drop")
    expect(home.get_by_text("Drop magnet links or .torrent files")).to_be_hidden()
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
    expect(home.get_by_text("Only .torrent files up to 10 MB can be added")).to_be_visible()
    expect(home.locator(".preview")).to_have_count(0)


def test_chosen_files_are_bounded_before_they_are_sent(home: Page, sim):
    work = rare(sim)
    file = {"name": "without its ending", "mimeType": "", "buffer": work.torrent_bytes}
    film = {"name": "film.mkv", "mimeType": "", "buffer": bytes(11_000_000)}
    home.locator("#add-files").set_input_files([file, film])
    expect(home.get_by_text("Files larger than 10 MB were left out")).to_be_visible()
    expect(home.locator(".preview-row")).to_have_count(1)
    expect(line(home, work.name)).to_be_visible()
    home.locator("#add-files").set_input_files(
        [{**file, "name": f"{number}.torrent"} for number in range(103)]
    )
    expect(home.get_by_text("You can add up to 100 files at once. Add the rest afterward.")).to_be_visible()
    expect(home.locator("#preview-sentence")).to_contain_text("99 pasted twice")


def test_a_link_that_may_not_be_fetched_costs_its_line_only(home: Page, sim, stack: Stack):
    work = rare(sim)
    home.fill("#add-text", f"{stack.url}/a.torrent\n{work.magnet}")
    expect(line(home, "doesn’t lead to the public internet")).to_contain_text("Skipped")
    home.locator("#preview-submit").click()
    expect(home.locator(".row-title", has_text=work.name)).to_be_visible()
    expect(home.get_by_text("Skipped: Line 1: This link doesn’t lead")).to_be_visible()


def test_lines_without_a_name_fill_in_afterwards_and_the_sum_with_them(home: Page, sim):
    works = [rare(sim, 1_000_000 * number) for number in range(1, 6)]
    home.fill("#add-text", "\n".join(work.info_hash for work in works))
    for work in works:
        expect(line(home, work.name)).to_contain_text("seed")
    expect(home.locator("#preview-sentence")).to_have_text("5 torrents to add · 15.0 MB")


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
    expect(home.get_by_text("Left out 1 torrent that isn’t cached.")).to_be_visible()


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


LONG_NAME = "Example #1 (2010) – 100% “castle” " + "x" * 20_000


def handed_over(work) -> str:
    return f"/add/#url={quote(f'{work.magnet}&dn2=&tr=udp://tracker.example:80&kt={LONG_NAME}', safe='')}"


def test_a_link_behind_the_hash_is_of_any_length_and_leaves_the_address(home: Page, sim, stack: Stack):
    work = rare(sim)
    home.goto(handed_over(work))
    expect(home.locator("#preview-submit")).to_have_text("Add 1 torrent")
    expect(line(home, work.name)).to_be_visible()
    assert "#" not in home.url and "x" * 100 not in stack.log
    home.go_back()
    expect(home.locator("#list")).to_be_visible()
    home.goto("/add/")  # and in a tab that shows this page already
    home.evaluate("address => { location.href = address; }", handed_over(work))
    expect(line(home, work.name)).to_be_visible()


def test_a_link_behind_the_hash_waits_for_the_sign_in(open_page, sim, stack: Stack):
    work, page, name = rare(sim), open_page(), f"lena{uuid.uuid4().hex[:8]}"
    stack.person(name)
    page.goto(handed_over(work))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert work.info_hash not in page.url
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(line(page, work.name)).to_be_visible()
    page.goto("/add/")
    expect(page.locator("#preview")).to_have_count(0)  # handed over once


def test_a_server_that_cannot_be_reached_is_said(home: Page, sim):
    home.fill("#add-text", rare(sim).magnet)
    expect(home.locator(".preview-row")).to_have_count(1)
    home.context.set_offline(True)
    home.locator("#preview-submit").click()
    expect(home.get_by_text("Can’t reach this server")).to_be_visible()
    home.context.set_offline(False)
    home.locator("#preview-submit").click()
    expect(home.get_by_text("Added 1 torrent.")).to_be_visible()


def test_a_session_that_ended_leads_to_the_sign_in_page_as_a_whole(open_page, context, stack: Stack):
    page = open_page(storage_state=context.storage_state())
    page.goto("/")
    page.context.clear_cookies(name=re.compile("^torbox-web-session"))
    page.fill("#add-text", "ab" * 20)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#add-text")).to_have_count(0)
