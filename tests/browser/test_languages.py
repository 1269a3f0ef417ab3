"""In English with accents nothing is left untranslated or cut off; real languages and right-to-left pass axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack, eventually, new_context, run_stack, sign_in
from tests.browser.furnishing import furnish, new_key
from tests.browser.looking import check
from tests.browser.saving_jobs import SAVER, save_in_every_state
from tests.browser.sharing import share_film
from tests.browser.states import BY_NAME, SAVING_BY_NAME, SAVING_STATES, STATES, State, reach
from tests.browser.telling import tell_every_kind

# What people, machines, plans, and units are called, dates, what TorBox says, and what says of itself that it is English.
NAMES = (
    "TorBox Web|TorBox|VLC|QR|PIN|URL|API|HTTP|JSON|CSV|M3U|aria2|SQLite|PostgreSQL|Redis|UTC|AM|PM|Chrome|Linux|Pro|Ctrl|"
    "qBittorrent|Sonarr|ntfy|Gotify|Discord|Telegram|Slack|Matrix|Pushover|Pushbullet|"
    r"Sintel\.2010\.1080p\.mkv|"
    "greta|frieda|sam|saskia|Films|Music|Archive|The Phantom Carriage|Faust|"
    "Download stalled for too long|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
UNITS = "bytes?|kB|MB|GB|TB|min|hr|sec|days?|hours?|minutes?|seconds?|ago|in"
OTHERS = r"/(https?:)?\/\S+|\b(in|and)\b|[0-9a-f]*…[0-9a-f]+|\b[0-9a-f]{4}\b/g"  # addresses, and ends of hashes and keys
TAGS = "bdi, code, kbd, time, option, script, style, template, textarea, noscript"
ELSEWHERE = f"{TAGS}, .mono, .raw, .brand, .avatar, [lang=en]"
NAMED_AFTER_DATA = "progress, audio, video"
PLAIN = f"""() => {{
  const names = /\\b({NAMES})\\b/g, units = /\\d[\\d.,]*\\s?({UNITS})\\b/g, others = {OTHERS};
  const isPlain = (text) => /[A-Za-z]{{2}}/.test(text.replace(names, "").replace(units, "").replace(others, ""));
  const shown = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {{
    const {{ parentElement: place, textContent }} = walker.currentNode;
    if (isPlain(textContent) && !place.closest("{ELSEWHERE}") && place.checkVisibility()) shown.push(textContent.trim());
  }}
  for (const attribute of ["aria-label", "placeholder", "alt"]) {{
    for (const it of document.querySelectorAll(`[${{attribute}}]:not({NAMED_AFTER_DATA})`)) {{
      const text = it.getAttribute(attribute);  // may be of a name too
      if (isPlain(text) && !/[À-ỿ]/.test(text)) shown.push(`${{attribute}}: ${{text}}`);
    }}
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
    with run_stack(variables={"LANGUAGES": "en,en-xa,ar-xb,de,zh-hans"}, saves=True) as stack:
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
            if len(pages) == 1:
                tell_every_kind(spoken, "greta")
                share_film(spoken, "greta")
        return pages[language]

    yield of
    for page in pages.values():
        page.context.close()


@pytest.fixture(scope="module")
def saver_speaking(spoken: Stack, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """A page of the person whose torrents are being saved to disk."""
    pages: dict[str, Page] = {}

    def of(language: str) -> Page:
        if not pages:
            save_in_every_state(spoken)
        if language not in pages:
            context = new_context(
                browser, spoken, [], locale=language, reduced_motion="reduce", service_workers="block"
            )
            pages[language] = context.new_page()
            sign_in(pages[language], SAVER)
        return pages[language]

    yield of
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize("state", STATES, ids=BY_NAME)
def test_nothing_is_left_untranslated_or_cut_off(speaking, state: State):
    is_translated_and_fits(speaking("en-XA"), state)


@pytest.mark.parametrize("state", SAVING_STATES, ids=SAVING_BY_NAME)
def test_nothing_about_saving_is_left_untranslated_or_cut_off(saver_speaking, state: State):
    is_translated_and_fits(saver_speaking("en-XA"), state)


def is_translated_and_fits(page: Page, state: State) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    reach(page, state)
    assert page.evaluate(PLAIN) == []
    fits(page, 1280, 320)


def fits(page: Page, *widths: int) -> None:
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) <= 0
        assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("state", SAVING_STATES, ids=SAVING_BY_NAME)
def test_long_words_about_saving_fit_on_a_phone(saver_speaking, state: State):
    page = saver_speaking("de")
    page.set_viewport_size({"width": 390, "height": 844})
    reach(page, state)
    fits(page, 390, 320)


@pytest.mark.parametrize("language", ["de", "zh-Hans", "ar-XB"])
@pytest.mark.parametrize("state", ["list", "preview", "one torrent", "settings", "status"])
def test_axe_finds_nothing_in_other_languages(speaking, language: str, state: str):
    page = speaking(language)
    reach(page, BY_NAME[state])
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
