"""People add, replace, rename, test, and remove channels."""

from __future__ import annotations

import logging
import traceback
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import crypto
from notifications.channels import kinds
from notifications.channels.address import address_of
from notifications.channels.message import Message
from notifications.channels.refusals import WORDS
from notifications.channels.sending import send
from notifications.models import Channel, Delivery, DeliveryState, PushKey, Trouble
from notifications.services import channels
from notifications.services.channels import ChannelRefused
from tests.factories import make_user
from tests.notifications.receivers import Reply, receiving
from tests.notifications.test_services import SERVICES
from tests.torrents.test_two_workers import race

pytestmark = pytest.mark.django_db

NTFY = {"topic": "torbox-8fH2kq"}
MESSAGE = Message(
    id="5f2c8e0b9d1a4c7e8f3b6a5d4c2e1f00", title="“Sintel” is ready", url="https://home.example/"
)


@pytest.fixture
def mara():
    return make_user("mara")


def anywhere(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def add(person, kind: str, fields: dict[str, str], **options) -> Channel:
    return channels.add(person, kind, fields, resolve=anywhere, **options)


def code_of(person, kind: str, fields: dict[str, str], **options) -> tuple[str, str]:
    with pytest.raises(ChannelRefused) as refused:
        add(person, kind, fields, **options)
    assert refused.value.code in WORDS
    return refused.value.code, refused.value.field


def test_an_address_is_stored_encrypted_and_shown_masked(mara):
    channel = add(mara, "ntfy", NTFY, label="  My   phone\x00 ")
    channel.refresh_from_db()
    assert (channel.kind, channel.label, channel.shown) == ("ntfy", "My phone", "ntfy.sh/•••••H2kq")
    assert "8fH2kq" not in str([getattr(channel, field.name) for field in Channel._meta.fields])
    assert address_of(channel).startswith("ntfys://ntfy.sh/torbox-8fH2kq")


PASTED = {
    "ntfy://torbox-8fH2kq": ("ntfy", {"topic": "torbox-8fH2kq"}),
    "ntfys://torbox-8fH2kq/": ("ntfy", {"topic": "torbox-8fH2kq"}),
    "ntfys://push.example.org:8443/films": ("ntfy", {"server": "https://push.example.org:8443", "topic": "films"}),
    "ntfys://tk_abc@push.example.org/films": (
        "ntfy", {"server": "https://push.example.org", "topic": "films", "token": "tk_abc"},
    ),
    "ntfys://push.example.org/films?token=tk_abc&auth=token": (
        "ntfy", {"server": "https://push.example.org", "topic": "films", "token": "tk_abc"},
    ),
    "gotifys://push.example.org/sub/AbCdEf.1234567": (
        "gotify", {"server": "https://push.example.org/sub", "token": "AbCdEf.1234567"},
    ),
    "discord://123456789012345678/wEbHoOkT0ken": (
        "discord", {"url": "https://discord.com/api/webhooks/123456789012345678/wEbHoOkT0ken"},
    ),
    "tgram://123456789:AAbotTokenzz/-1001234": ("telegram", {"token": "123456789:AAbotTokenzz", "chat": "-1001234"}),
    "tgram://bot123456789:AAbotTokenzz/12345?topic=7": (
        "telegram", {"token": "123456789:AAbotTokenzz", "chat": "12345:7"},
    ),
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz": (
        "slack", {"url": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz"},
    ),
    "matrixs://syt_secret_0@matrix.example.org/!kq8fH2:example.org": (
        "matrix",
        {"server": "https://matrix.example.org", "token": "syt_secret_0", "room": "!kq8fH2:example.org"},
    ),
    "matrixs://syt_secret_0@matrix.example.org/#films:example.org": (
        "matrix", {"server": "https://matrix.example.org", "token": "syt_secret_0", "room": "#films:example.org"},
    ),
    "pover://uQiRzpo4DXghDmr9QzzfQu27cmVRsG@azGDORePK8gMaC0QOYAMyEEuzJnyUi": (
        "pushover", {"user": "uQiRzpo4DXghDmr9QzzfQu27cmVRsG", "token": "azGDORePK8gMaC0QOYAMyEEuzJnyUi"},
    ),
    "pbul://o.secretToken0123": ("pushbullet", {"token": "o.secretToken0123"}),
    # What would weaken a request is dropped.
    "ntfys://push.example.org/films?verify=no&redirect=yes&attach=file:///etc/passwd&format=html&rto=900&cto=900&tags=x": (
        "ntfy", {"server": "https://push.example.org", "topic": "films"},
    ),
    "discord://123456789012345678/wEbHoOkT0ken?template=/etc/passwd&avatar_url=http://127.0.0.1/": (
        "discord", {"url": "https://discord.com/api/webhooks/123456789012345678/wEbHoOkT0ken"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("url", PASTED)
def test_a_pasted_url_of_apprise_is_the_same_as_the_form(mara, url):
    kind, fields = PASTED[url]
    pasted = add(mara, "", {"apprise_url": url})
    typed = add(make_user("olga"), kind, fields)
    assert pasted.kind == typed.kind == kind
    assert address_of(pasted) == address_of(typed)
    assert pasted.shown == typed.shown


def test_a_url_with_its_own_login_keeps_it(mara):
    with receiving() as receiver:
        url = f"ntfy://mara:p%40ss@127.0.0.1:{receiver.port}/films"
        olga = make_user("olga", "owner")
        channel = channels.add(olga, "", {"apprise_url": url}, household=True)
        assert send(channel, MESSAGE).delivered
        assert receiver.only.headers["Authorization"] == "Basic bWFyYTpwQHNz"


SEVERAL = [
    "ntfys://push.example.org/films/series", "ntfys://push.example.org/films?to=series",
    "tgram://123456789:AAbotTokenzz/12345/67890", "tgram://123456789:AAbotTokenzz/12345,67890",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlaz/#general", "matrixs://syt_secret_0@matrix.example.org/!a:b/!c:d",
    "pover://uQiRzpo4DXghDmr9QzzfQu27cmVRsG@azGDORePK8gMaC0QOYAMyEEuzJnyUi/phone", "pbul://o.secretToken0123/#x",
]  # fmt: skip


@pytest.mark.parametrize("url", SEVERAL)
def test_a_url_has_one_target(mara, url):
    assert code_of(mara, "", {"apprise_url": url}) == ("several", "apprise_url")


WRONG = {
    "no topic": ("ntfy", {}, ("missing", "topic")),
    "a topic with a slash": ("ntfy", {"topic": "a/b"}, ("malformed", "topic")),
    "a topic with a parameter": ("ntfy", {"topic": "a?verify=no"}, ("malformed", "topic")),
    "a server with a path": ("ntfy", {"topic": "a", "server": "https://x.example/y"}, ("malformed", "server")),
    "no token": ("gotify", {"server": "https://x.example"}, ("missing", "token")),
    "a token that is a path": ("gotify", {"server": "https://x.example", "token": "../../admin"}, ("malformed", "token")),
    "another host": ("discord", {"url": "https://discord.com.evil.example/api/webhooks/1/abcdefghi"}, ("malformed", "url")),
    "another page": ("discord", {"url": "https://discord.com/channels/1/2"}, ("malformed", "url")),
    "no bot": ("telegram", {"token": "abc", "chat": "1"}, ("malformed", "token")),
    "two chats": ("telegram", {"token": "123456789:AAbotTokenzz", "chat": "1/2"}, ("malformed", "chat")),
    "another hook": ("slack", {"url": "https://hooks.slack.com/triggers/A/B/C"}, ("malformed", "url")),
    "two rooms": ("matrix", {"server": "x.example", "token": "syt_secret", "room": "!a:b,!c:d"}, ("malformed", "room")),
    "a line break": ("pushbullet", {"token": "o.secret\nToken"}, ("malformed", "token")),
    "a huge token": ("pushbullet", {"token": "o" * 3000}, ("malformed", "token")),
    "push": ("push", {}, ("unknown_kind", "")),
    "nothing": ("", {}, ("unknown_kind", "")),
    "no mail server": ("email", {"address": "mara@example.org"}, ("no_mail_server", "")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "expected"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_an_address_names_its_field(mara, kind, fields, expected):
    assert code_of(mara, kind, fields) == expected
    assert not Channel.objects.exists()


def test_an_email_address_is_one(mara, settings):
    settings.MAIL_SERVER = object()
    for address in ("mara", "mara@", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"):
        assert code_of(mara, "email", {"address": address}) == ("malformed", "address")
    assert add(mara, "email", {"address": "mara@example.org"}).shown == "m•••@example.org"


def test_a_server_that_does_not_exist_is_told_at_once(mara):
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(ChannelRefused) as refused:
        channels.add(
            mara, "gotify", {"server": "https://tpyo.example", "token": "AbCdEf.12"}, resolve=unknown
        )
    assert refused.value.code == "unreachable"


def test_the_same_address_is_not_added_twice(mara, settings):
    add(mara, "ntfy", NTFY)
    assert code_of(mara, "ntfy", {**NTFY, "server": "ntfy.sh"}) == ("duplicate", "")
    add(mara, "webhook", {"url": "https://example.org/a"})
    assert code_of(mara, "webhook", {"url": "https://example.org/a"})[0] == "duplicate"
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["4QUPzvgDcwQAX_LhLUSnzTYNqYhSbcmsGlhWD4GtMFs=", *old]
    assert code_of(mara, "ntfy", NTFY)[0] == "duplicate"
    assert add(make_user("olga"), "ntfy", NTFY).pk


def test_a_person_has_at_most_20_channels(mara):
    for number in range(20):
        add(mara, "ntfy", {"topic": f"topic-{number}"})
    assert code_of(mara, "ntfy", NTFY)[0] == "too_many"
    channels.remove(Channel.objects.first())
    assert add(mara, "ntfy", NTFY).pk


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_make_no_more_channels_than_one_may_have(mara):
    for number in range(19):
        add(mara, "ntfy", {"topic": f"topic-{number}"})

    def make(topic: str) -> None:
        with suppress(ChannelRefused):
            add(mara, "ntfy", {"topic": topic})

    race(*[partial(make, topic) for topic in ("one", "two", "three", "four")], times=1)
    assert Channel.objects.count() == 20


def test_every_kind_has_a_name_and_a_form():
    for kind in kinds.KINDS:
        assert kinds.name_of(kind) and kinds.KINDS[kind].fields
    assert "email" not in kinds.offered()


def failing(channel: Channel) -> Delivery:
    """Let a channel fail, with one message that waits."""
    later = timezone.now() + timedelta(hours=1)
    Channel.objects.filter(pk=channel.pk).update(
        failing_since=timezone.now(),
        failures=3,
        retry_at=later,
        trouble=Trouble.GONE,
        status=404,
        upstream_detail="No",
    )
    channel.refresh_from_db()
    return Delivery.objects.create(channel=channel, person=channel.person, source="activity:1", due_at=later)


def test_a_new_address_ends_the_failure_and_sends_what_waits(mara):
    channel = add(mara, "ntfy", NTFY)
    waiting = failing(channel)
    held = Delivery.objects.create(
        channel=channel, person=mara, source="activity:2", held=True, due_at=waiting.due_at
    )
    channels.replace(channel, mara, {"topic": "another-8fH2kq"}, resolve=anywhere)
    channel.refresh_from_db()
    assert (channel.failing_since, channel.retry_at, channel.failures, channel.trouble) == (None, None, 0, "")
    assert (channel.status, channel.upstream_detail) == (None, "")
    assert "another-8fH2kq" in address_of(channel)
    for delivery in (waiting, held):
        delivery.refresh_from_db()
    assert waiting.due_at <= timezone.now() < held.due_at  # quiet hours go on


def test_a_refused_address_leaves_the_old_one(mara):
    channel = add(mara, "ntfy", NTFY)
    failing(channel)
    with pytest.raises(ChannelRefused):
        channels.replace(channel, mara, {"topic": "not a topic"})
    with pytest.raises(ChannelRefused):
        channels.replace(channel, mara, {"apprise_url": "pbul://o.secretToken0123"})
    stored = Channel.objects.get()
    assert stored.trouble == Trouble.GONE and "torbox-8fH2kq" in address_of(stored)


def test_the_same_address_may_be_saved_again(mara):
    channel = add(mara, "ntfy", NTFY)
    channels.replace(channel, mara, NTFY)
    assert Channel.objects.get().pk == channel.pk


def test_a_household_channel_gets_a_private_address_from_an_owner_only(mara):
    olga = make_user("olga", "owner")
    channel = channels.add(
        olga, "gotify", {"server": "http://192.168.1.20", "token": "AbCdEf.12"}, household=True
    )
    with pytest.raises(ChannelRefused):
        channels.replace(channel, mara, {"server": "http://192.168.1.21", "token": "AbCdEf.12"})
    channels.replace(channel, olga, {"server": "http://192.168.1.21", "token": "AbCdEf.12"})
    assert "192.168.1.21" in address_of(Channel.objects.get())


def test_a_webhook_shows_its_secret_once(mara):
    channel = add(mara, "webhook", {"url": "https://example.org/a"})
    assert channel.secret.startswith("whsec_") and channel.secret in address_of(channel)
    assert not hasattr(Channel.objects.get(), "secret")
    assert add(mara, "ntfy", NTFY).secret == ""


def test_renaming_and_removing(mara):
    channel = add(mara, "ntfy", NTFY)
    channels.rename(channel, "x" * 100)
    assert Channel.objects.get().label == "x" * 60
    failing(channel)
    channels.remove(channel)
    assert not Channel.objects.exists() and not Delivery.objects.exists()


def test_each_test_message_is_a_row_of_its_own(mara):
    channel = add(mara, "ntfy", NTFY)
    first, second = channels.send_test(channel, mara), channels.send_test(channel, mara)
    assert first.is_test and first.state == DeliveryState.WAITING and first.due_at <= timezone.now()
    assert first.source != second.source


NEW = "4QUPzvgDcwQAX_LhLUSnzTYNqYhSbcmsGlhWD4GtMFs="


def test_rotatekeys_covers_channels_and_the_key_of_push(mara, settings, capsys):
    hook = add(mara, "webhook", {"url": "https://example.org/a"})
    add(mara, "ntfy", NTFY)
    PushKey.objects.create(public="x", encrypted_private=crypto.encrypt("private"))
    addresses = [address_of(channel) for channel in Channel.objects.all()]
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    call_command("rotatekeys")
    assert capsys.readouterr().out == "Re-encrypted 0 API keys, 2 channels, and 1 push key.\n"
    settings.ENCRYPTION_KEYS = [NEW]
    assert [address_of(channel) for channel in Channel.objects.all()] == addresses
    assert crypto.decrypt(PushKey.objects.get().encrypted_private) == "private"
    assert code_of(mara, "webhook", {"url": "https://example.org/a"})[0] == "duplicate"
    assert hook.secret in addresses[0]


def test_an_address_of_another_key_is_unreadable(mara, settings):
    channel = add(mara, "ntfy", NTFY)
    settings.ENCRYPTION_KEYS = [NEW]
    outcome = send(channel, MESSAGE)
    assert (outcome.trouble, outcome.retry) == (Trouble.UNREADABLE, False)


ANSWERS = [
    Reply(200, {"ok": True}),
    Reply(404, {"error": "no"}),
    Reply(500, "x"),
    Reply(302, headers={"Location": "/x"}),
]


@pytest.mark.parametrize("kind", SERVICES)
def test_no_log_line_and_no_error_has_a_part_of_an_address(mara, settings, caplog, capfd, kind):
    """At the most talkative level, whether a service takes the message, refuses it, or isn't there."""
    origin, fields = SERVICES[kind]
    secrets = [
        value.rpartition("/")[2] for value in fields.values() if value != origin and value[-6:] != "gotify"
    ]
    for name in (None, "apprise", "urllib3", "urllib3.connectionpool"):
        caplog.set_level(logging.NOTSET + 1, logger=name)
    said = []
    with receiving() as receiver:
        settings.NOTIFICATION_ORIGINS = {origin: receiver.origin}
        channel = add(mara, kind, fields)
        said.append(repr(channel) + str(channel) + repr(kinds.build(kind, fields)))
        for answer in ANSWERS:
            receiver.answers(answer)
            said.append(repr(send(channel, MESSAGE)))
        assert len(receiver.received) >= len(ANSWERS)
    said.append(repr(send(channel, MESSAGE)))  # it is gone
    try:
        add(mara, kind, fields)
    except ChannelRefused as error:
        said.append("".join(traceback.format_exception(error)))
    captured = capfd.readouterr()
    text = "".join([*said, caplog.text, captured.out, captured.err])
    assert "duplicate" in text
    assert not [secret for secret in secrets if secret in text]
