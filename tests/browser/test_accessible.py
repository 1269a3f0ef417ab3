"""Every page in every state, light and dark: nothing for axe, no sideways scrolling, no harm from hostile names."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Stack
from tests.browser.looking import check

MAGNETS = (
    "magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10&dn=Sintel\n" + "ab" * 20 + "\nno magnet"
)


def preview(page: Page) -> None:
    page.fill("#add-text", MAGNETS)
    expect(page.locator(".preview-row")).to_have_count(3)
    page.locator(".more-options summary").click()


def files(page: Page) -> None:
    page.locator(".row-title", has_text="Sintel (2010)").click()
    page.locator(".files").wait_for()


def selection(page: Page) -> None:
    page.locator(".row-check").nth(2).check()
    page.get_by_label("More actions for Sintel").click()
    page.locator(".row .menu-list").wait_for()


def delete_dialog(page: Page) -> None:
    page.get_by_label("More actions for Sintel").click()
    page.locator(".row").filter(has_text="Sintel (2010)").get_by_text("Delete").click()
    page.get_by_role("dialog").wait_for()


def person_menu(page: Page) -> None:
    page.locator(".person summary").click()


def no_result(page: Page) -> None:
    page.fill("#search", "nothing is called this")
    page.get_by_text("No torrents match").wait_for()


def connect_error(page: Page) -> None:
    page.fill("[name=api_key]", "not-a-key-at-all")
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("alert").wait_for()


def looked_up(page: Page) -> None:
    page.fill("[name=hash]", "08ada5a7a6183aae1e09d831df6748d566095a10")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("button", name="Add torrent").wait_for()


def checked(page: Page) -> None:
    page.fill("[name=text]", MAGNETS)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="TorBox’s answer").wait_for()


def detail(page: Page) -> None:
    page.goto(page.locator(".row-title", has_text="Sintel (2010)").get_attribute("href") or "")


def player(page: Page) -> None:
    detail(page)
    href = page.get_by_label("Play Sintel.2010.1080p.mkv").get_attribute("href")
    page.goto(href or "", wait_until="domcontentloaded")
    page.get_by_role("heading", name="Sintel.2010.1080p.mkv").wait_for()


def remove_page(page: Page) -> None:
    page.goto("/")
    row = page.locator(".row", has_text="Sintel (2010)").get_attribute("id") or ""
    page.goto(f"/torrents/{row.removeprefix('torrent-')}/remove/")


def confirm(page: Page) -> None:
    """Somebody who signed in more than five minutes ago is asked who they are before some pages."""
    if "/me/confirm/" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url(lambda url: "/me/confirm/" not in url)


def account(page: Page) -> None:
    page.locator(".card-link", has_text="key …").first.click()


def disconnect(page: Page) -> None:
    account(page)
    page.get_by_role("link", name="Disconnect").click()
    confirm(page)


def replace_key(page: Page) -> None:
    account(page)
    page.get_by_role("link", name="Replace API key").click()
    confirm(page)


def invitation(page: Page) -> None:
    page.get_by_label("Guest").check()
    page.get_by_role("button", name="Create link").click()
    page.get_by_alt_text("QR code").wait_for()


def invited(page: Page) -> None:
    """The household page with an invitation on it."""
    page.goto("/people/invite/")
    invitation(page)
    page.goto("/people/")


def one_person(page: Page) -> None:
    page.get_by_role("link", name="Manage greta").click()
    confirm(page)


def delete_person(page: Page) -> None:
    one_person(page)
    page.get_by_role("link", name="Remove…").click()


def wrong_password(page: Page) -> None:
    page.fill("[name=password]", "wrong")
    page.get_by_role("button", name="Confirm").click()


def wrong_code(page: Page) -> None:
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Turn on").click()


def stale_form(page: Page) -> None:
    page.evaluate(
        "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((it) => { it.value = 'x'; })"
    )
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="This page has expired").wait_for()


def keys(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def zips(page: Page) -> None:
    for name in ("Sintel (2010)", "Blender Open Movies"):
        page.locator(".row", has_text=name).locator(".row-check").check()
    page.get_by_role("button", name="Zip", exact=True).first.click()
    page.get_by_role("dialog").wait_for()


def links(page: Page) -> None:
    page.locator(".row", has_text="Sintel (2010)").locator(".row-check").first.check()
    page.get_by_role("button", name="Copy links").first.click()
    page.get_by_role("dialog").wait_for()


def picked_files(page: Page) -> None:
    files(page)
    page.locator(".files-list .files-check").first.check()
    page.locator(".files-actions summary").first.click()


def nothing(page: Page) -> None:
    """As it opens."""


LINKED = "/add/?url=magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10"
# name, address, what leads there, and which part of a page that was looked at as a whole before
STATES: list[tuple[str, str, Callable[[Page], None], str | None]] = [
    ("list", "/", nothing, None),
    ("preview", "/", preview, "#add"),
    ("files", "/", files, ".row:has(.files)"),
    ("selection and menu", "/", selection, "#bulk, .row:has(details[open])"),
    ("delete dialog", "/", delete_dialog, "dialog"),
    ("person’s menu", "/", person_menu, "header"),
    ("zips", "/", zips, "dialog"),
    ("links", "/", links, "dialog"),
    ("picked files", "/", picked_files, ".row:has(.files)"),
    ("no result", "/", no_result, "#list"),
    ("one torrent", "/", detail, None),
    ("keys", "/", keys, "dialog"),
    ("player", "/", player, None),
    ("delete page", "/", remove_page, None),
    ("linked preview", LINKED, nothing, None),
    ("all options", "/add/", nothing, None),
    ("cache check", "/check/", checked, None),
    ("look-up", "/lookup/", looked_up, None),
    ("everything", "/everything/", nothing, None),
    ("deleted", "/deleted/", nothing, None),
    ("status", "/status/", nothing, None),
    ("settings", "/me/", nothing, None),
    ("account", "/me/", account, None),
    ("disconnect", "/me/", disconnect, "main"),
    ("new key", "/me/", replace_key, "main"),
    ("household", "/people/invite/", invited, None),
    ("invite", "/people/invite/", nothing, "main"),
    ("invitation", "/people/invite/", invitation, "main"),
    ("one person", "/people/", one_person, "main"),
    ("delete somebody", "/people/", delete_person, "main"),
    ("security", "/me/security/", nothing, "main"),
    ("sessions", "/me/sessions/", nothing, "main"),
    ("add a passkey", "/me/passkeys/add/", nothing, "main"),
    ("authenticator app", "/me/app/", wrong_code, "main"),
    ("confirm", "/me/confirm/?next=/me/", wrong_password, "main"),
    ("delete me", "/me/delete/", nothing, "main"),
    ("password", "/me/password/", nothing, "main"),
    ("connect", "/torbox/connect/", connect_error, "main"),
    ("sign out", "/sign-out/", nothing, "main"),
    ("not found", "/nowhere/", nothing, None),
    ("stale form", "/me/", stale_form, None),
    ("offline", "/offline/", nothing, None),
]


@pytest.mark.parametrize(("name", "address", "reach", "scope"), STATES, ids=[state[0] for state in STATES])
def test_axe_finds_nothing_and_a_small_screen_scrolls_one_way_only(page: Page, name, address, reach, scope):
    page.goto(address)
    if name != "confirm":
        confirm(page)
    reach(page)
    check(page, name, scope)
    page.set_viewport_size({"width": 320, "height": 640})  # also what 1280 px show at 400 % zoom
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"


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
