"""Making and revoking tokens by pointer, keyboard, and without script."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, sign_in
from tests.browser.looking import check
from tests.browser.test_by_keyboard import tab_to

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TOKEN = re.compile(r"tbw_[A-Za-z0-9]{32}")
Opens = Callable[..., Page]


@pytest.fixture
def opened(stack: Stack, open_page) -> Opens:
    """Open Settings › API as someone new."""

    def go(**options) -> Page:
        name = f"mara-{os.urandom(3).hex()}"
        stack.person(name)
        page = open_page(**({"viewport": WIDE, "reduced_motion": "reduce"} | options))
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(page, name)
        page.goto("/me/api/")
        return page

    return go


def create(page: Page, name: str = "Sonarr", scope: str = "qBittorrent") -> str:
    """Make a token, and return what the page shows."""
    page.get_by_role("link", name="New token").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("checkbox", name=re.compile(scope)).check()
    page.get_by_role("button", name="Create token").click()
    return shown(page)


def shown(page: Page) -> str:
    value = page.get_by_label("New token").input_value()
    assert TOKEN.fullmatch(value)
    return value


def version(stack: Stack, token: str) -> int:
    """Ask as a program with this token, and return the status of the answer."""
    address = f"{stack.url}/qbittorrent/api/v2/app/version"
    return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code


def rows(page: Page):
    return page.locator("#tokens .token-row:not(.token-columns)")


def test_a_token_is_shown_once_copied_used_and_revoked(stack: Stack, opened):
    page = opened()
    expect(page.get_by_role("heading", name="No tokens yet")).to_be_visible()
    token = create(page)
    assert page.url.endswith("/me/api/")
    copy = page.locator(".token-made").get_by_role("button", name="Copy")
    expect(copy).to_be_focused()
    copy.click()
    expect(page.locator(".toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == token
    check(page, "a new token")
    assert version(stack, token) == 200
    page.reload()
    expect(page.locator(".token-made")).to_have_count(0)
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Today, 127.0.0.1")
    page.get_by_role("button", name="Revoke the token Sonarr").click()
    question = page.get_by_role("dialog", name="Revoke Sonarr?")
    question.get_by_role("button", name="Cancel").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Revoke the token Sonarr").click()
    question.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("heading", name="No tokens yet")).to_be_visible()
    expect(page.locator(".toast").last).to_contain_text("Revoked the token")
    assert version(stack, token) == 403


def test_leaving_the_page_hides_the_token_for_good(opened):
    page = opened()
    token = create(page)
    page.get_by_role("link", name="Links", exact=True).click()
    expect(page.get_by_role("heading", name="Links", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="API", level=1)).to_be_visible()
    expect(rows(page)).to_have_count(1)
    assert token not in page.content()
    kept = "[JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie].join()"
    assert token not in page.evaluate(kept)


def test_the_day_is_asked_for_only_if_it_is_chosen(opened):
    page = opened()
    page.get_by_role("link", name="New token").click()
    expect(page.get_by_label("Last day")).to_be_hidden()
    page.get_by_label("On a date").check()
    page.get_by_role("textbox", name="Name").fill("Kodi")
    page.get_by_role("checkbox", name=re.compile("Read")).check()
    page.get_by_role("button", name="Create token").click()
    expect(page.locator(".errorlist")).to_contain_text("Choose a day from today on")
    expect(page.get_by_role("checkbox", name=re.compile("Read"))).to_be_checked()
    day = page.evaluate("new Date(Date.now() + 40 * 864e5).toISOString().slice(0, 10)")
    page.get_by_label("Last day").fill(day)
    page.get_by_role("button", name="Create token").click()
    shown(page)
    expect(rows(page)).not_to_contain_text("Expires: Never")


def test_everything_works_by_keyboard(opened):
    page = opened()
    tab_to(page, "main [href$='/me/api/new/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New token", level=1)).to_be_visible()
    tab_to(page, "[name=name]")
    page.keyboard.type("Home Assistant")
    tab_to(page, "[name=scopes][value=read]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".token-made")).to_contain_text("Home Assistant")
    shown(page)
    page.keyboard.press("Enter")  # the focus is on Copy
    expect(page.locator(".toast")).to_have_text("Copied.")


def test_on_a_phone_without_a_script_a_token_is_made_and_revoked(stack: Stack, opened):
    page = opened(viewport=PHONE, java_script_enabled=False)
    token = create(page)
    assert version(stack, token) == 200
    expect(page.locator(".token-made").get_by_role("button")).to_be_hidden()
    page.goto("/me/api/")
    assert token not in page.content()
    page.get_by_role("button", name="Revoke the token Sonarr").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("Revoked the token")).to_be_visible()
    assert version(stack, token) == 403


def test_an_address_is_copied(stack: Stack, opened):
    page = opened()
    page.get_by_role("button", name="Copy the address of qBittorrent").click()
    expect(page.locator(".toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{stack.url}/qbittorrent/"
