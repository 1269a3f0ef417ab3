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
