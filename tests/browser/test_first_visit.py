"""The first visit is small, and nothing leaves the instance."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

MOST = 130 * 1024  # bytes, compressed
ENGLISH = "inter-latin-wght-normal"
"""The only font that an English page loads; letters of other languages are in fonts of their own."""


def test_everything_the_main_page_loads_is_small_and_from_here(open_page, context, stack, household):
    page = open_page(storage_state=context.storage_state(), service_workers="allow")
    answers = []
    page.context.on("response", lambda answer: answers.append(answer))
    page.goto("/", wait_until="networkidle")
    expect(page.locator(".row").first).to_be_visible()
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(stack.url).netloc}
    sizes = {answer.url: int(answer.header_value("content-length") or 0) for answer in answers}
    fonts = [url for url in sizes if "woff2" in url]
    assert len(fonts) == 1 and ENGLISH in fonts[0], fonts
    largest = sorted(sizes.items(), key=lambda item: -item[1])
    assert 5 <= len(sizes) <= len(answers) <= 20 and sum(sizes.values()) <= MOST, largest
    print("main page:", sum(sizes.values()), "bytes in", len(sizes), "answers")


ORDER = """
  let shown = false;
  const look = () => (shown = Boolean(document.querySelector(".row"))) || requestAnimationFrame(look);
  requestAnimationFrame(look);
  window.order = new Promise((done) => document.addEventListener("htmx:load", () => done(shown), { once: true }));
"""


def test_the_rows_show_before_htmx_looks_at_the_page(open_page, context, household):
    page = open_page(storage_state=context.storage_state())
    page.add_init_script(ORDER)
    page.goto("/")
    assert page.evaluate("() => window.order") is True


LOADED = (
    """(name) => performance.getEntriesByType("resource").find((one) => one.name.includes(name)).toJSON()"""
)


def test_a_first_visit_shows_the_page_without_waiting_for_its_style_sheet_and_font(open_page):
    page = open_page()
    page.goto("/sign-in/", wait_until="networkidle")
    assert page.evaluate("() => document.styleSheets[0].href") is None
    assert page.evaluate(LOADED, "css/app")["renderBlockingStatus"] == "non-blocking"
    assert page.locator("link[rel=preload]").count() == 0
    page.reload(wait_until="networkidle")
    assert page.locator("style").count() == 0
    assert page.evaluate(LOADED, "css/app")["transferSize"] == 0, "the style sheet wasn't in the cache"
    preloads = page.locator("link[rel=preload][as=font]")
    assert preloads.count() == 1 and ENGLISH in preloads.get_attribute("href")
