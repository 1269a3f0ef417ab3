"""Back after signing out, in a browser that keeps whole pages to show them again at once."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ARGS, PASSWORD, new_context, sign_in
from tests.needs import lacking

# The headless shell of the other tests has no back/forward cache.
WHOLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
def visit(browser, stack):
    """A page of a browser with its back/forward cache on, which Playwright turns off."""
    if WHOLE is None:
        lacking("Chromium with its back/forward cache is not installed.")
    launch = browser.browser_type.launch
    whole = launch(executable_path=WHOLE, args=ARGS, ignore_default_args=["--disable-back-forward-cache"])
    problems: list[str] = []
    context = new_context(whole, stack, problems, service_workers="allow")
    context.add_init_script(COUNT_KEPT)
    yield context.new_page()
    whole.close()
    assert not problems


COUNT_KEPT = """addEventListener("pageshow", ({ persisted }) =>
    persisted && localStorage.setItem("kept", 1 + Number(localStorage.getItem("kept"))))"""


def back(page, steps: int = 1) -> None:
    """Not `go_back`, which waits for a load that a kept page does not make."""
    page.evaluate(f"setTimeout(() => history.go(-{steps}))")


def test_back_shows_nothing_of_a_person_who_signed_out(visit, stack):
    stack.person("otto", command="createowner")
    sign_in(visit, "otto", PASSWORD)
    for path, title in (("/people/", "Household"), ("/me/security/", "Sign-in")):
        visit.goto(path)
        expect(visit.get_by_role("heading", name=title, level=1)).to_be_visible()
    visit.locator("menu-button.person summary").click()
    visit.get_by_role("button", name="Sign out").click()
    expect(visit.locator("[name=login]")).to_be_visible()
    for steps in (1, 2):
        back(visit, steps)
        expect(visit.locator("[name=login]")).to_be_visible()
        expect(visit.get_by_text("otto")).to_have_count(0)


def test_a_page_kept_by_the_browser_is_reloaded_before_it_can_be_used(visit):
    """Proves that the cache is on: the browser did keep the page, and showed a new one all the same."""
    visit.goto("/sign-in/")
    visit.evaluate("document.title = 'Left behind'")
    visit.goto("/offline/")
    back(visit)
    visit.wait_for_url("**/sign-in/")
    expect(visit).to_have_title("Sign in · TorBox Web")
    assert visit.evaluate("localStorage.getItem('kept')") == "1"
