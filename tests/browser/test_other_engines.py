"""The main job in Firefox and in WebKit, the engine of Safari."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import PASSWORD, PATIENCE, Stack
from tests.browser.engines import ENGINES

SLOW = 4  # seconds until TorBox makes a link; longer than a press counts (engines.ACTIVATION)
MOVIES = "Blender Open Movies"
GONE = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "Not found.", "data": None}
LISTEN = """window.problems = [];
const note = (text) => window.problems.push(String(text));
addEventListener("error", (event) => note(event.message));
addEventListener("unhandledrejection", (event) => note(event.reason));
addEventListener("securitypolicyviolation", (event) => note(event.blockedURI));
console.error = note;"""
# Whether htmx has set up everything on the page.
SET_UP = """return document.querySelector(".htmx-added, .htmx-settling") === null
    && [...document.querySelectorAll("[hx-get], [hx-post]")].every((one) => "htmx-internal-data" in one);"""
FIND = """const [selector, text] = arguments;
return [...document.querySelectorAll(selector)].find((one) =>
    one.checkVisibility({ visibilityProperty: true }) && one.innerText.includes(text)) ?? null;"""


class Visitor:
    """What a person does and sees, waited for as long as a busy machine may take."""

    def __init__(self, driver: WebDriver, stack: Stack) -> None:
        self.driver, self.stack = driver, stack

    def open(self, path: str) -> None:
        self.driver.get(self.stack.url + path)
        self.driver.execute_script(LISTEN)

    def find(self, selector: str, text: str = "") -> Any:
        """The first such element that shows and holds that text, or None."""
        return self.driver.execute_script(FIND, selector, text)

    def see(self, selector: str, text: str = "") -> Any:
        return self.until(lambda: self.find(selector, text))

    def gone(self, selector: str) -> None:
        self.until(lambda: not self.find(selector))

    def until(self, holds: Callable[[], Any]) -> Any:
        not_yet = (StaleElementReferenceException, ElementNotInteractableException)
        return WebDriverWait(self.driver, PATIENCE / 1000, ignored_exceptions=not_yet).until(
            lambda _: holds()
        )

    def press(self, selector: str, text: str = "") -> None:
        """Click, once htmx has set up the page: until then forms are sent without it."""
        self.see(selector, text)
        self.until(lambda: self.run(SET_UP))
        self.until(lambda: self.clicked(selector, text))

    def clicked(self, selector: str, text: str) -> bool:
        self.see(selector, text).click()
        return True

    def type(self, selector: str, *keys: str) -> None:
        self.see(selector).send_keys(*keys)

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def keys(self, *keys: str) -> None:
        """To whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    @property
    def problems(self) -> list[str]:
        return self.run("return window.problems")


@pytest.fixture(params=ENGINES)
def visitor(request, stack: Stack) -> Iterator[Visitor]:
    with ENGINES[request.param]() as driver:
        yield Visitor(driver, stack)
    stack.sim.control.clear_faults()


def signed_in(visitor: Visitor, name: str) -> None:
    visitor.open("/sign-in/")
    visitor.type("[name=login]", name)
    visitor.type("[name=password]", PASSWORD, Keys.ENTER)
    visitor.see("#add-text")
    visitor.run(LISTEN)


def copied(visitor: Visitor) -> str:
    """Close the dialog that says it copied its text, and return the text. The clipboard has it, too."""
    visitor.see("dialog [role=status]", "Copied.")
    text = visitor.see("dialog textarea").get_attribute("value")
    visitor.press("dialog [data-close]")
    visitor.gone("dialog")
    holds(visitor, text)
    return text


def holds(visitor: Visitor, text: str) -> None:
    """What the clipboard holds, as a person finds out."""
    visitor.until(lambda: empties(visitor))
    visitor.type("#search", Keys.CONTROL, "v")
    assert text and visitor.until(lambda: visitor.see("#search").get_attribute("value")) == text[:200]
    visitor.until(lambda: empties(visitor))


def empties(visitor: Visitor) -> bool:
    """Empty the search. WebKit lets no one into the page until a dialog has faded out."""
    try:
        visitor.see("#search").clear()
    except ElementNotInteractableException:
        return False
    return True


