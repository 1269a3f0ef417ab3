"""Every page in every state, light and dark: nothing for axe, no sideways scrolling, no harm from hostile names."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack
from tests.browser.looking import check
from tests.browser.states import BY_NAME, SAVING_BY_NAME, SAVING_STATES, STATES, State, files, preview, reach


@pytest.mark.parametrize("state", STATES, ids=BY_NAME)
def test_axe_finds_nothing_and_a_small_screen_scrolls_one_way_only(page: Page, state: State):
    reach(page, state)
    looks_right(page, state)


@pytest.mark.parametrize("state", SAVING_STATES, ids=SAVING_BY_NAME)
def test_the_same_while_torrents_are_saved_to_disk(saving_page: Page, state: State):
    reach(saving_page, state)
    looks_right(saving_page, state)
    saving_page.set_viewport_size({"width": 390, "height": 844})
    check(saving_page, f"{state.name} on a phone", state.scope)


def looks_right(page: Page, state: State) -> None:
    check(page, state.name, state.scope)
    page.set_viewport_size({"width": 320, "height": 640})  # also what 1280 px show at 400 % zoom
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{state.name} is {wide} px too wide"


def test_axe_finds_nothing_on_sign_in(open_page):
    page = open_page(reduced_motion="reduce")
    page.goto("/")
    page.fill("[name=login]", "nobody")
    page.fill("[name=password]", "wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "sign-in")


def test_axe_finds_nothing_where_somebody_joins(stack: Stack, open_page):
    page = open_page(reduced_motion="reduce")
    link = stack.manage("recoverylink", "greta").split()[-1]
    page.goto(link)
    check(page, "recovery link")
    page.get_by_role("button", name="Continue with a passkey").click()
    page.get_by_role("heading", name="Create your passkey").wait_for()
    check(page, "passkey")
    page.goto("/join/guessed/")
    check(page, "no invitation")


def test_hostile_names_are_text_and_nothing_else(page: Page):
    page.goto("/")
    names = [" ".join(text.split()) for text in page.locator(".row-title").all_inner_texts()]
    assert "<script>document.title = 'hacked'</script><img src=x onerror=alert(1)>" in names
    assert '" onmouseover="alert(1)" x="' in names
    assert "{{ 7 * 7 }} {% debug %} ${7*7} javascript:alert(1)" in names
    assert "Line one line two line three four" in names
    assert any("Emoji film" in name for name in names)
    assert not any(mark in "".join(names) for mark in "\u202e\u2066\u2028")
    assert max(map(len, names)) <= 301
    assert "hacked" not in page.title()
    for row in page.locator(".row").filter(has=page.locator(".row-title", has_text="onerror")).all():
        row.locator(".row-title").click()
        row.locator(".files").wait_for()
    row = page.locator(".row", has_text="onerror")
    row.locator(".row-actions row-menu > a").click()
    row.get_by_text("Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x onerror=alert(1)>")
    page.keyboard.press("Escape")
    markup = "<img src=x onerror=alert(1)>"
    page.fill("#add-text", f"magnet:?xt=urn:btih:{'cd' * 20}&dn={quote(markup)}%E2%80%AEgnp\n{markup}")
    expect(page.locator(".preview-title").first).to_have_text(f"{markup} gnp")
    expect(page.locator(".preview-detail").nth(1)).to_have_text(f"“{markup}”")
    page.goto(page.locator(".row-title", has_text="onerror").get_attribute("href") or "")
    assert page.locator("h1").inner_text().startswith("<script>")


def test_at_twice_the_size_nothing_is_cut_off(page: Page):
    """1280 px at 200 % zoom are 640 px; text alone at 200 % is asked for by the root's font size."""
    page.set_viewport_size({"width": 640, "height": 450})
    page.goto("/")
    preview(page)
    for size in ("100%", "200%"):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        expect(page.get_by_role("button", name="Add 2 torrents")).to_be_visible()


def test_targets_are_large_enough(page: Page):
    """24 px each way, or at least so much room around it; links in running text are exempt (WCAG 2.5.8)."""
    page.goto("/")
    files(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden], [type=file])")]
        .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest("p, .skip-link"))
        .map((it) => [it.outerHTML.slice(0, 120), it.getBoundingClientRect(), getComputedStyle(it, "::after")])
        .filter(([, box, after]) => after.content === "none" && (box.width < 24 || box.height < 20))
        .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    assert not small


def test_reduced_motion_is_respected(page: Page):
    page.goto("/")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].map((it) => [it.outerHTML.slice(0, 80), getComputedStyle(it)])
        .filter(([, style]) => style.transitionDuration !== "0s" || style.animationName !== "none")
        .map(([html]) => html)"""
    )
    assert not moving


def test_a_script_that_slips_into_a_page_is_refused_and_noticed(page: Page, problems: list[str]):
    """The proof that every other browser test would fail on a violation of the content policy."""
    page.goto("/")
    page.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.hacked = 1";
        document.body.append(script); document.body.setAttribute("style", "color: red"); }"""
    )
    page.wait_for_function("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("window.hacked") is None
    assert any(problem.startswith("script-src-elem forbids inline") for problem in problems)
    assert any(problem.startswith("style-src-attr forbids inline") for problem in problems)
    problems.clear()
