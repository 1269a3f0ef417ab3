"""Torrents are saved to folders of the server: from the list, with questions, and with buttons in the tab *Saving*."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARGS, CHROMIUM, Stack, eventually, new_context, run_stack, sign_in
from tests.browser.engines import ENGINES
from tests.browser.furnishing import new_key
from tests.browser.looking import check
from tests.browser.test_other_engines import Visitor, signed_in
from tests.needs import lacking

SINTEL, BUNNY = "Sintel (2010)", "Big Buck Bunny"
SIZE = 2_000_000  # bytes of a film
SLOW = 20_000  # bytes a second: no film gets saved while the test looks at it
FOLDERS = """from saving.services import folders
for name, after in (("Films", "keep"), ("Books", "stop_seeding")):
    folders.add(owner=None, name=name, path=name.lower(), floor=0, after=after)"""
LIMIT = """from saving.models import SavingSettings
from saving.services import settings
settings.save(SavingSettings(limit={}))"""


@pytest.fixture
def saving_stack() -> Iterator[Stack]:
    """An instance of its own that saves to disk, because its folders and limits are for everyone."""
    if CHROMIUM is None:
        lacking("Chromium is not installed.")
    with run_stack(saves=True) as running:
        yield running


@pytest.fixture
def page(saving_stack: Stack, playwright) -> Iterator[Page]:
    problems: list[str] = []
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
    context = new_context(chromium, saving_stack, problems, reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    yield page
    chromium.close()
    assert not problems


def row(page: Page, name: str):
    return page.locator(".row").filter(has_text=name)


def status(page: Page, name: str):
    return row(page, name).locator(".status")


def toast(page: Page, text: str):
    return page.locator(".toast", has_text=text)


def test_a_film_is_saved_paused_resumed_and_whole_and_another_is_taken_back(saving_stack: Stack, page: Page):
    stack, key = saving_stack, new_key(saving_stack)
    films = [
        {"key": key, "name": name, "files": {"film.mkv": SIZE}, "state": "completed"}
        for name in (SINTEL, BUNNY)
    ]
    stack.sim.control.seed(torrents=films)
    stack.person("mara", key, command="createowner")
    stack.manage("shell", "-v", "0", "-c", FOLDERS)
    stack.manage("shell", "-v", "0", "-c", LIMIT.format(SLOW))
    sign_in(page, "mara")
    eventually(page, expect(page.locator(".row")).to_have_count, 2)

    row(page, SINTEL).locator("row-menu > a").click()
    row(page, SINTEL).locator(".menu-item", has_text="Save to…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="Films")).to_be_checked()
    expect(dialog).to_contain_text("It stays on TorBox, too.")
    check(page, "save dialog", "dialog")
    dialog.get_by_role("radio", name="Books").check()
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page, "to Books.")).to_be_visible()
    expect(dialog).to_have_count(0)
    eventually(page, expect(status(page, SINTEL)).to_have_text, "Saving to Books")

    page.locator("#tab-saving").click()
    expect(page.locator(".row")).to_have_count(1)
    eventually(page, expect(page.locator("#saving-now")).to_contain_text, "1 torrent is saving")
    check(page, "saving tab", "#list")
    page.get_by_role("button", name=f"Pause saving {SINTEL}").click()
    eventually(page, expect(status(page, SINTEL)).to_have_text, "Paused")
    page.get_by_role("button", name="Resume all").click()
    eventually(page, expect(status(page, SINTEL)).to_have_text, "Saving to Books")
    page.get_by_role("button", name=f"Cancel saving {SINTEL}").click()
    expect(page.get_by_role("dialog")).to_contain_text("Files that are already saved stay in their folder.")
    page.get_by_role("button", name="Keep saving").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.locator("#tab-all").click()
    row(page, BUNNY).locator(".row-check").check()
    page.locator("#save-selected").click()
    expect(page.get_by_role("radio").first).to_be_checked()
    expect(page.get_by_role("radio", name="Books")).to_be_checked()  # the one used last
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    eventually(page, expect(page.locator("#tab-saving")).to_contain_text, "2")
    toast(page, BUNNY).get_by_role("button", name="Undo").click()
    eventually(page, expect(page.locator("#tab-saving")).to_contain_text, "1")

    stack.manage("shell", "-v", "0", "-c", LIMIT.format(0))
    page.goto("./?tab=saving")
    eventually(page, expect(status(page, SINTEL)).to_have_text, "Saved")
    books = stack.save_dir / "books"
    assert [path.stat().st_size for path in books.rglob("*.mkv")] == [SIZE]
    assert not list(books.rglob("*.part"))
    page.get_by_role("button", name=f"Dismiss {SINTEL}").click()
    eventually(page, expect(page.locator(".row")).to_have_count, 0)


def hears(visitor: Visitor, selector: str, text: str) -> None:
    """Wait until a list that asks for changes all the time shows something."""

    def shows() -> bool:
        visitor.run("document.querySelector('live-list').poll()")
        return visitor.find(selector, text) is not None

    visitor.until(shows)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_film_is_saved_in_other_engines(saving_stack: Stack, engine: str):
    stack, key = saving_stack, new_key(saving_stack)
    film = {"key": key, "name": SINTEL, "files": {"film.mkv": SIZE}, "state": "completed"}
    stack.sim.control.seed(torrents=[film])
    stack.person("mara", key, command="createowner")
    stack.manage("shell", "-v", "0", "-c", FOLDERS)
    stack.manage("shell", "-v", "0", "-c", LIMIT.format(SLOW))
    with ENGINES[engine]() as driver:
        visitor = Visitor(driver, stack)
        signed_in(visitor, "mara")
        visitor.press(f"#{visitor.see('.row', SINTEL).get_attribute('id')} .row-actions row-menu > a")
        visitor.press(".row .menu-item", "Save to…")
        visitor.see("dialog", "It stays on TorBox, too.")
        visitor.press("dialog .folder-choice", "Books")
        visitor.see("dialog .folder-after", "TorBox stops seeding afterwards.")
        visitor.press("dialog .primary", "Save")
        visitor.see(".toast", "to Books.")
        visitor.gone("dialog")
        assert visitor.problems == []
        visitor.open("/?tab=saving")
        hears(visitor, ".row .status", "Saving to Books")
        hears(visitor, ".row .row-note", "%")
        hears(visitor, "#saving-now", "1 torrent is saving at")
        stack.manage("shell", "-v", "0", "-c", LIMIT.format(0))
        hears(visitor, ".row .status", "Saved")
        assert visitor.problems == []
    assert [path.stat().st_size for path in (stack.save_dir / "books").rglob("*.mkv")] == [SIZE]


def test_an_owner_sets_up_folders_rules_and_hours(saving_stack: Stack, page: Page):
    stack, music = saving_stack, saving_stack.save_dir / "music"
    stack.person("nora", new_key(stack), command="createowner")
    sign_in(page, "nora")
    page.goto("./settings/saving/")
    expect(page.get_by_role("heading", name="No folders yet")).to_be_visible()
    check(page, "no folders")
    page.get_by_role("button", name="Add a folder").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Music")
    dialog.get_by_label("Folder on this server").fill(str(music.parent.parent))
    expect(dialog.get_by_label("Days after saving")).to_be_hidden()
    dialog.get_by_label("Delete from TorBox", exact=True).check()
    dialog.get_by_label("Days after saving").fill("3")
    dialog.get_by_role("button", name="Add folder").click()
    expect(dialog).to_contain_text("Check this box, or choose something else")
    expect(dialog.get_by_label("Yes, delete these torrents")).to_be_focused()
    check(page, "folder dialog", "dialog")
    dialog.get_by_label("Yes, delete these torrents").check()
    dialog.get_by_role("button", name="Add folder").click()
    expect(dialog).to_contain_text("Choose a folder inside")
    dialog.get_by_label("Folder on this server").fill(str(music))
    dialog.get_by_role("button", name="Add folder").click()
    expect(toast(page, "Added Music.")).to_be_visible()
    added = page.locator(".folder-row", has_text="Music")
    expect(added).to_contain_text("Delete from TorBox after 3 days")
    assert music.is_dir()

    page.get_by_role("button", name="Add a rule").click()
    dialog.get_by_label("Torrents that a person adds").check()
    expect(dialog.get_by_label("Tag", exact=True)).to_be_hidden()
    dialog.get_by_label("Torrents with a tag").check()
    dialog.get_by_label("Tag", exact=True).fill("Jazz")
    dialog.get_by_label("Save to").select_option("Music")
    check(page, "rule dialog", "dialog")
    dialog.get_by_role("button", name="Add rule").click()
    expect(page.locator(".line", has_text="Tagged Jazz")).to_contain_text("Saved to Music")

    page.get_by_label("Full speed from").fill("22:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Enter both times")).to_be_in_viewport()
    expect(page.get_by_label("Until")).to_be_focused()
    page.get_by_label("Until").fill("07:00")
    page.get_by_label("At other times").select_option("5 MB/s")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(toast(page, "Saved.")).to_be_visible()
    expect(page.get_by_label("Until")).to_have_value("07:00")
    check(page, "saving settings")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    added.get_by_label("More actions for Music").click()
    added.get_by_role("button", name="Test").click()
    expect(toast(page, "Music works.")).to_be_visible()
    (music / ".torbox-web").unlink()
    added.get_by_label("More actions for Music").click()
    added.get_by_role("button", name="Test").click()
    expect(dialog).to_contain_text("Use Music again?")
    check(page, "folder without its mark", "dialog")
    assert not (music / ".torbox-web").exists()
    dialog.get_by_role("button", name="Use this folder").click()
    expect(dialog).to_have_count(0)
    expect(toast(page, "Music works.")).to_be_visible()
    assert (music / ".torbox-web").exists()
    added.get_by_label("More actions for Music").click()
    added.get_by_text("Remove").click()
    expect(dialog).to_contain_text("1 automatic saving rule will be removed too.")
    dialog.get_by_role("button", name="Remove").click()
    expect(toast(page, "Removed Music.")).to_be_visible()
    expect(page.locator(".folder-row", has_text="Music")).to_have_count(0)
    assert music.is_dir()