def test_copying_when_torbox_is_slow(visitor: Visitor, household: str, stack: Stack):
    signed_in(visitor, household)
    row = f"#{visitor.see('.row', MOVIES).get_attribute('id')}"
    visitor.press(f"{row} .row-actions row-menu > a")  # which loads it
    visitor.see(f"{row} .menu-item", "Copy magnet link")
    visitor.keys(Keys.ESCAPE)
    visitor.gone(f"{row} .menu-list")
    for endpoint, seconds in (("requestdl", SLOW), ("exportdata", 2 * SLOW)):
        stack.sim.control.fail(endpoint, kind="delay", delay=seconds)
    visitor.press(f"{row} .row-check")
    visitor.see(".selection-text", "1 selected")
    visitor.press(".selection-bar button", "Copy links")
    visitor.press(f"{row} .row-actions row-menu > a")
    visitor.press(f"{row} .menu-item", "Copy magnet link")
    visitor.see("dialog h2", "Magnet link")  # which was pressed last
    magnet = copied(visitor)
    assert magnet.startswith("magnet:")

    visitor.open("/")
    visitor.press(f"{row} .row-check")
    visitor.see(".selection-text", "1 selected")
    stack.sim.control.fail("requestdl", status=404, body=GONE, delay=SLOW)
    visitor.press(".selection-bar button", "Copy links")
    visitor.see("dialog", "a.mkv: Not found.")
    visitor.press("dialog [data-close]")
    visitor.gone("dialog")
    holds(visitor, magnet)
    assert visitor.problems == []


def test_copying_a_new_share_link(visitor: Visitor, household: str):
    signed_in(visitor, household)
    row = f"#{visitor.see('.row', MOVIES).get_attribute('id')}"
    visitor.press(f"{row} .row-actions row-menu > a")
    visitor.press(f"{row} .menu-item", "Share")
    visitor.press("dialog .primary", "Create link")
    visitor.press("dialog copy-text .primary", "Copy")
    visitor.see("dialog copy-text [role=status]", "Copied.")
    address = visitor.see("#share-address").get_attribute("value")
    visitor.press("dialog .share-revoke")
    visitor.gone("dialog")
    assert "/l/" in address
    holds(visitor, address)
    assert visitor.problems == []


def test_copying_in_a_browser_without_clipboard_items(visitor: Visitor, household: str, stack: Stack):
    signed_in(visitor, household)
    stack.sim.control.fail("requestdl", kind="delay", delay=SLOW)
    visitor.run("delete window.ClipboardItem")  # as in Firefox before 127
    visitor.press(f"#{visitor.see('.row', MOVIES).get_attribute('id')} .row-check")
    visitor.see(".selection-text", "1 selected")
    visitor.press(".selection-bar button", "Copy links")
    said = visitor.see("dialog [role=status]", ".").text
    assert said == "Copied." or "The text is selected" in said
    visitor.press("dialog copy-text button", "Copy")
    copied(visitor)
    assert visitor.problems == []


def test_sign_in_paste_add_select_copy_delete_and_undo(visitor: Visitor, stack: Stack, household: str):
    stack.sim.restart()
    work = stack.sim.control.make_work(f"Engine {uuid.uuid4().hex[:8]}", {"film.mkv": 50_000})
    stack.sim.control.cache([work.info_hash])
    visitor.open("/sign-in/")
    can = visitor.run("return isSecureContext && Boolean(window.PublicKeyCredential)")
    assert bool(visitor.find("passkey-form [type=submit]")) == can
    visitor.type("[name=login]", household)
    visitor.type("[name=password]", PASSWORD, Keys.ENTER)
    visitor.see("#add-text")
    visitor.run(LISTEN)

    visitor.type("#add-text", "ab" * 20)
    visitor.see(".preview-row", "Not cached")
    visitor.run(
        "for (const _ of 'ab') document.getElementById('add-form').dispatchEvent(new CustomEvent('preview'))"
    )
    visitor.press("[data-cancel]")
    visitor.gone(".preview-row")
    visitor.type("#add-text", work.magnet)
    visitor.see(".preview-row", "Cached, instant")
    visitor.press("#preview-submit", "Add 1 torrent")
    row = f"#{visitor.see('.row', work.name).get_attribute('id')}"
    visitor.see(row, "Ready")
    visitor.gone(".toast")  # it lies over the last rows of a list for a while

    visitor.press(f"{row} .row-actions row-menu > a")
    visitor.see(f"{row} .menu-list")
    visitor.run("document.activeElement.blur()")
    visitor.keys(Keys.ESCAPE)
    visitor.gone(f"{row} .menu-list")

    visitor.press(f"{row} .row-check")
    visitor.see(".selection-text", "1 selected")
    stack.sim.control.options(latency=SLOW)
    visitor.press(".selection-bar button", "Copy links")
    visitor.see("dialog [role=status]", "Copied.")
    stack.sim.control.options(latency=0)
    link = visitor.see("dialog textarea").get_attribute("value")
    visitor.press("dialog [data-close]")
    visitor.gone("dialog")
    visitor.type("#search", Keys.CONTROL, "v")
    assert link and visitor.until(lambda: visitor.see("#search").get_attribute("value")) == link[:200]
    assert visitor.problems == []

    visitor.open("/")
    visitor.press(f"{row} .row-actions row-menu > a")
    visitor.press(f"{row} .menu-item", "Delete")
    visitor.press("dialog .danger")
    visitor.gone(row)
    visitor.press(".toast-undo")
    visitor.see(row)
    assert visitor.problems == []
