"""What the app does in the browser: the offline page, news in the title, magnet links, and the bookmarklet."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually


def test_the_browser_finds_everything_it_needs_to_install_the_app(open_page):
    page = open_page(service_workers="allow")
    page.goto("/sign-in/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    found = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in found} <= {"in-incognito"}  # as every browser of a test is


def test_without_a_network_the_app_says_so_and_comes_back(open_page):
    page = open_page(service_workers="allow")
    page.goto("/sign-in/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto("/check/")
    expect(page.get_by_role("heading", name="TorBox Web can’t be reached")).to_be_visible()
    expect(page.locator(".empty-mark")).to_have_css("border-radius", "14px")  # its styles were kept too
    kept = page.evaluate(
        """async () => { const found = [];
        for (const name of await caches.keys()) found.push(...await (await caches.open(name)).keys());
        return found.map((request) => new URL(request.url).pathname); }"""
    )
    assert "/offline/" in kept and all(path.startswith("/static/") or path == "/offline/" for path in kept)
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


REFRESH = """() => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token });
    return fetch("/refresh/", { method: "POST", body }).then(() => null);
}"""


def key_of(stack: Stack, name: str) -> str:
    """The key of the account that has this torrent."""
    for account in stack.sim.control.state()["accounts"]:
        if any(name in torrent["name"] for torrent in account["torrents"]):
            return account["keys"][0]
    raise LookupError(name)


def test_torrents_that_finish_in_the_background_are_counted_and_announced_on_return(
    page: Page, stack: Stack, household
):
    stack.sim.restart()
    stack.sim.control.clear_faults()
    moves = {"name": "Finished meanwhile", "state": "downloading", "download_seconds": 900}
    stack.sim.control.seed(torrents=[{"key": key_of(stack, "debian-13.2.0"), **moves}])
    page.goto("/")
    page.evaluate(REFRESH)  # the button rests while the list is read anyway
    moving = page.locator(".row").filter(has_text="Finished meanwhile")
    eventually(page, expect(moving).to_contain_text, "Downloading")
    plain = page.locator("link[rel=icon]").get_attribute("href")
    page.evaluate("dispatchEvent(new Event('blur'))")
    stack.sim.control.advance(1000)
    eventually(page, expect(page).to_have_title, re.compile(r"^\(\d+\) Torrents"))
    assert "badge" in (page.locator("link[rel=icon]").get_attribute("href") or "")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page).to_have_title("Torrents · TorBox Web")
    assert (page.locator("link[rel=icon]").get_attribute("href") or "").endswith(plain or "nothing")
    said = re.compile(r"Ready: .*Finished meanwhile|Torrents ready: \d+")
    expect(page.locator("#toasts")).to_contain_text(said)


def test_settings_offer_to_open_magnet_links_here(page: Page, stack: Stack):
    page.add_init_script("navigator.registerProtocolHandler = (...words) => { window.asked = words; }")
    page.goto("/me/browser/")
    page.locator("magnet-handler button").click()
    assert page.evaluate("window.asked") == ["magnet", f"{stack.url}/add/#url=%s"]
    expect(page.get_by_text("Your browser is asking for permission. Allow it there.")).to_be_visible()


def test_the_browser_takes_the_address_for_magnet_links(page: Page):
    page.goto("/me/browser/")
    page.locator("magnet-handler button").click()
    expect(page.get_by_text("Your browser is asking for permission. Allow it there.")).to_be_visible()


def test_the_bookmark_brings_every_magnet_of_a_page(page: Page, stack: Stack):
    page.goto("/me/browser/")
    bookmark = page.get_by_role("link", name="Add to TorBox")
    bookmark.click()  # here it only explains itself
    expect(page.get_by_text("Drag it to your bookmarks bar, or")).to_be_visible()
    script = (bookmark.get_attribute("href") or "").removeprefix("javascript:")
    links = "".join(
        f'<a href="magnet:?xt=urn:btih:{letter * 40}&dn=x&tr=udp://t.example">x</a>' for letter in "abc"
    )
    page.evaluate("html => document.body.innerHTML = html", links)
    with page.expect_popup() as caught:
        page.evaluate(script)
    popup = caught.value
    expect(popup.locator(".preview-row")).to_have_count(3)
    popup.close()


def test_a_download_passes_the_service_worker_untouched(open_page, context, stack: Stack, household):
    stack.sim.restart()
    page = open_page(storage_state=context.storage_state(), service_workers="allow")
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")
    row = page.locator(".row").filter(has_text="Blender Open Movies")
    with page.expect_download() as caught:
        row.get_by_role("link", name="Download").click()
    assert caught.value.failure() is None
