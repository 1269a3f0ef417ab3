"""Every page below a path of a host, behind a real nginx that passes the path on, or takes it away."""

# ruff: noqa: F811 - `site` is a fixture

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page, expect

from tests.behind_nginx import HOST, KINDS, PATH, Site, site  # noqa: F401
from tests.browser.conftest import ARGS, CHROMIUM, new_context, sign_in
from tests.browser.furnishing import new_key
from tests.browser.test_household_story import with_a_finger

ASK = "url => fetch(url).then((got) => [got.status, got.url, got.headers.get('content-type') ?? ''])"
DATA = re.compile(r"/(download|link|torrent-file|magnet|play)/$|\.(m3u|csv)$|/me/export/")


@pytest.fixture(scope="module")
def chromium(browser, site: Site):
    """A browser that finds the host here and takes the certificate for a good one."""
    trust = f"--ignore-certificate-errors-spki-list={site.nginx.public_key}"
    here = f"--host-resolver-rules=MAP {HOST} 127.0.0.1"
    started = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGS, trust, here])
    yield started
    started.close()


@pytest.fixture
def visit(chromium, site: Site):
    """A page of a browser of its own below the path; any request beside it fails the test."""
    contexts, problems, beside = [], [], []

    def open_at(kind: str = KINDS[0], **options: Any) -> Page:
        base = site.url(kind)
        context = new_context(chromium, site.stack, problems, **({"base_url": base} | options))
        context.on(
            "request", lambda request: beside.append(request.url) if is_beside(request, base) else None
        )
        contexts.append(context)
        return context.new_page()

    yield open_at
    for context in contexts:
        context.close()
    assert not problems and not beside


def is_beside(request: Any, base: str) -> bool:
    return request.url.startswith("http") and not request.url.startswith(base) and not request.redirected_from


def is_refusal(answer: Any) -> bool:
    return answer.status >= 400 and answer.request.resource_type != "fetch"  # which is ASK


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLPattern):
            yield f"{before}{part.pattern}"
        else:
            yield from routes(part, f"{before}{part.pattern}")


def links(page: Page) -> set[str]:
    """Where its links lead; and nothing in it is an address of this host beside the path."""
    beside = page.evaluate(
        """path => { const all = (root) => [...root.querySelectorAll("*")].flatMap((element) =>
            [element, ...(element.content?.querySelectorAll ? all(element.content) : [])]);
        return all(document).flatMap((element) => [...element.attributes])
            .filter(({ value }) => /^\\/[a-z]*/.test(value) && !value.startsWith(path))
            .map(({ name, value }) => `${name}=${value}`); }""",
        f"{PATH}/",
    )
    assert not beside, f"{page.url} leads beside the path: {beside}"
    found = page.evaluate("[...document.links].map((link) => link.origin + link.pathname)")
    return {url for url in found if not DATA.search(url)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_and_all_that_it_asks_for_lies_below_the_path(site: Site, visit, kind: str):
    page = visit(kind, service_workers="block")
    refused = []
    page.on("response", lambda answer: refused.append(answer.url) if is_refusal(answer) else None)
    sign_in(page, "greta")
    page.locator(".row").first.wait_for(timeout=60_000)
    base, seen, linked = site.url(kind), set(), set()
    waiting = {base + route for route in routes() if "<" not in route and not DATA.search(f"/{route}")}
    while new := waiting - seen:
        seen.add(url := min(new))
        status, end, content = page.evaluate(ASK, url)
        assert end.startswith(base) and (status == 200 if url in linked else status < 500), (url, status, end)
        if status == 200 and content.startswith("text/html"):
            page.goto(url)
            linked |= {link for link in links(page) if link.startswith(base)}
            waiting |= linked
    kinds = {re.sub(r"\d+", "N", url.removeprefix(base)) for url in linked}
    assert {
        "",
        "torbox/connect/",
        "torbox/N/",
        "torrents/N/",
        "people/N/",
        "me/security/",
        "status/",
    } <= kinds
    assert not refused
    assert page.goto("nowhere/").status == 404 and base in links(page)


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_job_can_be_done_below_the_path(site: Site, visit, kind: str):
    name, sim = f"mara-{KINDS.index(kind)}", site.stack.sim.control
    site.stack.person(name, new_key(site.stack))
    film = sim.make_work(f"Film {kind}", {"film.mkv": 60_000})
    sim.cache([film.info_hash])
    page = visit(kind)
    sign_in(page, name)
    page.locator("#add-text").fill(film.magnet)
    expect(page.locator(".chip")).to_have_text(["Cached, instant"])
    page.get_by_role("button", name="Add 1 torrent").click()
    row = page.locator(".row").filter(has_text=film.name)
    expect(row).to_contain_text("Ready", timeout=60_000)
    row.locator(".row-title").click()
    with page.expect_download() as caught:
        row.locator(".file").get_by_role("link", name="Download").click()
    assert caught.value.failure() is None
    row.locator(".row-actions row-menu > a").click()
    row.get_by_text("Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".row")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    page.context.clear_cookies()  # the session ends; the next poll is led to the sign-in page
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_installed_app_knows_nothing_but_its_path(site: Site, visit):
    page = visit(service_workers="allow")
    page.goto("sign-in/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    scope = page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)")
    facts = page.evaluate("fetch(document.querySelector('[rel=manifest]').href).then((got) => got.json())")
    assert scope == site.url()
    named = [facts["id"], facts["start_url"], facts["scope"], facts["share_target"]["action"]]
    assert named == [f"{PATH}/", f"{PATH}/", f"{PATH}/", f"{PATH}/share/"]
    origin = site.url().removesuffix(f"{PATH}/")
    assert all(page.evaluate(ASK, origin + icon["src"])[0] == 200 for icon in facts["icons"])
    page.evaluate("caches.open('of another app on this host')")
    page.context.set_offline(True)
    page.goto("check/")
    expect(page.get_by_role("heading", name="TorBox Web can’t be reached")).to_be_visible()
    expect(page.locator(".empty-mark")).to_have_css("border-radius", "14px")
    page.context.set_offline(False)
    names = page.evaluate("caches.keys()")
    assert "of another app on this host" in names and len(names) == 2


def test_magnets_shared_from_a_phone_or_opened_by_the_browser_reach_the_preview(site: Site, visit):
    page = visit(service_workers="block")
    page.add_init_script("navigator.registerProtocolHandler = (...words) => { window.asked = words; }")
    sign_in(page, "greta")
    page.goto("me/browser/")
    page.locator("magnet-handler button").click()
    _, handler = page.evaluate("window.asked")
    assert handler == f"{site.url()}add/#url=%s"
    magnet = f"magnet%3A%3Fxt%3Durn%3Abtih%3A{'a' * 40}%26dn%3D"
    page.goto(handler.replace("%s", magnet + "x" * 20_000))
    expect(page.locator(".preview-row")).to_have_count(1)
    page.goto(f"add/?url={magnet}{'x' * 7000}")  # as browsers were asked to hand over before
    expect(page.locator(".preview-row")).to_have_count(1)


def test_a_passkey_is_made_and_signs_in_below_the_path(site: Site, visit):
    page = visit(service_workers="block")
    with_a_finger(page)
    site.stack.person("nora")
    sign_in(page, "nora")
    page.goto("me/passkeys/add/")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Connect your TorBox account")).to_be_visible()
