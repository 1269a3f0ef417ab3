"""Messages reach services as they expect them, and what the services answer is understood."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from notifications.channels.message import Message
from notifications.channels.sending import send
from notifications.models import Channel, Trouble
from notifications.services import channels
from tests.factories import make_user
from tests.notifications.receivers import Receiver, Reply, receiving

pytestmark = pytest.mark.django_db

MESSAGE = Message(
    id="5f2c8e0b9d1a4c7e8f3b6a5d4c2e1f00",
    title="“Sintel” is ready",
    lines=("2.1 GB, 3 files",),
    url="https://home.example/torbox/notifications/7/",
    download_url="https://home.example/torbox/torrents/3/download/",
    payload={"kind": "ready", "at": "2026-11-29T20:00:00Z", "torrents": [{"name": "Sintel"}]},
)


@pytest.fixture
def receiver():
    with receiving() as one:
        yield one


@pytest.fixture
def mara():
    return make_user("mara", "owner")


@pytest.fixture
def hook(mara, receiver: Receiver, settings) -> Channel:
    settings.NOTIFICATION_ORIGINS = {"https://hooks.example.org": receiver.origin}
    return channels.add(mara, "webhook", {"url": "https://hooks.example.org/in/Zx81kQ?key=s3cr3t-w0rd"})


def test_a_webhook_gets_signed_json(hook: Channel, receiver: Receiver):
    assert send(hook, MESSAGE).delivered
    got = receiver.only
    assert (got.method, got.path) == ("POST", "/in/Zx81kQ?key=s3cr3t-w0rd")
    assert got.headers["Content-Type"] == "application/json"
    assert got.json() == {
        **MESSAGE.payload, "id": MESSAGE.id, "title": MESSAGE.title, "body": MESSAGE.body, "url": MESSAGE.url
    }  # fmt: skip
    # As the receiver checks it: the secret that `add` showed, over id, timestamp, and body.
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    text = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-id"] == MESSAGE.id
    assert got.headers["webhook-signature"] == f"v1,{expected}"


ANSWERS = {
    "ok": (Reply(204), None, False, None),
    "server error": (Reply(500), Trouble.SERVICE_ERROR, True, None),
    "limited": (Reply(429, headers={"Retry-After": "7"}), Trouble.RATE_LIMITED, True, 7),
    "limited for days": (Reply(429, headers={"Retry-After": "999999"}), Trouble.RATE_LIMITED, True, 3600),
    "limited by JSON": (Reply(429, {"retry_after": 1.5}), Trouble.RATE_LIMITED, True, 1.5),
    "not found": (Reply(404), Trouble.GONE, False, None),
    "gone": (Reply(410), Trouble.GONE, False, None),
    "refused": (Reply(400), Trouble.REFUSED, False, None),
    "redirect": (Reply(302, headers={"Location": "/elsewhere"}), Trouble.REDIRECT, False, None),
}


@pytest.mark.parametrize(("reply", "trouble", "retry", "wait"), ANSWERS.values(), ids=ANSWERS)
def test_the_status_of_an_answer_says_what_came_of_it(hook, receiver: Receiver, reply, trouble, retry, wait):
    receiver.answers(reply)
    outcome = send(hook, MESSAGE)
    assert (outcome.trouble, outcome.retry, outcome.retry_after) == (trouble, retry, wait)
    assert outcome.status == (reply.status if trouble else None)
    assert len(receiver.received) == 1
