"""Links to .torrent files that programs add: fetched by the worker through the guard, later if the server is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from api.models import LinkToAdd
from api.services import links
from tests.api.qbittorrent.programs import FAILS, OK, Program
from tests.torbox.support import Reply, Server
from tests.torrents.test_torrent_links import site as site_of_pastes
from torrents.models import Activity, AddRequest, Torrent
from torrents.pages.activity.lines import detail

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings) -> Iterator[Server]:
    """A web site with .torrent files. The guard would refuse it, because it is on this computer."""
    yield from site_of_pastes.__wrapped__(settings)


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


@pytest.fixture
def work(sim):
    return sim.control.make_work("Linked", {"film.mkv": 40_000})


def pass_time() -> None:
    LinkToAdd.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    cache.clear()  # it remembers failures for a minute


def test_the_program_waits_for_no_server(arr, cast, site, work):
    site.will(Reply(body=work.torrent_bytes))
    assert arr("torrents/add", urls=f"{site.url}/download?id=5&passkey=secret", category="tv", tags="a") == OK
    assert not site.requests and not Torrent.objects.exists()
    links.fetch_due()
    (torrent,) = Torrent.objects.all()
    assert torrent.info_hash == work.info_hash and torrent.tags == ["tv", "a"]
    assert bytes(AddRequest.objects.get().torrent_file) == work.torrent_bytes
    assert not LinkToAdd.objects.exists()
    assert [row["hash"] for row in arr.info(category="tv")] == [work.info_hash]


@pytest.mark.parametrize("reply", [Reply(503), Reply(429)])
def test_a_server_that_is_away_is_asked_again_later(arr, site, work, reply):
    site.will(reply, Reply(body=work.torrent_bytes))
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    links.fetch_due()
    link = LinkToAdd.objects.get()
    assert link.due_at > timezone.now() + timedelta(seconds=50) and link.attempts == 1
    links.fetch_due()
    assert len(site.requests) == 1
    pass_time()
    links.fetch_due()
    assert Torrent.objects.exists() and not LinkToAdd.objects.exists()


def test_after_some_tries_activity_says_why_it_failed(arr, cast, site, sign_in):
    site.will(*[Reply(503)] * links.TRIES)
    arr("torrents/add", urls=f"{site.url}/a.torrent?passkey=secret")
    for _ in range(links.TRIES):
        links.fetch_due()
        pass_time()
    assert len(site.requests) == links.TRIES and not LinkToAdd.objects.exists()
    event = Activity.objects.get()
    assert (event.kind, event.person, event.account) == (Activity.Kind.FAILED, cast.member, cast.account)
    assert event.name == "127.0.0.1" and event.torrent is None
    page = sign_in(cast.member).get(reverse("torrents:activity")).content.decode()
    assert "returned error 503" in page and "secret" not in page
    assert "503" in detail(event.kind, event.code, event.params, "")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(404), "link_status"),
        (Reply(body=b"<html>Sign in</html>"), "link_web_page"),
        (Reply(body=b"d4:infod6:lengthi1eee"), "link_web_page"),
        (Reply(body=b""), "link_empty"),
    ],
)
def test_what_will_never_be_a_torrent_fails_at_once(arr, site, reply, code):
    site.will(reply)
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    links.fetch_due()
    assert Activity.objects.get().code == code and not LinkToAdd.objects.exists()


def test_no_link_leads_into_the_network_of_the_server(arr, site, settings):
    settings.LINK_FETCH_EXEMPT_ORIGIN = ""
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    links.fetch_due()
    assert not site.requests and Activity.objects.get().code == "link_address"


def test_a_worker_that_died_is_no_end(arr, site, work):
    site.will(Reply(body=work.torrent_bytes))
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    LinkToAdd.objects.update(due_at=timezone.now() + links.CLAIM)
    links.fetch_due()
    assert not site.requests
    pass_time()
    links.fetch_due()
    assert Torrent.objects.exists()


def test_someone_who_was_suspended_adds_nothing(arr, cast, site):
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    type(cast.member).objects.filter(pk=cast.member.pk).update(is_active=False)
    links.fetch_due()
    assert not site.requests and not LinkToAdd.objects.exists()


def test_someone_who_may_no_longer_add_is_told(arr, cast, site, work):
    site.will(Reply(body=work.torrent_bytes))
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    cast.account.shares.filter(user=cast.member).delete()
    links.fetch_due()
    assert not Torrent.objects.exists() and not LinkToAdd.objects.exists()


def test_there_is_an_end_of_links(arr, monkeypatch):
    monkeypatch.setattr(links, "MAX_LINKS", 2)
    urls = "\n".join(f"https://example.org/{number}.torrent" for number in range(3))
    assert arr("torrents/add", urls=urls) == FAILS
    assert not LinkToAdd.objects.exists()
    assert arr("torrents/add", urls="https://example.org/1.torrent") == OK


def test_a_link_that_is_too_long_is_none(arr):
    assert arr("torrents/add", urls=f"https://example.org/{'x' * 10_000}.torrent") == FAILS
