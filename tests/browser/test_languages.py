"""In English with accents nothing is left untranslated or cut off; real languages and right-to-left pass axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack, eventually, new_context, run_stack, sign_in
from tests.browser.furnishing import furnish, new_key
from tests.browser.looking import check

# What people, machines, plans, and units are called, dates, and what TorBox says. Lists of hints are Django's own.
NAMES = (
    "TorBox Web|TorBox|VLC|QR|PIN|URL|API|HTTP|JSON|CSV|M3U|aria2|SQLite|PostgreSQL|Redis|UTC|AM|PM|Chrome|Linux|Pro|Ctrl|"
    "Download stalled for too long|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
UNITS = "bytes?|kB|MB|GB|TB|min|hr|sec|days?|hours?|minutes?|seconds?|ago|in"
ELSEWHERE = "bdi, code, kbd, time, option, script, style, template, textarea, noscript, .mono, .brand, .avatar, .hint ul"
PLAIN = f"""() => {{
  const names = /\\b({NAMES})\\b/g, units = /\\d[\\d.,]*\\s?({UNITS})\\b/g;
  const shown = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {{
    const {{ parentElement: place, textContent }} = walker.currentNode;
    const left = textContent.replace(names, "").replace(units, "").replace(/\\/\\S+|\\bin\\b|[0-9a-f]*…[0-9a-f]+/g, "");
    const ours = /[A-Za-z]{{2}}/.test(left) && !place.closest("{ELSEWHERE}");
    if (ours && place.checkVisibility()) shown.push(textContent.trim());
  }}
  return shown;
}}"""
CUT_OFF = """() => [...document.querySelectorAll("button, .button, .chip, h1, h2, label, th")]
  .filter((it) => it.checkVisibility() && !it.matches(".visually-hidden"))
  .filter((it) => getComputedStyle(it).overflow !== "visible" && it.scrollWidth > it.clientWidth + 1)
  .map((it) => it.textContent.trim())"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def spoken() -> Iterator[Stack]:
    """An instance that offers the two pseudo-languages, German, and Chinese."""
    with run_stack(variables={"LANGUAGES": "en,en-xa,ar-xb,de,zh-hans"}) as stack:
        furnish(stack, key := new_key(stack))
        stack.person("greta", key, command="createowner")
        yield stack


@pytest.fixture(scope="module")
def speaking(spoken: Stack, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """A page of a person who signed in with a browser in that language."""
    pages: dict[str, Page] = {}

    def of(language: str) -> Page:
        if language not in pages:
            context = new_context(
                browser, spoken, [], locale=language, reduced_motion="reduce", service_workers="block"
            )
            pages[language] = context.new_page()
            sign_in(pages[language], "greta")
            eventually(pages[language], expect(pages[language].locator(".row").first).to_be_visible)
        return pages[language]

    yield of
    for page in pages.values():
        page.context.close()


def nothing(page: Page) -> None:
    """As it opens."""


def preview(page: Page) -> None:
    page.fill(
        "#add-text", "magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10&dn=Sintel\nno magnet"
    )
    expect(page.locator(".preview-row")).to_have_count(2)


def files(page: Page) -> None:
    page.locator(".row-title", has_text="Sintel (2010)").click()
    page.locator(".files").wait_for()


def menu(page: Page) -> None:
    page.locator(".row", has_text="Sintel (2010)").locator(".row-actions row-menu > a").click()
    page.locator(".row .menu-list").wait_for()


def selection(page: Page) -> None:
    page.locator(".row-check[name=ids]").nth(1).check()


def person_menu(page: Page) -> None:
    page.locator(".person summary").click()


def no_result(page: Page) -> None:
    page.fill("#search", "zzzz")
    expect(page.locator(".row")).to_have_count(0)


def one_torrent(page: Page) -> None:
    page.goto(page.locator(".row-title", has_text="Sintel (2010)").get_attribute("href") or "")


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "list": ("/", nothing),
    "preview": ("/", preview),
    "files": ("/", files),
    "menu": ("/", menu),
    "selection": ("/", selection),
    "person’s menu": ("/", person_menu),
    "no result": ("/", no_result),
    "one torrent": ("/", one_torrent),
    "all options": ("/add/", nothing),
    "cache check": ("/check/", nothing),
    "look-up": ("/lookup/", nothing),
    "everything": ("/everything/", nothing),
    "deleted": ("/deleted/", nothing),
    "activity": ("/activity/", nothing),
    "status": ("/status/", nothing),
    "settings": ("/me/", nothing),
    "household": ("/people/", nothing),
    "invite": ("/people/invite/", nothing),
    "security": ("/me/security/", nothing),
    "sessions": ("/me/sessions/", nothing),
    "password": ("/me/password/", nothing),
    "connect": ("/torbox/connect/", nothing),
    "sign out": ("/sign-out/", nothing),
    "delete me": ("/me/delete/", nothing),
    "not found": ("/nowhere/", nothing),
    "offline": ("/offline/", nothing),
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_left_untranslated_or_cut_off(speaking, state: str):
    page, (address, reach) = speaking("en-XA"), STATES[state]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    reach(page)
    assert page.evaluate(PLAIN) == []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) <= 0
        assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("language", ["de", "zh-Hans", "ar-XB"])
@pytest.mark.parametrize("state", ["list", "preview", "one torrent", "settings", "status"])
def test_axe_finds_nothing_in_other_languages(speaking, language: str, state: str):
    page, (address, reach) = speaking(language), STATES[state]
    page.goto(address)
    reach(page)
    check(page, f"{state} in {language}")


def test_sign_in_is_translated_too(spoken: Stack, browser: Browser):
    context = new_context(browser, spoken, [], locale="de")
    page = context.new_page()
    page.goto("/sign-in/")
    expect(page.locator("h1")).to_have_text("Anmelden")
    page.locator("#language").select_option("zh-hans")
    page.locator(".language button").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    context.close()
