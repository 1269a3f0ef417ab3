"""Settings › Notifications as people use it: channels, their tests, and what goes where, by pointer, keyboard, and thumb."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, sign_in
from tests.browser.looking import check
from tests.notifications.receivers import Receiver, Reply, receiving

ADDRESS = "/me/notifications/"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def service() -> Iterator[Receiver]:
    """Run a server in the household's own network, in place of ntfy and a program with a webhook."""
    with receiving() as receiver:
        yield receiver


def settings_of(stack: Stack, page: Page, name: str, command: str = "createowner") -> str:
    """Sign in as a new person, whose name begins like this, open the page, and return the name."""
    name = f"{name}-{os.urandom(3).hex()}"
    stack.person(name, command=command)
    sign_in(page, name)
    page.goto(ADDRESS)
    return name


def add_ntfy(page: Page, service: Receiver, topic: str) -> None:
    """Add a channel for the household in the dialog, called like its topic."""
    page.get_by_role("button", name="Add a channel").click()
    page.get_by_role("dialog").get_by_role("link", name="ntfy").click()
    dialog = page.get_by_role("dialog", name="Add ntfy")
    dialog.get_by_label("Topic").fill(topic)
    dialog.get_by_label("Server").fill(service.origin)
    dialog.get_by_label("Name (optional)").fill(topic)
    dialog.get_by_label("For the household").check()
    dialog.get_by_role("button", name="Add channel").click()
    expect(line(page, topic)).to_be_visible()


def line(page: Page, name: str):
    return page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True)).first


def has_axe_nothing_to_say(page: Page, name: str) -> None:
    check(page, name, "main")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_owner_adds_a_household_channel_and_sees_what_the_service_answers(
    stack: Stack, open_page, service
):
    topic = "films-8fH2kq"
    page = open_page(reduced_motion="reduce")
    settings_of(stack, page, "nadia")
    add_ntfy(page, service, topic)
    channel = line(page, topic)
    expect(channel).to_contain_text("•••••H2kq · for the household")
    channel.get_by_role("button", name=f"Send a test to {topic}").click()
    expect(channel).to_contain_text("Delivered just now")
    assert len(service.received) == 1

    service.answers(Reply(403, {"code": 40301, "http": 403, "error": "forbidden by the server"}))
    channel.get_by_role("button", name=f"Send a test to {topic}").click()
    answer = channel.locator(".answer [data-tone=failed]")
    expect(answer).to_contain_text("ntfy")
    expect(channel.locator(".body [data-tone=failed]")).to_contain_text("Not delivered since")
    has_axe_nothing_to_say(page, "failing channel")

    page.reload()
    service.answers(Reply())
    channel.get_by_role("button", name="Replace URL").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Topic").fill("another-topic")
    dialog.get_by_label("Server").fill(service.origin)
    dialog.get_by_role("button", name="Replace").click()
    expect(channel).to_contain_text("•••••opic · for the household")
    channel.get_by_role("button", name=f"Send a test to {topic}").click()
    expect(channel).to_contain_text("Delivered just now")

    theirs = open_page()
    settings_of(stack, theirs, "nadias-guest", "createperson")
    expect(line(theirs, topic)).to_contain_text("ntfy · for the household")
    assert "opic" not in theirs.content() and service.origin not in theirs.content()


