"""Push in Chromium: messages that arrive while the app is closed, what a click on them opens, and the switch for it.

DevTools delivers the messages, since no push service is within reach. A desktop of our own shows the notifications and
clicks them (tests/browser/desktop.py).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from notifications.channels.message import Message
from notifications.push.payload import payload
from tests.browser.conftest import ARGS, PATIENCE, is_problem, sign_in
from tests.browser.desktop import Desktop, desktop
from tests.needs import lacking
from tests.notifications.browsers import Browser

# The headless shell of the other tests shows no notifications.
WHOLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
READY = Message(
    id="5f0c",
    title="Sintel is ready",
    lines=("4.1 GB",),
    download_url=f"{settings.SITE_ORIGIN}/sign-in/?download",
)
NO_SERVICE = """
    const { endpoint, keys } = SUBSCRIPTION;
    const subscription = () => ({ endpoint, toJSON: () => ({ endpoint, keys }),
        options: { applicationServerKey: Uint8Array.from(JSON.parse(localStorage.subscribed)).buffer },
        unsubscribe: async () => { delete localStorage.subscribed; return true; } });
    PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
        if (!userVisibleOnly || applicationServerKey.length !== 65) throw new DOMException("no", "AbortError");
        localStorage.subscribed = JSON.stringify([...applicationServerKey]);
        return subscription();
    };
    PushManager.prototype.getSubscription = async () => (localStorage.subscribed ? subscription() : null);
"""
"""Stands for a push service. Without one, a browser hands out no subscription."""


NO_PAGES = """async () => {
    for (let left = 250; left && (await clients.matchAll({ includeUncontrolled: true })).length; left -= 1)
        await new Promise((resolve) => setTimeout(resolve, 20)); }"""


class Visitor:
    """A browser with a profile of its own, as people have, in which a desktop shows its notifications."""

    def __init__(self, context: Any, desktop: Desktop, url: str) -> None:
        self.context, self.desktop, self.url = context, desktop, url
        self.name = ""
        self.page: Page = context.pages[0]
        self.registrations: dict[str, str] = {}
        self.devtools = context.new_cdp_session(self.page)
        self.devtools.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        self.devtools.send("ServiceWorker.enable")

    def _registered(self, event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            self.registrations[one["scopeURL"]] = one["registrationId"]

    def enter(self, name: str) -> None:
        """Sign in, and wait for the service worker."""
        sign_in(self.page, name)
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    @property
    def subscribed(self) -> str:
        """The key that the browser subscribed with, or "" if it didn't."""
        return str(self.page.evaluate("localStorage.subscribed ?? ''"))

    def close_app(self) -> None:
        """Leave the app, and wait until its worker has no page."""
        self.page.goto("about:blank")
        self.context.service_workers[0].evaluate(NO_PAGES)

    def push(self, data: str | bytes) -> None:
        text = data if isinstance(data, str) else data.decode()
        where = {"origin": f"{self.url}/", "registrationId": self.registrations[f"{self.url}/"]}
        self.devtools.send("ServiceWorker.deliverPushMessage", {**where, "data": text})

    def shown(self) -> list[dict[str, Any]]:
        """What the worker says that it shows."""
        return self.context.service_workers[0].evaluate(
            """async () => (await registration.getNotifications()).map(
            ({ title, body, tag, lang, icon, badge, data, actions }) =>
            ({ title, body, tag, lang, icon, badge, data, actions }))"""
        )


@pytest.fixture
def visitor(stack, playwright):
    if WHOLE is None:
        lacking("Chromium with notifications is not installed.")
    profile, problems = tempfile.mkdtemp(prefix="torbox-web-profile-"), []
    with desktop() as (screen, environment):
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=WHOLE, args=ARGS, env={**os.environ, **environment}, base_url=stack.url,
            permissions=["notifications"], service_workers="allow",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        context.on("console", lambda said: problems.append(said.text) if is_problem(said) else None)
        yield Visitor(context, screen, stack.url)
        context.close()
    shutil.rmtree(profile, ignore_errors=True)
    assert not problems


@pytest.fixture
def film(visitor, household) -> str:
    """Sign the household's owner in, and return the path of a torrent."""
    visitor.enter(household)
    link = visitor.page.locator(".row", has_text="Sintel").locator(".row-title").first
    return str(link.get_attribute("href"))


def ready(path: str, **changes: Any) -> bytes:
    return payload(replace(READY, url=f"{settings.SITE_ORIGIN}{path}", **changes))


