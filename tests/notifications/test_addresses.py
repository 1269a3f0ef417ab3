"""Messages never reach where they may not: by role, when a channel is saved and each time that one is sent."""

from __future__ import annotations

import re

import pytest

from notifications.channels import apprise_channels
from notifications.channels.message import Message
from notifications.channels.outgoing import GuardedSession, NotSent, Reach, check
from notifications.channels.sending import send
from notifications.models import Channel, Trouble
from notifications.services import channels
from notifications.services.channels import ChannelRefused
from tests.factories import make_user
from tests.notifications.receivers import receiving
from tests.notifications.test_services import SERVICES

pytestmark = pytest.mark.django_db

MESSAGE = Message(
    id="5f2c8e0b9d1a4c7e8f3b6a5d4c2e1f00", title="“Sintel” is ready", url="https://home.example/"
)
PUBLIC = "93.184.215.14"
LOCAL, NEVER, OPEN = "local", "never", "open"
# What is at the other end: open to everyone, local (for the household's channels only), or closed to all.
HOSTS = {
    PUBLIC: OPEN,
    "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]": OPEN,
    "127.0.0.1": LOCAL,
    "127.8.9.10": LOCAL,
    "localhost": LOCAL,
    "10.1.2.3": LOCAL,
    "172.16.0.9": LOCAL,
    "192.168.1.20": LOCAL,
    "100.64.3.4": LOCAL,
    "[::1]": LOCAL,
    "[fd12:3456::1]": LOCAL,
    "[::ffff:127.0.0.1]": LOCAL,
    "[::ffff:192.168.1.20]": LOCAL,
    "[64:ff9b::c0a8:114]": LOCAL,  # 192.168.1.20 by NAT64
    "2130706433": LOCAL,  # 127.0.0.1 as one number
    "0x7f000001": LOCAL,
    "0x7f.1": LOCAL,
    "0177.0.0.1": LOCAL,
    "127.1": LOCAL,
    "169.254.169.254": NEVER,
    "0xa9fea9fe": NEVER,
    "[::ffff:169.254.169.254]": NEVER,
    "[64:ff9b::a9fe:a9fe]": NEVER,
    "[fe80::1]": NEVER,
    "[fd00:ec2::254]": NEVER,
    "100.100.100.200": NEVER,
    "0.0.0.0": NEVER,
    "[::]": NEVER,
    "224.0.0.1": NEVER,
    "255.255.255.255": NEVER,
    "[ff02::1]": NEVER,
    "[2002:7f00:1::]": NEVER,  # 127.0.0.1 by 6to4
}
# What a resolver answers, without the other spellings, which it turns into these.
ADDRESSES = [
    host.strip("[]") for host in HOSTS if host[0] == "[" or re.fullmatch(r"([1-9]\d*\.){3}\d+", host)
]
WHO = {
    "a member": ("member", False, {OPEN}),
    "an owner": ("owner", False, {OPEN}),
    "the household": ("owner", True, {OPEN, LOCAL}),
}


def added(person, url: str, *, household: bool = False, **options) -> Channel:
    return channels.add(person, "webhook", {"url": url}, household=household, **options)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("role", "household", "allowed"), WHO.values(), ids=WHO)
def test_who_may_save_which_address(role, household, allowed, host):
    person = make_user("mara", role)
    if HOSTS[host] in allowed:
        assert added(person, f"https://{host}/hook", household=household).pk
        return
    with pytest.raises(ChannelRefused) as refused:
        added(person, f"https://{host}/hook", household=household)
    assert refused.value.code == "private_address"
    assert not Channel.objects.exists()


def resolving(*answers: str):
    """Return a resolver that gives each of these answers once, and the last one for ever."""
    rest = list(answers)
    return lambda host, port: [rest.pop(0) if len(rest) > 1 else rest[0]]


@pytest.mark.parametrize("host", ADDRESSES)
@pytest.mark.parametrize(("role", "household", "allowed"), WHO.values(), ids=WHO)
def test_a_name_is_looked_up_again_for_each_message(role, household, allowed, host):
    """At the first look it was public (DNS rebinding)."""
    channel = added(
        make_user("mara", role), "https://box.example.org/", household=household, resolve=resolving(PUBLIC)
    )
    if (HOSTS.get(host) or HOSTS[f"[{host}]"]) in allowed:
        check("https", "box.example.org", 443, Reach(household, resolving(host)))  # as for each message
    else:
        outcome = send(channel, MESSAGE, resolve=resolving(host))
        assert (outcome.trouble, outcome.retry) == (Trouble.PRIVATE_ADDRESS, False)


def test_no_connection_arrives_at_a_refused_address():
    with receiving() as receiver:
        url = f"https://box.example.org:{receiver.port}/"
        channel = added(make_user("mara"), url, resolve=resolving(PUBLIC))
        outcome = send(channel, MESSAGE, resolve=resolving("127.0.0.1"))
        assert (outcome.trouble, outcome.retry) == (Trouble.PRIVATE_ADDRESS, False)
        assert receiver.connections == 0
        # The same address, for whom it is allowed: it arrives, so the one above would have too.
        channel.household = True
        channel.person.role = "owner"
        send(channel, MESSAGE, resolve=resolving("127.0.0.1"))
        assert receiver.connections > 0


