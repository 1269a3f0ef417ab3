"""Settings: wide, a navigation beside every page. Narrow, a list of the pages and a way back."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Stack, sign_in
from tests.browser.looking import check
from tests.browser.states import follow
from tests.browser.test_by_keyboard import tab_to

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ENTRIES = {
    "Profile": "/me/profile/",
    "Sign-in": "/me/security/",
    "TorBox accounts": "/me/torbox/",
    "Notifications": "/me/notifications/",
    "API": "/me/api/",
    "This browser": "/me/browser/",
    "Your data": "/me/data/",
}
BELOW = {
    "Sign-in": ["/me/sessions/", "/me/password/", "/me/app/", "/me/passkeys/add/", "/me/recovery-codes/new/"],
    "TorBox accounts": ["/torbox/connect/"],
    "API": ["/me/api/new/"],
    "Your data": ["/me/delete/"],
}


@pytest.fixture
def visit(stack: Stack, household: str, open_page):
    """Return a function that opens a browser of this size in which the household's owner is signed in."""

    def open_(**options) -> Page:
        page = open_page(reduced_motion="reduce", **options)
        sign_in(page, household, PASSWORD)
        return page

    return open_


def navigation(page: Page):
    return page.get_by_role("navigation", name="Settings")


def entry(page: Page, name: str):
    return navigation(page).get_by_role("link", name=name)


def test_the_navigation_is_in_the_same_place_on_every_page_and_marks_where_one_is(visit):
    page = visit(viewport=WIDE)
    places = set()
    pages = [("Profile", "/me/"), *ENTRIES.items()]
    pages += [(name, address) for name, addresses in BELOW.items() for address in addresses]
    for name, address in pages:
        page.goto(address)
        expect(navigation(page).locator("[aria-current] .side-label")).to_have_text(name)
        expect(page.get_by_role("link", name="Settings", exact=True)).to_be_hidden()
        box = navigation(page).bounding_box()
        places.add((box["x"], box["y"], box["width"]))
    assert len(places) == 1, places


def test_settings_are_reached_and_changed_by_keyboard(visit):
    page = visit(viewport=WIDE)
    page.goto("/me/")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    tab_to(page, ".side a[href='/me/torbox/']")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="TorBox accounts", level=1)).to_be_visible()
    tab_to(page, ".side a[href='/me/profile/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Profile", level=1)).to_be_visible()
    tab_to(page, "[name=shown_name]")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_text("Saved.")
    expect(page.get_by_role("heading", name="Profile", level=1)).to_be_visible()


def test_on_a_phone_settings_are_a_list_with_states_and_pages_lead_back(visit):
    page = visit(viewport=PHONE)
    page.goto("/me/")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Profile")).to_be_hidden()
    expect(entry(page, "Profile")).to_have_text("Profilegreta · English · Match system")
    expect(entry(page, "Sign-in")).to_contain_text("Password · ")
    expect(entry(page, "Your data")).to_contain_text("Export or delete")
    check(page, "settings on a phone")
    for name, address in ENTRIES.items():
        follow(page, entry(page, name))
        assert page.url.endswith(address)
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(navigation(page)).to_be_hidden()
        follow(page, page.get_by_role("link", name="Settings", exact=True))
        expect(navigation(page)).to_be_visible()


def test_a_page_below_another_leads_back_to_it(visit):
    page = visit(viewport=PHONE)
    for name, addresses in BELOW.items():
        for address in addresses:
            page.goto(address)
            follow(page, page.locator(".back"))
            expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


@pytest.mark.parametrize("width", [320, 640, 831, 832, 1000])
def test_either_the_navigation_or_the_way_back_is_there_and_nothing_scrolls_sideways(visit, width):
    page = visit(viewport={"width": width, "height": 700})
    for address in ENTRIES.values():
        page.goto(address)
        wide = navigation(page).is_visible()
        assert wide == (width >= 832)
        assert page.get_by_role("link", name="Settings", exact=True).is_visible() != wide
        too_wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, (address, too_wide)


def test_without_javascript_every_page_is_reached_and_a_name_is_saved(stack: Stack, open_page):
    name = f"nils-{os.urandom(3).hex()}"
    stack.person(name)
    page = open_page(viewport=PHONE, java_script_enabled=False)
    sign_in(page, name, PASSWORD)
    page.goto("/me/")
    for name in ENTRIES:
        follow(page, entry(page, name))
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        follow(page, page.get_by_role("link", name="Settings", exact=True))
    follow(page, entry(page, "Profile"))
    page.get_by_label("Display name").fill("Nils")
    page.get_by_role("button", name="Save").click()
    page.goto("/me/")
    expect(entry(page, "Profile")).to_contain_text("Nils · English")