def test_a_message_that_arrives_while_the_app_is_closed_is_shown_and_its_click_opens_the_torrent(
    visitor: Visitor, film: str
):
    visitor.close_app()
    visitor.push(ready(film))
    on_screen = visitor.desktop.wait_for("Sintel is ready")
    assert "4.1 GB" in on_screen.body and "Download" in on_screen.actions
    [shown] = visitor.shown()
    assert (shown["title"], shown["body"], shown["lang"]) == ("Sintel is ready", "4.1 GB", "en")
    assert shown["data"]["url"] == f"{visitor.url}{film}"
    assert re.search(r"/icon-192\.\w+\.png$", shown["icon"]) and re.search(
        r"/badge-96\.\w+\.png$", shown["badge"]
    )
    for image in (shown["icon"], shown["badge"]):
        assert visitor.context.request.get(image).headers["content-type"] == "image/png"
    with visitor.context.expect_page() as opened:
        visitor.desktop.click(on_screen)
    expect(opened.value).to_have_url(f"{visitor.url}{film}")
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Sintel")
    assert visitor.shown() == []


def test_a_click_leads_an_open_page_to_the_torrent(visitor: Visitor, film: str):
    visitor.page.goto("/activity/")
    visitor.push(ready(film))
    visitor.desktop.click(visitor.desktop.wait_for("Sintel is ready"))
    expect(visitor.page).to_have_url(f"{visitor.url}{film}")
    assert len(visitor.context.pages) == 1


def test_the_button_of_a_notification_downloads(visitor: Visitor, film: str):
    visitor.close_app()
    visitor.push(ready(film))
    with visitor.context.expect_page() as opened:
        visitor.desktop.click(visitor.desktop.wait_for("Sintel is ready"), "Download")
    assert visitor.shown() == []
    opened.value.wait_for_load_state()


def test_a_message_that_is_sent_again_replaces_itself(visitor: Visitor, film: str):
    for title, name in (("First", "5f0c"), ("Second", "5f0c"), ("Another", "77aa")):
        visitor.push(ready(film, title=title, id=name))
        visitor.desktop.wait_for(title)
    assert sorted(one["title"] for one in visitor.shown()) == ["Another", "Second"]


@pytest.mark.parametrize(
    "data", ["no json", "null", "5", "{}", '{"title": {"a": 1}, "actions": 3, "url": []}']
)
def test_something_is_shown_for_every_message(visitor: Visitor, film: str, data: str):
    visitor.push(data)
    visitor.desktop.wait_for("[object Object]" if "title" in data else "TorBox Web")
    [shown] = visitor.shown()
    assert shown["data"] == {"url": f"{visitor.url}/", "download": ""} and shown["actions"] == []


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "http://["]
)
def test_a_notification_never_leads_to_another_site(visitor: Visitor, film: str, url: str):
    visitor.close_app()
    visitor.push(payload(replace(READY, url=url, download_url=url)))
    on_screen = visitor.desktop.wait_for("Sintel is ready")
    [shown] = visitor.shown()
    assert shown["data"] == {"url": f"{visitor.url}/", "download": f"{visitor.url}/"}
    with visitor.context.expect_page() as opened:
        visitor.desktop.click(on_screen)
    expect(opened.value).to_have_url(f"{visitor.url}/")


def test_open_pages_hear_of_a_message(visitor: Visitor, film: str):
    visitor.page.evaluate(
        """window.heard = new Promise((resolve) =>
        navigator.serviceWorker.addEventListener("message", ({ data }) => resolve(data))); null"""
    )
    visitor.push(ready(film))
    assert visitor.page.evaluate("window.heard") == {"type": "notification"}


@pytest.fixture
def subscriber(visitor: Visitor, stack) -> Visitor:
    """A browser that gets subscriptions, signed in as a person of its own, on the settings of notifications."""
    name = f"push{os.urandom(3).hex()}"
    stack.person(name)
    device = Browser.new(name)
    visitor.context.add_init_script(NO_SERVICE.replace("SUBSCRIPTION", device.address))
    visitor.name = name
    visitor.enter(name)
    visitor.page.goto("/me/notifications/")
    return visitor


def devices(page: Page) -> Locator:
    """The rows of devices, beside which there may be channels of the household."""
    return page.locator("[id^=channel-]", has_text="Chrome on Linux")


@pytest.fixture
def row(subscriber: Visitor):
    """The row of this browser, after push is turned on in it."""
    subscriber.page.get_by_role("button", name="Turn on").click()
    row = subscriber.page.locator("[id^=channel-][data-this-browser]")
    expect(row).to_contain_text("Chrome on Linux")
    return row