def test_the_secret_of_a_webhook_is_shown_until_the_page_is_left(stack: Stack, open_page, service):
    page = open_page(reduced_motion="reduce")
    settings_of(stack, page, "wendy")
    page.get_by_role("button", name="Add a channel").click()
    page.get_by_role("dialog").get_by_role("link", name="Webhook").click()
    dialog = page.get_by_role("dialog", name="Add Webhook")
    dialog.get_by_label("URL").fill(f"{service.origin}/hook")
    dialog.get_by_label("For the household").check()
    dialog.get_by_role("button", name="Add channel").click()
    secret = page.get_by_label("Signing secret").input_value()
    assert secret.startswith("whsec_")
    has_axe_nothing_to_say(page, "signing secret")
    page.get_by_role("link", name="Done").click()
    expect(line(page, "Webhook")).to_be_visible()
    assert secret not in page.content()
    page.get_by_label("More actions for Webhook").click()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(line(page, "Webhook")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Removed")


def test_boxes_are_chosen_by_keyboard(stack: Stack, open_page):
    key = str(uuid.uuid4())
    name = f"kim-{key[:6]}"
    stack.sim.control.seed(accounts=[{"key": key, "name": name, "plan": "pro"}])
    stack.person(name, key)
    page = open_page(reduced_motion="reduce")
    sign_in(page, name)
    page.goto(ADDRESS)
    page.get_by_label("Failed: Bell", exact=True).press("Space")
    page.get_by_label("Hours until a torrent counts as stalled").press("2")  # as “2 days” begins
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_label("Plan about to end: Bell").press("Space")
    page.get_by_label("Quiet from").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    for event in ("Failed", "Stalled", "Plan about to end"):
        expect(page.get_by_label(f"{event}: Bell", exact=True)).not_to_be_checked()
    expect(page.get_by_label("Ready: Bell")).to_be_checked()
    expect(page.get_by_label("Hours until a torrent counts as stalled")).to_have_value("48")


def test_on_a_phone_an_event_is_a_line_that_opens_its_boxes(stack: Stack, open_page):
    page = open_page(viewport=PHONE, reduced_motion="reduce")
    settings_of(stack, page, "phoebe")
    ready = page.get_by_role("group", name="Ready")
    expect(ready.locator("summary")).to_contain_text("Bell")
    expect(page.get_by_label("Ready: Bell")).to_be_hidden()
    ready.locator("summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Ready: Bell").uncheck()
    expect(ready.locator("summary")).to_contain_text("Off")
    stalled = page.locator(".event", has=page.locator("select"))
    stalled.locator("summary").click()
    stalled.get_by_label("Hours until a torrent counts as stalled").select_option("12")
    expect(stalled.locator("summary")).to_contain_text("Stalled for 12 hours")
    has_axe_nothing_to_say(page, "boxes on a phone")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(ready.locator("summary")).to_contain_text("Off")
    expect(stalled.locator("summary")).to_contain_text("Stalled for 12 hours")


def test_it_is_complete_without_javascript(stack: Stack, open_page, service):
    page = open_page(viewport=PHONE, java_script_enabled=False)
    settings_of(stack, page, "otto")
    page.get_by_role("button", name="Add a channel").click()
    page.get_by_role("link", name="ntfy").click()
    page.get_by_label("Topic").fill("torbox-plain")
    page.get_by_label("Server").fill(service.origin)
    page.get_by_label("Name (optional)").fill("Plain")
    page.get_by_label("For the household").check()
    page.get_by_role("button", name="Add channel").click()
    channel = line(page, "Plain")
    channel.get_by_role("button", name="Send a test to Plain").click()
    for _ in range(100):
        if channel.get_by_text("Delivered").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(channel).to_contain_text("Delivered")

    added = page.locator(".event", has_text="Someone adds a torrent")
    added.locator("summary").click()
    number = (channel.get_attribute("id") or "").removeprefix("channel-")
    page.locator(f"[name=added-{number}]").check()
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".errorlist")).to_have_text("Enter both times, or clear both to have no quiet hours.")
    page.get_by_label("Quiet until").fill("07:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(added.locator("summary")).not_to_contain_text("Off")
    expect(page.locator(f"[name=added-{number}]")).to_be_checked()
    expect(page.get_by_label("Quiet from")).to_have_value("22:00")


def test_many_channels_scroll_beside_the_names(stack: Stack, open_page):
    page = open_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    name = settings_of(stack, page, "many")
    stack.manage("shell", "-v", "0", "-c", MANY.replace("NAME", name))
    page.reload()
    table = page.locator(".matrix-scroll")
    assert table.evaluate("it => it.scrollWidth > it.clientWidth")
    last = page.get_by_label("Ready: Topic 6")
    last.focus()
    expect(last).to_be_in_viewport()
    expect(page.locator("#event-ready")).to_be_in_viewport()
    has_axe_nothing_to_say(page, "many channels")


MANY = """
from accounts.models import User
from notifications.services import channels
for number in range(7):
    channels.add(User.objects.get(username="NAME"), "ntfy", {"topic": f"many-{number}"}, label=f"Topic {number}")
"""
