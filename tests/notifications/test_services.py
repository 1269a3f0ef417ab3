"""Messages reach services as they expect them, and what the services answer is understood."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from dataclasses import replace
from urllib.parse import parse_qs, quote_plus

import pytest

from notifications.channels.message import Message
from notifications.channels.sending import send
from notifications.models import Channel, Trouble
from notifications.services import channels
from tests.factories import make_user
from tests.notifications.receivers import Received, Receiver, Reply, receiving

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


SERVICES: dict[str, tuple[str, dict[str, str]]] = {
    "ntfy": ("https://ntfy.sh", {"topic": "torbox-8fH2kq", "token": "tk_0123456789abcdefghij"}),
    "gotify": ("https://push.example.org", {"server": "https://push.example.org/gotify", "token": "AbCdEf.1234567-"}),
    "discord": (
        "https://discord.com",
        {"url": "https://discord.com/api/webhooks/123456789012345678/wEbHoOkT0ken_secret-x9"},
    ),
    "telegram": ("https://api.telegram.org", {"token": "123456789:AAbotToken_secret-zzz", "chat": "-1001234567890"}),
    "slack": ("https://hooks.slack.com", {"url": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz"}),
    "matrix": (
        "https://matrix.example.org",
        {"server": "https://matrix.example.org", "token": "syt_bWFyYQ_secret", "room": "!kq8fH2:example.org"},
    ),
    "pushover": (
        "https://api.pushover.net",
        {"user": "uQiRzpo4DXghDmr9QzzfQu27cmVRsG", "token": "azGDORePK8gMaC0QOYAMyEEuzJnyUi"},
    ),
    "pushbullet": ("https://api.pushbullet.com", {"token": "o.secretTokenOfMara0123456789"}),
    "webhook": ("https://hooks.example.org", {"url": "https://hooks.example.org/in/Zx81kQ?key=s3cr3t-w0rd"}),
}  # fmt: skip
ACCEPTED = {"slack": "ok", "matrix": {"room_id": "!kq8fH2:example.org", "user_id": "@bot:example.org"}}


def add(person, kind: str, receiver: Receiver, settings) -> Channel:
    origin, fields = SERVICES[kind]
    settings.NOTIFICATION_ORIGINS = {origin: receiver.origin}
    receiver.answers(Reply(200, ACCEPTED.get(kind, {"ok": True})))
    return Channel.objects.get(pk=channels.add(person, kind, fields).pk)


WORDS = "“Sintel” is ready"
LINK = f"2.1 GB, 3 files\n{MESSAGE.url}"
EXPECTED = {
    "ntfy": ("POST", "/", {"topic": "torbox-8fH2kq", "title": WORDS, "message": "2.1 GB, 3 files"}),
    "gotify": ("POST", "/gotify/message", {"priority": 5, "title": WORDS, "message": LINK}),
    "discord": (
        "POST",
        "/api/webhooks/123456789012345678/wEbHoOkT0ken_secret-x9",
        {"tts": False, "wait": True, "flags": 4, "content": f"{WORDS}\r\n{LINK}"},
    ),
    "telegram": (
        "POST",
        "/bot123456789:AAbotToken_secret-zzz/sendMessage",
        {
            "chat_id": -1001234567890,
            "disable_notification": False,
            "disable_web_page_preview": True,
            "parse_mode": "HTML",
            "text": f"<b>{WORDS}</b>\r\n" + LINK.replace("\n", "\r\n"),
        },
    ),
    "slack": (
        "POST",
        "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz",
        {"mrkdwn": False, "attachments": [{"title": WORDS, "text": LINK, "color": "#3AA3E3"}]},
    ),
    "matrix": (
        "PUT",
        f"/_matrix/client/v3/rooms/%21kq8fH2%3Aexample.org/send/m.room.message/{MESSAGE.id}",
        {"msgtype": "m.text", "body": f"{WORDS}\n{LINK}"},
    ),
    "pushover": (
        "POST",
        "/1/messages.json",
        {
            "token": "azGDORePK8gMaC0QOYAMyEEuzJnyUi",
            "user": "uQiRzpo4DXghDmr9QzzfQu27cmVRsG",
            "title": WORDS,
            "message": "2.1 GB, 3 files",
            "url": MESSAGE.url,
        },
    ),
    "pushbullet": ("POST", "/v2/pushes", {"type": "note", "title": WORDS, "body": LINK}),
}
HEADERS = {
    "ntfy": {"Authorization": "Bearer tk_0123456789abcdefghij", "X-Click": MESSAGE.url},
    "gotify": {"X-Gotify-Key": "AbCdEf.1234567-"},
    "matrix": {"Authorization": "Bearer syt_bWFyYQ_secret"},
    "pushbullet": {"Authorization": f"Basic {base64.b64encode(b'o.secretTokenOfMara0123456789:').decode()}"},
}
SHOWN = {
    "ntfy": "ntfy.sh/•••••H2kq",
    "gotify": "push.example.org/•••••567-",
    "discord": "discord.com/•••••t-x9",
    "telegram": "Telegram/•••••7890",
    "slack": "hooks.slack.com/•••••nlaz",
    "matrix": "matrix.example.org/•••••",
    "pushover": "Pushover/•••••VRsG",
    "pushbullet": "Pushbullet/•••••6789",
    "webhook": "hooks.example.org/•••••",  # and nothing of a short secret
}


def in_body(got: Received) -> dict[str, object]:
    if got.headers["Content-Type"].startswith("application/x-www-form-urlencoded"):
        return {name: value for name, [value] in parse_qs(got.body.decode()).items()}
    return got.json()


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_service_gets_a_message_as_it_expects_it(mara, receiver: Receiver, settings, kind):
    channel = add(mara, kind, receiver, settings)
    assert send(channel, MESSAGE).delivered
    got = receiver.received[-1]
    assert len(receiver.received) == (3 if kind == "matrix" else 1)  # whoami and join come first
    method, path, body = EXPECTED[kind]
    assert (got.method, got.path) == (method, path)
    found = in_body(got)
    assert {name: found[name] for name in body} == body
    assert HEADERS.get(kind, {}).items() <= got.headers.items()
    assert got.headers["User-Agent"] == "TorBox Web" and "Cookie" not in got.headers


@pytest.mark.parametrize("kind", SERVICES)
def test_an_address_is_shown_without_its_secrets(mara, receiver: Receiver, settings, kind):
    channel = add(mara, kind, receiver, settings)
    assert channel.shown == SHOWN[kind]
    assert "gAAAA" in channel.encrypted_address


HOSTILE = "@everyone <!channel> <b>x</b> [a](https://evil.example) *b*"


@pytest.mark.parametrize("kind", ["discord", "slack", "telegram"])
def test_markup_in_a_name_stays_text(mara, receiver: Receiver, settings, kind):
    channel = add(mara, kind, receiver, settings)
    assert send(channel, replace(MESSAGE, title=HOSTILE, lines=(HOSTILE,))).delivered
    text = receiver.only.body.decode()
    if kind == "discord":
        assert "@everyone" not in text and "[a](" not in text and "<!" not in text.replace("\\\\<", "")
    else:
        assert "<!channel>" not in text and "<b>x" not in text


def test_a_long_list_is_cut_before_the_link(mara, receiver: Receiver, settings):
    channel = add(mara, "discord", receiver, settings)
    assert send(channel, replace(MESSAGE, lines=("A_very_long_name " * 40,) * 5)).delivered
    content = receiver.only.json()["content"]
    assert len(content) <= 2000 and content.endswith(f"…\n{MESSAGE.url}")


def test_urgent_messages_are_urgent_where_there_is_such_a_thing(mara, receiver: Receiver, settings):
    channel = add(mara, "ntfy", receiver, settings)
    assert send(channel, replace(MESSAGE, urgent=True)).delivered
    assert receiver.only.headers["X-Priority"] == "high"


def test_a_message_of_one_line_is_not_empty(mara, receiver: Receiver, settings):
    channel = add(mara, "ntfy", receiver, settings)
    assert send(channel, replace(MESSAGE, lines=())).delivered
    assert receiver.only.json() == {"topic": "torbox-8fH2kq", "message": WORDS}


REFUSALS = {
    "ntfy": (Reply(403, {"code": 40301, "http": 403, "error": "forbidden"}), "forbidden"),
    "gotify": (
        Reply(401, {"error": "Unauthorized", "errorCode": 401, "errorDescription": "you need a valid token"}),
        "you need a valid token",
    ),
    "discord": (Reply(404, {"message": "Unknown Webhook", "code": 10015}), "Unknown Webhook"),
    "telegram": (Reply(400, {"ok": False, "description": "Bad Request: chat not found"}), "Bad Request: chat not found"),
    "slack": (Reply(403, "action_prohibited"), "action_prohibited"),
    "matrix": (Reply(403, {"errcode": "M_FORBIDDEN", "error": "Not in the room"}), "Not in the room"),
    "pushover": (Reply(400, {"token": "invalid", "errors": ["token is invalid"]}), "token is invalid"),
    "pushbullet": (Reply(401, {"error": {"message": "Access token is missing."}}), "Access token is missing."),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_has_the_services_own_words(mara, receiver: Receiver, settings, kind):
    channel = add(mara, kind, receiver, settings)
    reply, words = REFUSALS[kind]
    receiver.answers(reply)
    outcome = send(channel, MESSAGE)
    expected = Trouble.GONE if reply.status == 404 else Trouble.REFUSED
    assert (outcome.trouble, outcome.status, outcome.retry) == (expected, reply.status, False)
    assert outcome.upstream_detail == words
    assert len(receiver.received) == 1


@pytest.mark.parametrize("kind", SERVICES)
def test_a_limit_is_told_at_once_with_its_time(mara, receiver: Receiver, settings, kind):
    """Plugins would wait and try again by themselves."""
    channel = add(mara, kind, receiver, settings)
    receiver.answers(Reply(429, {"message": "Slow down", "retry_after_ms": 9000}, {"Retry-After": "9"}))
    started = time.monotonic()
    outcome = send(channel, MESSAGE)
    assert (outcome.trouble, outcome.retry, outcome.retry_after) == (Trouble.RATE_LIMITED, True, 9)
    assert len(receiver.received) == 1 and time.monotonic() - started < 3


def test_a_service_may_refuse_with_a_200(mara, receiver: Receiver, settings):
    channel = add(mara, "slack", receiver, settings)
    receiver.answers(Reply(200, {"ok": False, "error": "channel_not_found"}))
    outcome = send(channel, MESSAGE)
    assert (outcome.trouble, outcome.upstream_detail) == (Trouble.REFUSED, "channel_not_found")


@pytest.mark.parametrize("kind", SERVICES)
def test_redirects_are_told_and_not_followed(mara, receiver: Receiver, settings, kind):
    channel = add(mara, kind, receiver, settings)
    with receiving() as elsewhere:
        receiver.answers(Reply(302, headers={"Location": f"{elsewhere.origin}/x"}))
        outcome = send(channel, MESSAGE)
        assert outcome.trouble == Trouble.REDIRECT
        assert len(receiver.received) == 1 and not elsewhere.received


@pytest.mark.parametrize("kind", SERVICES)
def test_an_answer_that_repeats_the_address_does_not_reveal_it(mara, receiver: Receiver, settings, kind):
    channel = add(mara, kind, receiver, settings)
    _, fields = SERVICES[kind]
    known = {"ntfy": ("https://ntfy.sh",), "gotify": ("https://push.example.org/gotify",)}.get(kind, ())
    secrets = [value for value in fields.values() if value not in ("https://matrix.example.org", *known)]
    parts = [part for value in secrets for part in re.split(r"[/:?&=]", value) if len(part) > 8]
    told = " ".join([*secrets, *map(quote_plus, secrets), *parts])
    receiver.answers(Reply(400, {"message": f"What is {told}?"}))
    detail = send(channel, MESSAGE).upstream_detail
    assert detail.startswith("What is ") and "•••" in detail
    open_parts = {
        "services",
        "webhooks",
        "discord.com",
        "hooks.slack.com",
        "hooks.example.org",
        "example.org",
    }
    assert not [part for part in {*secrets, *parts} - open_parts if part in detail]


def test_words_of_a_service_are_one_short_line(hook: Channel, receiver: Receiver):
    receiver.answers(Reply(400, "No\x00pe\r\n\u202e" + "x" * 5000))
    detail = send(hook, MESSAGE).upstream_detail
    assert detail.startswith("Nope x") and len(detail) <= 300


def test_a_message_in_another_script_stays_a_message(mara, receiver: Receiver, settings):
    """Beyond a limit in bytes, ntfy makes a file of it."""
    channel = add(mara, "ntfy", receiver, settings)
    assert send(channel, replace(MESSAGE, title="Готово" * 10, lines=("Солярис" * 300,) * 2)).delivered
    got = receiver.only.json()
    assert len(got["message"].encode()) <= 4096 and got["message"].endswith("…")


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