CHANGED = """async (before) => {
    for (let left = 500; left && (localStorage.subscribed ?? "") === before; left -= 1)
        await new Promise((resolve) => setTimeout(resolve, 20)); }"""


def in_new_tab(visitor: Visitor, tells: str) -> Page:
    """Return a page of another tab, which tells the server something about push by itself."""
    tab, before = visitor.context.new_page(), visitor.subscribed
    with tab.expect_response(f"**/push/{tells}/"):
        tab.goto("/me/notifications/")
    tab.evaluate(CHANGED, before)
    tab.reload()
    return tab


def test_the_switch_turns_push_on_and_off_for_this_browser(subscriber: Visitor, row):
    page = subscriber.page
    page.reload()
    expect(row).to_have_count(1)
    page.locator("push-switch summary").click()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    expect(row).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((key) => /push|subscribed/.test(key))") == []


def test_the_browser_takes_a_new_push_key_at_its_next_visit(subscriber: Visitor, row, stack):
    stack.manage("newpushkey")
    tab = in_new_tab(subscriber, "subscribe")
    expect(devices(tab)).to_have_count(1)  # the same one


def test_a_person_who_signs_in_again_after_their_session_ended_has_push_on(subscriber: Visitor, row):
    name = subscriber.name
    subscriber.context.clear_cookies()
    with subscriber.page.expect_response("**/push/subscribe/"):
        sign_in(subscriber.page, name)
    subscriber.page.goto("/me/notifications/")
    expect(row).to_contain_text("Chrome on Linux")


def test_a_person_who_signed_out_has_push_off_when_they_come_back(subscriber: Visitor, row):
    page = subscriber.page
    page.locator("menu-button.person summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    sign_in(page, subscriber.name)
    page.wait_for_load_state("networkidle")
    page.goto("/me/notifications/")
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    expect(devices(page)).to_have_count(0)


def test_a_device_that_was_removed_does_not_come_back_by_itself(subscriber: Visitor, row):
    page = subscriber.page
    page.locator("push-switch summary").click()
    page.locator("push-switch .danger").click()
    page.locator("dialog button[type=submit]").click()
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    tab = in_new_tab(subscriber, "unsubscribe")
    expect(tab.get_by_role("button", name="Turn on")).to_be_visible()
    assert tab.evaluate("localStorage.subscribed ?? ''") == ""


IPHONE = "delete window.PushManager; Object.defineProperty(navigator, 'platform', { value: 'iPhone' })"
STATES = {
    "insecure": ("Object.defineProperty(window, 'isSecureContext', { value: false })", "Push needs HTTPS."),
    "unsupported": ("delete window.PushManager", "This browser doesn’t support push."),
    "ios": (
        IPHONE,
        "On an iPhone, add TorBox Web to your home screen first.",
    ),
    "old-ios": (
        f"{IPHONE}; navigator.standalone = true",
        "Push needs iOS 16.4 or later.",
    ),
    "denied": ("Notification.requestPermission", "blocked for this site"),  # as it is without windows
}


@pytest.mark.parametrize("state", STATES)
def test_where_push_cannot_work_the_switch_says_why_and_has_no_button(page: Page, state: str):
    script, sentence = STATES[state]
    page.add_init_script(script)
    page.goto("/me/notifications/")
    expect(page.locator(f"push-switch [data-when={state}]")).to_contain_text(sentence)
    shown = page.locator("push-switch [data-when]:visible")
    expect(shown).to_have_count(1)
    expect(page.get_by_role("button", name="Turn on")).to_be_hidden()


def test_a_browser_without_a_push_service_says_so_and_nothing_changes(subscriber: Visitor):
    page = subscriber.page
    page.evaluate(
        """PushManager.prototype.subscribe = async () => { throw new DOMException("failed", "AbortError"); }; null"""
    )
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("push-switch [role=status]")).to_contain_text("can’t reach its push service")
    expect(page.get_by_role("button", name="Turn on")).to_be_enabled()


def test_a_refusal_of_the_server_is_shown_in_its_words(subscriber: Visitor):
    page = subscriber.page
    page.evaluate(
        """const usual = PushManager.prototype.subscribe;
        PushManager.prototype.subscribe = async function (options) {
            const made = await usual.call(this, options), { keys } = made.toJSON();
            return { ...made, toJSON: () => ({ endpoint: "https://push.example/1", keys }) };
        }; null"""
    )
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("push-switch [role=status]")).to_contain_text(
        "We don’t know your browser’s push service"
    )