def test_the_connection_goes_to_the_address_that_was_checked():
    """The name resolves to a public address if it is looked up again, which must not happen."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else [PUBLIC]

    with receiving() as receiver:
        with GuardedSession(Reach(private=True, resolve=resolve)) as session:
            session.get(f"http://box.example.org:{receiver.port}/x")
        assert asked == ["box.example.org"]
        assert receiver.only.path == "/x" and receiver.only.headers["Host"].startswith("box.example.org")


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    channel = added(make_user("mara"), "https://box.example.org/", resolve=resolving(PUBLIC))
    outcome = send(channel, MESSAGE, resolve=lambda host, port: [PUBLIC, "10.0.0.1"])
    assert outcome.trouble == Trouble.PRIVATE_ADDRESS


def test_a_person_who_is_no_longer_an_owner_reaches_no_private_network():
    mara = make_user("mara", "owner")
    with receiving() as receiver:
        channel = added(mara, f"http://127.0.0.1:{receiver.port}/", household=True)
        assert send(channel, MESSAGE).delivered
        mara.role = "member"
        mara.save()
        assert send(Channel.objects.get(), MESSAGE).trouble == Trouble.BAD_ADDRESS
        assert len(receiver.received) == 1


def test_only_owners_add_channels_of_the_household():
    with pytest.raises(ChannelRefused) as refused:
        added(make_user("mara"), f"https://{PUBLIC}/", household=True)
    assert refused.value.code == "not_owner"


HTTP = {
    "a member": ("member", False, PUBLIC),
    "a member, private": ("member", False, "192.168.1.20"),
    "the household on the internet": ("owner", True, PUBLIC),
}


@pytest.mark.parametrize(("role", "household", "host"), HTTP.values(), ids=HTTP)
def test_without_tls_only_the_household_in_a_private_network(role, household, host):
    with pytest.raises(ChannelRefused) as refused:
        added(make_user("mara", role), f"http://{host}/", household=household)
    assert refused.value.code == "needs_https"


@pytest.mark.parametrize("kind", SERVICES)
def test_no_service_gets_past_the_guard(settings, kind):
    """Every plugin asks our resolver, and stops at an address that is refused."""
    _, fields = SERVICES[kind]
    channel = channels.add(make_user("mara"), kind, fields, resolve=resolving(PUBLIC))
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["169.254.169.254"]

    assert send(channel, MESSAGE, resolve=resolve).trouble == Trouble.PRIVATE_ADDRESS
    assert asked == [SERVICES[kind][0].removeprefix("https://")]


@pytest.mark.parametrize("kind", apprise_channels.PLUGINS)
def test_plugins_have_only_the_guarded_part_of_requests(kind):
    module = __import__(apprise_channels.load(kind).__module__, fromlist=["requests"])
    for name in ("Session", "session", "sessions", "api", "adapters"):
        with pytest.raises(AttributeError):
            getattr(module.requests, name)
    with pytest.raises(LookupError):  # no message is being sent
        module.requests.post("https://ntfy.sh/")


REFUSED_URLS = [
    "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "//example.org/", "example.org",
    "https://", "https:///path", "https://user:password@example.org/", "https://user@example.org/",
    "https://example.org:0/", "https://example.org:99999/", "https://example.org:x/", "https://exa mple.org/",
    "https://example.org\\@evil.example/", "https://[::1", "https://[fe80::1%25eth0]/", "https://example.org/\x00",
    "javascript:alert(1)", "data:text/plain,x", "unix:///run/docker.sock",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(ChannelRefused) as refused:
        added(make_user("mara", "owner"), url, household=True)
    assert refused.value.code == "malformed" and refused.value.field == "url"
    with pytest.raises(NotSent) as stopped, GuardedSession(Reach(private=True)) as session:
        session.post(url)
    assert stopped.value.trouble == Trouble.BAD_ADDRESS


OTHER_SCHEMES = [
    "file:///etc/passwd", "syslog://localhost", "dbus://", "gnome://", "macosx://", "windows://",
    "mailto://user:password@gmail.com", "mailtos://user:password@example.org", "json://192.168.1.1/",
    "jsons://example.org/", "xml://example.org/", "form://example.org/", "forms://example.org/", "apprise://example.org/t",
    "exec://x", "smtp://example.org", "mqtt://example.org/t", "https://discord.com/api/webhooks/1/abcdefghi", "ntfy:topic",
    "tgram",
]  # fmt: skip


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_urls_of_other_services_are_refused(url):
    with pytest.raises(ChannelRefused) as refused:
        channels.add(make_user("mara", "owner"), "", {"apprise_url": url}, household=True)
    assert (refused.value.code, refused.value.field) == ("scheme", "apprise_url")
    assert not Channel.objects.exists()


SERVER_KINDS = {
    "ntfy": {"topic": "films"},
    "gotify": {"token": "AbCdEf.1234567"},
    "matrix": {"token": "syt_secret_0", "room": "!a:b"},
}


@pytest.mark.parametrize("kind", SERVER_KINDS)
def test_servers_of_services_follow_the_same_rules(kind):
    fields = {"server": "https://192.168.1.20:8443", **SERVER_KINDS[kind]}
    with pytest.raises(ChannelRefused) as refused:
        channels.add(make_user("mara"), kind, fields)
    assert refused.value.code == "private_address"
    assert channels.add(make_user("olga", "owner"), kind, fields, household=True).pk


@pytest.mark.parametrize("kind", ["ntfy", "gotify"])
def test_a_server_at_home_gets_messages_of_the_household(kind):
    with receiving() as receiver:
        fields = {"server": receiver.origin, **SERVER_KINDS[kind]}
        channel = channels.add(make_user("olga", "owner"), kind, fields, household=True)
        assert send(channel, MESSAGE).delivered
        assert "Sintel" in receiver.only.body.decode()
