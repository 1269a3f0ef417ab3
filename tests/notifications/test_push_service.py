"""Messages to browsers through a push service, which is a server of the tests that decrypts what it gets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from py_vapid import Vapid02

from accounts import crypto
from notifications.channels import outgoing
from notifications.channels.message import Message
from notifications.models import Trouble
from notifications.push import sending, vapid
from tests.notifications.browsers import FCM, Browser
from tests.notifications.receivers import Receiver, Reply, receiving

pytestmark = pytest.mark.django_db
READY = Message(
    id="5f0c",
    title="Sintel is ready",
    lines=("4.1 GB", "3 files"),
    url="http://localhost/torrents/7/",
    download_url="http://localhost/torrents/7/download/",
    language="de",
    payload={"kind": "ready"},
)
LONG = replace(READY, lines=tuple(f"{number}. “Ein Film” — 映画 {number}" for number in range(1000)))


@pytest.fixture
def service(settings):
    with receiving() as service:
        settings.NOTIFICATION_ORIGINS = {FCM: service.origin}
        yield service


@pytest.fixture
def browser() -> Browser:
    return Browser.new("the-device-of-greta")


def headers_of(service: Receiver) -> dict[str, str]:
    return {name.lower(): value for name, value in service.only.headers.items()}


def test_a_browser_reads_the_message_that_the_service_passed_on(service, browser):
    service.answers(Reply(201, ""))
    assert sending.send(browser.address, READY).delivered
    assert (service.only.method, service.only.path) == ("POST", "/fcm/send/the-device-of-greta")
    content = browser.read(service.only.body)
    assert content.pop("tag")
    assert content == {
        "id": "5f0c",
        "title": "Sintel is ready",
        "body": "4.1 GB\n3 files",
        "url": "/torrents/7/",
        "download": "/torrents/7/download/",
        "download_title": "Herunterladen",
        "language": "de",
    }


def test_the_service_learns_who_sends_how_long_to_keep_it_and_nothing_of_the_content(service, browser):
    sending.send(browser.address, READY)
    headers = headers_of(service)
    assert Vapid02.verify(headers["authorization"])
    assert (headers["ttl"], headers["content-encoding"], headers["urgency"]) == ("86400", "aes128gcm", "high")
    told = json.dumps(headers) + service.only.body.decode("latin-1")
    assert "Sintel" not in told and "5f0c" not in told


@pytest.mark.parametrize(
    ("changes", "urgency"),
    [({"payload": {"kind": "added"}}, "normal"), ({"payload": {"kind": "expiring"}, "urgent": True}, "high")],
)
def test_only_what_is_ready_or_urgent_wakes_a_device(service, browser, changes: dict[str, Any], urgency):
    sending.send(browser.address, replace(READY, **changes))
    assert headers_of(service)["urgency"] == urgency


def test_a_message_that_is_sent_again_replaces_itself_at_the_service_and_on_the_screen(service, browser):
    for message in (READY, READY, replace(READY, id="other")):
        sending.send(browser.address, message)
    topics = [received.headers["Topic"] for received in service.received]
    tags = [browser.read(received.body)["tag"] for received in service.received]
    assert topics[0] == topics[1] != topics[2] and tags[0] == tags[1] != tags[2]
    assert all(len(topic) == 32 and topic.replace("-", "").replace("_", "").isalnum() for topic in topics)


def test_a_long_message_is_cut_at_its_end_to_what_every_service_takes(service, browser):
    assert sending.send(browser.address, LONG).delivered
    body = browser.read(service.only.body)["body"]
    assert 2500 < len(browser.decrypt(service.only.body)) <= 3000
    assert body.endswith("…") and LONG.body.startswith(body[:-1]) and len(service.only.body) < 4096


def test_text_that_no_encoding_knows_is_sent_all_the_same(service, browser):
    assert sending.send(
        browser.address, replace(READY, title="Sintel \ud800" + "x" * 9000, lines=())
    ).delivered
    assert len(browser.read(service.only.body)["title"]) == 200


def test_a_service_that_finds_a_message_too_large_gets_a_shorter_one(service, browser):
    service.answers(Reply(413, "Payload too large"), Reply(201, ""))
    assert sending.send(browser.address, LONG).delivered
    first, second = (browser.decrypt(received.body) for received in service.received)
    assert len(second) <= 1000 < len(first)
    assert json.loads(second)["title"] == "Sintel is ready"


def test_a_service_that_finds_every_message_too_large_has_refused_it(service, browser):
    service.answers(Reply(413, "Payload too large"))
    outcome = sending.send(browser.address, LONG)
    assert (outcome.trouble, outcome.retry, outcome.status) == (Trouble.REFUSED, False, 413)
    assert len(service.received) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_ended_is_gone_for_good(service, browser, status):
    service.answers(Reply(status, "NotRegistered"))
    outcome = sending.send(browser.address, READY)
    assert (outcome.trouble, outcome.retry, outcome.status) == (Trouble.GONE, False, status)


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(429, Trouble.RATE_LIMITED), (500, Trouble.SERVICE_ERROR), (503, Trouble.SERVICE_ERROR)],
)
def test_a_busy_service_gets_the_message_again_when_it_says(service, browser, status, trouble):
    service.answers(Reply(status, "", {"Retry-After": "120"}))
    outcome = sending.send(browser.address, READY)
    assert (outcome.trouble, outcome.retry, outcome.retry_after) == (trouble, True, 120)


def test_a_refusal_comes_with_the_services_own_words_without_the_endpoint(service, browser):
    service.answers(Reply(403, f"{browser.endpoint} (/fcm/send/the-device-of-greta): the key doesn’t match"))
    outcome = sending.send(browser.address, READY)
    assert (outcome.trouble, outcome.retry, outcome.status) == (Trouble.REFUSED, False, 403)
    assert "the key doesn’t match" in outcome.upstream_detail and "greta" not in outcome.upstream_detail


def test_a_redirect_is_not_followed(service, browser):
    service.answers(Reply(307, "", {"Location": f"{service.origin}/elsewhere"}))
    assert sending.send(browser.address, READY).trouble == Trouble.REDIRECT
    assert len(service.received) == 1


def test_a_silent_service_is_given_up_after_a_while(service, browser, monkeypatch):
    monkeypatch.setattr(outgoing, "READ_SECONDS", 0.3)
    service.answers(Reply(silent=30))
    outcome = sending.send(browser.address, READY)
    assert (outcome.trouble, outcome.retry) == (Trouble.TIMEOUT, True)


def test_a_service_that_is_down_is_tried_again(service, browser):
    service.close()
    outcome = sending.send(browser.address, READY)
    assert (outcome.trouble, outcome.retry) == (Trouble.UNREACHABLE, True)


def test_a_stored_endpoint_is_checked_once_more_before_anything_is_sent(service, browser):
    stored = browser.address.replace("fcm.googleapis.com", "169.254.169.254")
    outcome = sending.send(stored, READY)
    assert (outcome.trouble, outcome.retry) == (Trouble.BAD_ADDRESS, False)
    assert not service.received


@pytest.mark.parametrize("address", ["", "{}", "[]", "null", '{"endpoint": 5, "keys": {}}'])
def test_an_address_that_is_no_subscription_sends_nothing(service, address):
    assert sending.send(address, READY).trouble == Trouble.BAD_ADDRESS
    assert not service.received


def test_messages_wait_while_the_push_key_cannot_be_read(service, browser, settings):
    vapid.public_key()
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode(), *(kept := settings.ENCRYPTION_KEYS)][
        :1
    ]
    outcome = sending.send(browser.address, READY)
    assert (outcome.trouble, outcome.retry) == (Trouble.UNREADABLE, True) and not service.received
    settings.ENCRYPTION_KEYS = kept
    assert sending.send(browser.address, READY).delivered
