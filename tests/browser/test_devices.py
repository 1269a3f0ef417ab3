"""Phones, Macs, plain http: what pages offer fits the browser and the device they are opened in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Stack, eventually, sign_in

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PLAIN = "http://home.example"
FIELDS = "input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea"
SMALL_FIELDS = """(fields) => [...document.querySelectorAll(fields)]
    .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.name)"""
Opens = Callable[..., Page]


@pytest.fixture
def signed_in(open_page, context) -> Opens:
    return lambda **options: open_page(storage_state=context.storage_state(), **options)


@pytest.fixture
def over_http(open_page, household: str, stack: Stack) -> Opens:
    """A page that the browser knows by a name and without https, signed in just now: nothing has to be confirmed."""

    def make() -> Page:
        page = open_page()
        sign_in(page, household)
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())

        def answer(route: Route) -> None:
            url = route.request.url.replace(PLAIN, stack.url)
            headers = route.request.headers | {"cookie": cookies}
            route.fulfill(response=route.fetch(url=url, headers=headers, max_redirects=0))

        page.route(f"{PLAIN}/**", answer)
        return page

    return make


def calls_itself(page: Page, platform: str, user_agent: str = "") -> None:
    page.context.new_cdp_session(page).send(
        "Emulation.setUserAgentOverride",
        {"userAgent": user_agent or page.evaluate("navigator.userAgent"), "platform": platform},
    )


@pytest.mark.parametrize("address", ["/", "/add/", "/check/", "/me/profile/", "/me/password/", "/activity/"])
def test_no_field_is_so_small_that_a_phone_zooms_into_it(signed_in, address):
    page = signed_in(**PHONE)
    page.goto(address)
    assert page.evaluate(SMALL_FIELDS, FIELDS) == []


def test_on_a_phone_tabs_have_a_line_of_their_own_and_sort_is_beside_the_search(signed_in):
    page = signed_in(**PHONE)
    page.goto("/")
    tabs, sort, search = (page.locator(name).bounding_box() for name in ("#tabs", "#sort", "#search"))
    assert tabs["y"] + tabs["height"] <= sort["y"]
    assert abs(sort["y"] - search["y"]) < 4 and search["x"] + search["width"] <= sort["x"]
    last = page.locator(".tab").last
    last.focus()
    edge = last.bounding_box()
    assert edge["x"] + edge["width"] <= 390 - 16 - 29  # clear of the fade


@pytest.fixture
def menu_open(page: Page) -> Iterator[Page]:
    page.goto("/")
    page.locator("input[name=ids]").first.check()
    page.locator(".row").first.locator(".row-actions row-menu > a").click()
    expect(page.locator(".menu-list:visible")).to_have_count(1)
    yield page


def test_escape_closes_an_open_menu_wherever_the_focus_is_and_nothing_else(menu_open: Page):
    menu_open.evaluate("document.activeElement.blur()")
    menu_open.keyboard.press("Escape")
    expect(menu_open.locator(".menu-list:visible")).to_have_count(0)
    expect(menu_open.locator(".selection-bar")).to_be_visible()
    menu_open.keyboard.press("Escape")
    expect(menu_open.locator(".selection-bar")).to_be_hidden()


@pytest.mark.parametrize(("platform", "key"), [("MacIntel", "⌘V"), ("Linux x86_64", "Ctrl V")])
def test_shortcuts_have_the_names_of_the_keyboard(page: Page, platform, key):
    calls_itself(page, platform)
    page.goto("/")
    expect(page.locator(".add-bar .kbd")).to_have_text(key)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").locator("kbd", has_text="V")).to_have_text(key)


PROMISES = {
    "magnets": "Click a magnet link on any site",
    "share": "You can then share links",
    "shortcut": "Share from an iPhone",
}
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("platform", "user_agent", "promised"),
    [
        ("Linux x86_64", "", {"magnets"}),
        ("Linux armv8l", ANDROID, {"magnets", "share"}),
        ("iPhone", "", {"magnets", "shortcut"}),
    ],
)
def test_settings_promise_what_the_device_can_do(page: Page, platform, user_agent, promised):
    calls_itself(page, platform, user_agent)
    page.goto("/me/browser/")
    expect(page.locator("bookmarklet-link")).to_be_visible()
    assert {name for name, text in PROMISES.items() if page.get_by_text(text).is_visible()} == promised


def test_over_plain_http_nothing_is_promised_that_needs_https(over_http):
    page = over_http()
    page.goto(f"{PLAIN}/me/browser/")
    expect(page.locator("bookmarklet-link")).to_be_visible()
    assert not [name for name, text in PROMISES.items() if page.get_by_text(text).is_visible()]
    page.goto(f"{PLAIN}/me/passkeys/add/")
    expect(page.get_by_role("alert")).to_have_text(re.compile("only work at addresses that start with https"))
    expect(page.get_by_role("button", name="Add passkey")).to_be_disabled()


def test_over_plain_http_a_link_is_copied_all_the_same(over_http):
    page = over_http()
    page.goto(PLAIN)
    assert page.evaluate("!isSecureContext && !navigator.clipboard")
    row = page.locator(".row", has_text="Blender Open Movies")
    row.locator(".row-actions row-menu > a").click()
    row.locator(".menu-item", has_text="Copy magnet link").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Copied.")
    magnet = page.get_by_role("dialog").locator("textarea").input_value()
    page.get_by_role("button", name="Done").click()
    page.locator("#search").press("Control+v")
    assert magnet.startswith("magnet:") and page.locator("#search").input_value() == magnet[:200]


def test_over_plain_http_sign_in_offers_no_passkey(open_page, stack: Stack):
    page = open_page()
    page.route(
        f"{PLAIN}/**",
        lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace(PLAIN, stack.url))),
    )
    page.goto(f"{PLAIN}/sign-in/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.goto("/sign-in/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()


def test_a_preview_that_is_replaced_leaves_no_error_in_the_console(signed_in, stack: Stack):
    stack.sim.restart()
    page, errors = signed_in(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto("/")
    stack.sim.control.options(latency=1)
    for text in ("ab" * 20, "cd" * 20):
        with page.expect_request("**/preview/"):
            page.fill("#add-text", text)
    stack.sim.control.options(latency=0)
    eventually(page, expect(page.locator(".preview-row")).to_contain_text, "cdcdcd")
    assert errors == []
