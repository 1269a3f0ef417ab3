"""The first visit is small, and nothing leaves the instance."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

MOST = 100 * 1024  # bytes, compressed, without the font


def test_everything_the_main_page_loads_is_small_and_from_here(open_page, context, stack, household):
    page = open_page(storage_state=context.storage_state(), service_workers="allow")
    answers = []
    page.context.on("response", lambda answer: answers.append(answer))
    page.goto("/", wait_until="networkidle")
    expect(page.locator(".row").first).to_be_visible()
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(stack.url).netloc}
    first = {answer.url: answer for answer in answers if "woff2" not in answer.url}
    sizes = {url: int(answer.header_value("content-length") or 0) for url, answer in first.items()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])
    assert 5 <= len(sizes) <= len(answers) <= 20 and sum(sizes.values()) <= MOST, largest
    print("main page:", sum(sizes.values()), "bytes in", len(sizes), "answers")
