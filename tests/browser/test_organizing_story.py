"""Two people organize one list: tags, names, and AirLock, with a mouse, with the keyboard, and without JavaScript."""

# ruff: noqa: F811 - `key` is a fixture

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.looking import check
from tests.browser.test_main_story import key, row  # noqa: F401

WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}}
FILMS = ("Sintel (2010)", "Big Buck Bunny", "Cosmos Laundromat")
SIZE = 1_000_000  # bytes of a film; AirLock has room for one
SHARE = """from accounts.models import Share, TorBoxAccount, User
account, user = TorBoxAccount.objects.get(last_four="{}"), User.objects.get(username="{}")
Share.objects.create(account=account, user=user, level="manage")"""


@dataclass
class House:
    """Mara owns the TorBox account, and Jon manages it. Both are signed in."""

    mara: Page
    jon: Page
    names: tuple[str, str]


@pytest.fixture
def house(stack: Stack, key: str, open_page) -> House:
    sim = stack.sim.control
    sim.seed(
        torrents=[
            {
                "key": key,
                "name": name,
                "files": {"film.mkv": SIZE},
                "state": "completed",
                "uploaded": True,
            }
            for name in FILMS
        ]
    )
    sim.account(key, airlock_bytes=SIZE * 3 // 2)
    names = (f"mara-{key[:8]}", f"jon-{key[:8]}")
    stack.person(names[0], key, command="createowner")
    stack.person(names[1])
    stack.manage("shell", "-v", "0", "-c", SHARE.format(key[-4:], names[1]))
    mara, jon = open_page(**WIDE), open_page(**WIDE)
    sign_in(mara, names[0])
    eventually(mara, expect(mara.locator(".row")).to_have_count, 3)
    sign_in(jon, names[1])
    expect(jon.locator(".row")).to_have_count(3)
    return House(mara, jon, names)


def select(page: Page, *films: str) -> None:
    page.keyboard.press("Escape")
    for film in films:
        row(page, film).locator(".row-check").check()


def picker(page: Page):
    page.locator("#tag-selected").click()
    found = page.get_by_role("dialog", name="Tag")
    expect(found.get_by_role("textbox")).to_be_focused()
    return found


def from_menu(page: Page, film: str, item: str) -> None:
    row(page, film).locator("row-menu > a").click()
    row(page, film).locator(".menu-item", has_text=item).click()


def undo(page: Page, toast: str) -> None:
    page.locator(".toast", has_text=toast).get_by_role("button", name="Undo").click()


def toasts(page: Page):
    return page.locator(".toast-text")


def at_torbox(stack: Stack, key: str) -> dict[str, tuple[str, list[str], bool]]:
    """Return the name, the tags, and AirLock of each torrent by its id, as TorBox has them."""
    (account,) = (one for one in stack.sim.control.state()["accounts"] if key in one["keys"])
    return {one["id"]: (one["name"], one["tags"], one["airlocked"]) for one in account["torrents"]}


def test_two_people_tag_rename_and_keep_and_undo_each_of_it(stack: Stack, key: str, house: House):
    mara, jon = house.mara, house.jon
    select(mara, *FILMS[:2])
    tags = picker(mara)
    tags.get_by_role("textbox").fill("Films")
    expect(tags.get_by_role("button")).to_have_text("Create “Films”")
    mara.keyboard.press("Enter")
    expect(toasts(mara)).to_have_text(["Added “Films” to 2 torrents."])
    check(mara, "tagging menu", "#bulk")
    mara.keyboard.press("Escape")
    expect(mara.locator("#tag-selected")).to_be_focused()
    expect(mara.locator(".row-check:checked")).to_have_count(2)  # Escape closed only the tags

    jon.goto("/?tag=Films")
    expect(jon.locator(".row")).to_have_count(2)
    select(jon, FILMS[0])
    tags = picker(jon)
    expect(tags.get_by_label("Films")).to_be_checked()
    tags.get_by_label("Films").uncheck()
    expect(toasts(jon)).to_have_text(["Removed “Films” from 1 torrent."])
    eventually(jon, expect(jon.locator(".row")).to_have_count, 1)
    undo(jon, "Removed “Films”")
    eventually(jon, expect(jon.locator(".row")).to_have_count, 2)

    from_menu(jon, FILMS[0], "Rename…")
    jon.get_by_role("dialog").get_by_label("Name").fill("A film by Blender")
    jon.keyboard.press("Enter")
    eventually(mara, expect(row(mara, "A film by Blender")).to_have_count, 1)
    undo(jon, "Renamed 1 torrent.")
    eventually(mara, expect(row(mara, FILMS[0])).to_have_count, 1)

    from_menu(mara, FILMS[0], "Keep")
    expect(toasts(mara).last).to_have_text("Keeping 1 torrent.")
    eventually(mara, expect(mara.locator(".row[aria-busy]")).to_have_count, 0)
    select(mara, FILMS[1])
    expect(mara.locator("#keep-selected")).to_have_text("Keep", use_inner_text=True)
    mara.locator("#keep-selected").click()
    refused = mara.locator(".toast", has_text="TorBox didn’t keep it: “")
    eventually(mara, expect(refused).to_be_visible)
    expect(refused.get_by_role("link", name="Usage")).to_be_visible()
    eventually(mara, expect(row(mara, FILMS[1]).locator("[data-kept]")).to_have_count, 0)
    select(mara, FILMS[0])
    mara.get_by_label(f"Select {FILMS[1]}").uncheck()
    expect(mara.locator("#keep-selected")).to_have_text("Stop keeping", use_inner_text=True)
    mara.locator("#keep-selected").click()
    expect(mara.locator(".row [data-kept]")).to_have_count(0)
    undo(mara, "No longer keeping 1 torrent.")
    expect(mara.locator(".row [data-kept]")).to_have_count(1)
    eventually(mara, expect(mara.locator(".row[aria-busy]")).to_have_count, 0)
    assert sorted(at_torbox(stack, key).values()) == [
        (FILMS[1], ["Films"], False),
        (FILMS[2], [], False),
        (FILMS[0], ["Films"], True),
    ]


def test_many_are_renamed_on_a_phone_with_a_preview(stack: Stack, key: str, house: House, open_page):
    phone = open_page(**PHONE)
    sign_in(phone, house.names[1])
    select(phone, *FILMS)
    phone.locator("#bulk summary").click()
    phone.locator("#bulk .menu-item", has_text="Rename…").click()
    dialog = phone.get_by_role("dialog")
    dialog.get_by_label("Find").press_sequentially("2010")
    expect(dialog.locator("ins")).to_have_text(["Sintel ()"])
    dialog.get_by_label("Replace with").fill("restored")
    expect(dialog.locator("ins")).to_have_text(["Sintel (restored)"])
    check(phone, "renaming", "dialog")
    dialog.get_by_role("button", name="Rename 1").click()
    expect(row(phone, "Sintel (restored)")).to_have_count(1)
    eventually(house.mara, expect(row(house.mara, "Sintel (restored)")).to_have_count, 1)


def test_tags_are_chosen_with_a_finger_before_any_keyboard_shows(
    stack: Stack, key: str, house: House, open_page
):
    select(house.mara, FILMS[0])
    picker(house.mara).get_by_role("textbox").fill("Films")
    house.mara.keyboard.press("Enter")
    expect(toasts(house.mara)).to_have_count(1)
    phone = open_page(**PHONE, has_touch=True, is_mobile=True)
    sign_in(phone, house.names[0])
    row(phone, FILMS[1]).locator(".row-check").tap()
    phone.locator("#tag-selected").tap()
    tags = phone.get_by_role("dialog", name="Tag")
    expect(tags.get_by_label("Films")).to_be_focused()
    tags.get_by_label("Films").tap()
    expect(toasts(phone)).to_have_text(["Added “Films” to 1 torrent."])
    tags.get_by_role("textbox").tap()
    tags.get_by_role("textbox").fill("Kids")
    tags.get_by_role("button").tap()
    expect(toasts(phone)).to_have_text(["Changed the tags of 1 torrent."])
    expect(tags.get_by_label("Kids")).to_be_checked()


def test_tags_are_chosen_by_keyboard_and_change_at_once(stack: Stack, key: str, house: House):
    page = house.mara
    select(page, *FILMS[:2])
    page.locator("#tag-selected").focus()
    page.keyboard.press("Enter")
    tags = page.get_by_role("dialog", name="Tag")
    expect(tags.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Films, Kids")
    page.keyboard.press("Enter")
    expect(toasts(page)).to_have_text(["Added 2 tags to 2 torrents."])
    page.keyboard.type("kid")
    expect(tags.get_by_role("checkbox")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(tags.get_by_label("Kids")).to_be_focused()
    page.keyboard.press(" ")
    expect(toasts(page)).to_have_text(["Changed the tags of 2 torrents."])  # in place of the first message
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(tags).to_have_count(0)
    expect(page.locator("#tag-selected")).to_be_focused()
    page.keyboard.press("Enter")
    expect(tags.get_by_label("Films")).to_be_checked()
    page.get_by_label(f"Select {FILMS[2]}").check()
    expect(tags).to_have_count(0)  # it was about other torrents


def test_a_torrent_is_tagged_as_it_is_added_with_completion(stack: Stack, key: str, house: House):
    work = stack.sim.control.make_work("New film", {"film.mkv": 60_000})
    stack.sim.control.cache([work.info_hash])
    page = house.mara
    from_menu(page, FILMS[0], "Tag…")
    page.get_by_label("New tags").fill("Films")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#add-text").fill(work.magnet)
    page.locator(".more-options summary").click()
    field = page.get_by_label("Tags, separated by commas")
    expect(page.locator("#known-tags option")).to_have_attribute("value", "Films")
    field.fill("Kids,")
    expect(page.locator("#known-tags option")).to_have_attribute("value", "Kids, Films")
    field.fill("Kids, Films")
    page.get_by_role("button", name="Add 1 torrent").click()
    eventually(page, expect(row(page, "New film")).to_contain_text, "Ready")
    eventually(page, expect(page.locator(".row[aria-busy]")).to_have_count, 0)
    assert ("New film", ["Kids", "Films"], False) in at_torbox(stack, key).values()


def test_everything_works_without_javascript(stack: Stack, key: str, house: House, open_page):
    page = open_page(**WIDE, java_script_enabled=False)
    sign_in(page, house.names[0])
    for film in FILMS[:2]:
        row(page, film).locator(".row-check").check()
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("New tags").fill("Films, Kids")
    page.get_by_role("button", name="Apply").click()
    expect(toasts(page)).to_have_text(["Added 2 tags to 2 torrents."])
    for film in FILMS[:2]:
        row(page, film).locator(".row-check").check()
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Kids").uncheck()
    page.get_by_role("button", name="Apply").click()
    expect(toasts(page)).to_have_text(["Removed “Kids” from 2 torrents."])
    page.locator(".toast-undo").click()
    expect(toasts(page)).to_have_text(["Undid the change of 2 torrents."])

    for film in FILMS[:2]:
        row(page, film).locator(".row-check").check()
    page.locator("#bulk summary").click()
    page.locator("#bulk .menu-item", has_text="Rename…").click()
    page.get_by_label("Find").fill("u")
    page.get_by_label("Replace with").fill("o")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("ins")).to_have_text(["Big Bock Bonny"])
    page.get_by_role("button", name="Rename 1").click()
    expect(row(page, "Big Bock Bonny")).to_have_count(1)

    row(page, FILMS[0]).locator(".row-check").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(toasts(page)).to_have_text(["Keeping 1 torrent."])
    row(page, FILMS[0]).locator(".row-check").check()
    page.locator("#bulk summary").click()
    page.locator("#bulk .menu-item", has_text="Stop keeping").click()
    expect(toasts(page)).to_have_text(["No longer keeping 1 torrent."])

    row(page, FILMS[0]).locator(".row-title").click()
    expect(page.locator(".detail-tags .tag")).to_have_count(3)
    page.locator("#menu-download, .page-head .menu").last.locator("summary").click()
    page.get_by_role("link", name="Rename…").click()
    page.get_by_label("Name").fill(" ")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Enter a name.")).to_be_visible()
    page.get_by_label("Name").fill("Sintel")
    page.get_by_role("button", name="Rename").click()
    expect(row(page, "Sintel").locator(".row-title")).to_have_text("Sintel")
