"""Sharing a torrent and managing links by pointer, keyboard, and thumb, and without script."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in
from tests.browser.looking import check

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FILMS = ("Sintel", "Caminandes", "Cosmos Laundromat")
CHANGE = re.compile(r"/me/links/\d+/$")
Opens = Callable[..., Page]


@pytest.fixture
def opened(stack: Stack, open_page) -> Opens:
    """Open the list as someone new, who has three torrents and owns the instance."""

    def go(**options) -> Page:
        name, key = f"lena-{os.urandom(3).hex()}", str(uuid.uuid4())
        stack.sim.control.freeze()
        stack.sim.control.seed(accounts=[{"key": key, "name": name, "plan": "pro"}])
        torrents = [
            {"key": key, "name": film, "files": {"film.mkv": 900, "extras/a.mkv": 90}, "state": "completed"}
            for film in FILMS
        ]
        stack.sim.control.seed(torrents=torrents)
        stack.person(name, key, command="createowner")
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        page = open_page(**options)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(page, name)
        eventually(page, expect(page.locator(".row")).to_have_count, len(FILMS))
        return page

    return go


def row(page: Page, name: str):
    return page.locator(".row", has_text=name)


def share(page: Page, name: str):
    """Choose *Share…* in the menu of a torrent, and return the dialog."""
    row(page, name).get_by_role("button", name=re.compile("More actions")).click()
    page.get_by_role("link", name="Share…").click()
    dialog = page.get_by_role("dialog", name=f"Share {name}")
    expect(dialog).to_be_visible()
    return dialog


def create(page: Page, name: str):
    dialog = share(page, name)
    dialog.get_by_role("button", name="Create link").click()
    expect(dialog.get_by_role("img", name="QR code for this link")).to_be_visible()
    return dialog


def address(dialog) -> str:
    return dialog.get_by_label("Link", exact=True).input_value()


def on_clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def link_row(page: Page, name: str):
    return page.get_by_role("table", name="Your links").get_by_role("row").filter(has_text=name)


def go_to_links(page: Page) -> None:
    page.goto("/me/links/")
    expect(page.get_by_role("heading", name="Links", level=1)).to_be_visible()


def test_a_link_is_made_copied_and_opened(opened: Opens):
    page = opened()
    dialog = create(page, "Sintel")
    copy = dialog.get_by_role("button", name="Copy")
    expect(copy).to_be_focused()
    copy.click()
    expect(dialog.get_by_text("Copied.")).to_be_visible()
    assert on_clipboard(page) == address(dialog)
    expect(dialog).to_contain_text("Created just now · no downloads yet · Open")
    with page.context.expect_page() as other:
        dialog.get_by_role("link", name="Open").click()
    expect(other.value.get_by_role("heading", name="Sintel")).to_be_visible()
    other.value.close()
    check(page, "shared", "dialog")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row(page, "Sintel").get_by_role("button", name=re.compile("More actions"))).to_be_focused()


def test_fields_are_saved_as_they_change_for_the_same_link(opened: Opens):
    page = opened()
    dialog = create(page, "Sintel")
    made, saved = address(dialog), dialog.locator("#share-saved")
    dialog.get_by_label("Download limit").select_option("5 downloads")
    expect(saved).to_have_text("Saved")
    dialog.get_by_role("textbox", name="Password").fill("open sesame")
    dialog.get_by_role("textbox", name="Password").press("Enter")
    remove = dialog.get_by_role("button", name="Remove the password")
    expect(remove).to_be_visible()
    dialog.get_by_label("What").select_option("extras/a.mkv (90 bytes)")
    expect(saved).to_have_text("Saved")
    dialog.get_by_role("button", name="Done").click()

    dialog = share(page, "Sintel")
    assert address(dialog) == made
    expect(dialog.get_by_label("Download limit").locator("option:checked")).to_have_text("5 downloads")
    expect(dialog.get_by_label("What").locator("option:checked")).to_have_text(re.compile("^extras/a.mkv"))
    expect(dialog.get_by_role("textbox", name="Password")).to_have_attribute("placeholder", "Set")
    remove.click()
    expect(remove).to_have_count(0)
    expect(dialog.get_by_role("textbox", name="Password")).to_have_attribute("placeholder", "None")
    expect(saved).to_have_text("Saved")


@pytest.mark.parametrize("by", ["done", "escape"])
def test_closing_waits_until_everything_is_saved(opened: Opens, by: str):
    page, held = opened(), []
    dialog = create(page, "Sintel")
    page.route(CHANGE, lambda route: held.append(route), times=1)
    dialog.get_by_label("Download limit").select_option("5 downloads")
    expect(dialog.locator("#share-form")).to_have_class(re.compile("htmx-request"))
    dialog.get_by_label("What").select_option("extras/a.mkv (90 bytes)")
    if by == "done":
        dialog.get_by_role("button", name="Done").click()
    else:
        page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("dialog")).to_have_count(0)

    dialog = share(page, "Sintel")
    expect(dialog.get_by_label("Download limit").locator("option:checked")).to_have_text("5 downloads")
    expect(dialog.get_by_label("What").locator("option:checked")).to_have_text(re.compile("^extras/a.mkv"))


def test_done_leaves_the_dialog_open_if_a_change_could_not_be_saved(opened: Opens):
    page = opened()
    dialog = create(page, "Sintel")
    page.route(CHANGE, lambda route: route.abort())
    dialog.get_by_role("textbox", name="Password").fill("open sesame")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Can’t reach this server")).to_be_visible()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_password_that_was_typed_last_is_saved_by_done(opened: Opens):
    page = opened()
    dialog = create(page, "Sintel")
    dialog.get_by_role("textbox", name="Password").fill("open sesame")
    with page.expect_response(CHANGE) as answer:
        dialog.get_by_role("button", name="Done").click()
    assert answer.value.ok
    go_to_links(page)
    expect(link_row(page, "Sintel")).to_contain_text("password")


def test_revoking_in_the_dialog_can_be_undone(opened: Opens):
    page = opened()
    dialog = create(page, "Sintel")
    made = address(dialog)
    dialog.get_by_role("button", name="Revoke link").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.request.get(made).status == 410
    page.locator(".toast", has_text="Revoked the link.").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast", has_text="The link works again.")).to_be_visible()
    assert page.request.get(made).status == 200


def test_the_links_page_copies_changes_revokes_and_restores(opened: Opens):
    page = opened()
    made = address(create(page, "Sintel"))
    go_to_links(page)
    link_row(page, "Sintel").get_by_role("button", name="Copy the link to Sintel").click()
    expect(page.locator(".toast", has_text="Copied.")).to_be_visible()
    assert on_clipboard(page) == made

    menu = link_row(page, "Sintel").get_by_label("More actions for the link to Sintel")
    menu.click()
    check(page, "links page and menu", "main")
    page.get_by_role("link", name="Change…").click()
    page.get_by_role("dialog").get_by_label("Download limit").select_option("10 downloads")
    expect(link_row(page, "Sintel")).to_contain_text("0 of 10")
    page.keyboard.press("Escape")

    menu.click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(link_row(page, "Sintel")).to_contain_text("Revoked")
    expect(page.get_by_text("0 active.")).to_be_visible()
    page.locator(".toast", has_text="Revoked the link.").get_by_role("button", name="Undo").click()
    expect(link_row(page, "Sintel").get_by_role("button", name="Copy the link to Sintel")).to_be_visible()
    expect(page.get_by_text("1 active.")).to_be_visible()


def test_revoke_all_asks_and_renew_brings_one_back(opened: Opens):
    page = opened()
    for film in FILMS[:2]:
        create(page, film).get_by_role("button", name="Done").click()
    go_to_links(page)
    page.get_by_role("button", name="Revoke all").click()
    dialog = page.get_by_role("dialog", name="Revoke all 2 links?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Revoke all").click()
    expect(page.get_by_text("0 active.")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke all")).to_have_count(0)
    page.get_by_role("button", name="Renew the link to Sintel").click()
    expect(page.get_by_text("1 active.")).to_be_visible()


def test_a_podcast_is_made_and_shown(opened: Opens):
    page = opened()
    go_to_links(page)
    expect(page.get_by_text("No links yet")).to_be_visible()
    page.get_by_role("button", name="New playlist").click()
    dialog = page.get_by_role("dialog", name="New playlist")
    dialog.get_by_label("Podcast, for podcast apps").check()
    dialog.get_by_label("Name").fill("My shows")
    dialog.get_by_role("button", name="Create link").click()
    made = page.get_by_role("dialog", name="My shows")
    expect(made.get_by_role("img", name="QR code for this link")).to_be_visible()
    feed = page.request.get(address(made))
    assert feed.ok and "My shows" in feed.text()
    made.get_by_role("button", name="Done").click()
    expect(link_row(page, "My shows")).to_contain_text("Everything that’s ready")


def test_my_menu_leads_to_links_once_there_is_one(opened: Opens):
    page = opened()
    page.locator(".person summary").click()
    expect(page.locator(".person").get_by_role("link", name="Links")).to_have_count(0)
    page.keyboard.press("Escape")
    create(page, "Sintel").get_by_role("button", name="Done").click()
    page.reload()
    page.locator(".person summary").click()
    page.locator(".person").get_by_role("link", name="Links").click()
    expect(link_row(page, "Sintel")).to_be_visible()


def test_an_owner_turns_links_off_and_on(opened: Opens):
    page = opened()
    create(page, "Sintel").get_by_role("button", name="Done").click()
    go_to_links(page)
    try:
        page.get_by_label("No one").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("An owner has turned off links for you.")).to_be_visible()
        page.goto("/")
        row(page, "Sintel").get_by_role("button", name=re.compile("More actions")).click()
        expect(page.get_by_role("link", name="Copy magnet link")).to_be_visible()
        expect(page.get_by_role("link", name="Share…")).to_have_count(0)
    finally:
        go_to_links(page)
        page.get_by_label("Everyone").check()
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Copy the link to Sintel")).to_be_visible()


def test_on_a_phone_the_dialog_and_the_page_fit(opened: Opens):
    page = opened(**PHONE)
    dialog = create(page, "Cosmos Laundromat")
    box, qr = dialog.bounding_box(), dialog.get_by_role("img").bounding_box()
    below = dialog.get_by_role("button", name="Copy").bounding_box()
    assert box and qr and below and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert qr["y"] > below["y"] + below["height"]
    dialog.get_by_role("button", name="Done").tap()
    go_to_links(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = page.locator(".links-row", has_text="Cosmos Laundromat")
    expect(found.get_by_text(re.compile("^Not used yet · until "))).to_be_visible()
    found.get_by_label("More actions for the link to Cosmos Laundromat").tap()
    page.get_by_role("button", name="Revoke", exact=True).tap()
    expect(found.get_by_text(re.compile("revoked"))).to_be_visible()


def test_without_script_everything_has_a_page(opened: Opens, stack: Stack, open_page):
    state = opened().context.storage_state()
    page = open_page(storage_state=state, java_script_enabled=False)
    page.goto("/")
    row(page, "Sintel").get_by_role("button", name=re.compile("More actions")).click()
    page.get_by_label("More actions for Sintel", exact=True).click()
    page.get_by_role("link", name="Share…").click()
    page.get_by_label("Download limit").select_option("1 download")
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_label("Link", exact=True)).to_have_value(re.compile("/l/"))
    page.get_by_label("Expires").select_option("Never")
    page.get_by_role("button", name="Save").click()
    page.goto("/me/links/")
    expect(link_row(page, "Sintel")).to_contain_text("Never")
    page.locator("summary[aria-label^='More actions']").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(link_row(page, "Sintel")).to_contain_text("Revoked")
    page.get_by_role("button", name="Undo").click()
    expect(link_row(page, "Sintel")).not_to_contain_text("Revoked")
