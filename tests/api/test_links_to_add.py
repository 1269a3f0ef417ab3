"""Links to .torrent files that programs add: fetched by the worker through the guard, later if the server is away."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from api.models import LinkToAdd
from api.services import adding, categories, links
from tests.api.qbittorrent.programs import FAILS, OK, Program
from tests.torbox.support import Reply, Server
from tests.torrents.test_torrent_links import site as site_of_pastes
from tests.torrents.test_two_workers import race
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
        (Reply(body=gzip.compress(b"<html>Sign in</html>")), "link_web_page"),
        (Reply(body=b"nonsense"), "link_not_a_torrent_file"),
        (Reply(body=b"d4:infod6:lengthi1e4:name1:aee"), "link_damaged_pieces"),
        (Reply(body=b"magnet:?xt=urn:btih:" + b"a" * 40), "link_magnet_in_file"),
        (Reply(body=b""), "link_empty"),
    ],
)
def test_what_will_never_be_a_torrent_fails_at_once(arr, site, reply, code):
    site.will(reply)
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    links.fetch_due()
    assert Activity.objects.get().code == code and not LinkToAdd.objects.exists()


def test_a_broken_file_gets_the_sentence_for_one(arr, cast, site, sign_in):
    site.will(Reply(body=b"d4:infod6:lengthi1e4:name1:aee"))
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    links.fetch_due()
    page = sign_in(cast.member).get(reverse("torrents:activity")).content.decode()
    assert "its piece hashes are damaged" in page and "web page" not in page


def test_a_link_that_breaks_the_worker_stops_no_other_and_has_an_end(arr, cast, site, work):
    site.will(*[Reply(body=work.torrent_bytes)] * (links.TRIES + 1))
    of_a_later_version = {"of_a_later_version": True}
    bad = LinkToAdd.objects.create(
        person=cast.member, url=f"{site.url}/bad?passkey=x", wish=of_a_later_version
    )
    arr("torrents/add", urls=f"{site.url}/good.torrent")
    for _ in range(links.TRIES + 2):
        links.fetch_due()
        assert Torrent.objects.exists() and LinkToAdd.objects.due(timezone.now()).count() == 0
        pass_time()
    assert not LinkToAdd.objects.filter(pk=bad.pk).exists()
    assert len(site.requests) == links.TRIES + 1
    assert Activity.objects.get(kind=Activity.Kind.FAILED).code == ""


def test_a_link_whose_workers_all_died_has_an_end(arr, site):
    arr("torrents/add", urls=f"{site.url}/a.torrent")
    LinkToAdd.objects.update(attempts=links.TRIES)
    links.fetch_due()
    assert not site.requests and not LinkToAdd.objects.exists()
    assert Activity.objects.get().kind == Activity.Kind.FAILED


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


def test_a_category_too_many_loses_no_torrent(arr, site, work, monkeypatch):
    site.will(Reply(body=work.torrent_bytes))
    arr("torrents/add", urls=f"{site.url}/a.torrent", category="tv", tags="a")
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 0)
    links.fetch_due()
    assert Torrent.objects.get().tags == ["tv", "a"] and not LinkToAdd.objects.exists()
    assert not Activity.objects.filter(kind=Activity.Kind.FAILED).exists()


def test_there_is_an_end_of_links(arr, monkeypatch):
    monkeypatch.setattr(links, "MAX_LINKS", 2)
    urls = "\n".join(f"https://example.org/{number}.torrent" for number in range(3))
    assert arr("torrents/add", urls=urls) == FAILS
    assert not LinkToAdd.objects.exists()
    assert arr("torrents/add", urls="https://example.org/1.torrent") == OK


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_stay_below_the_end(arr, cast, monkeypatch):
    monkeypatch.setattr(links, "MAX_LINKS", 3)
    wish = adding.Wish()
    kept = partial(
        links.keep, person=cast.member, urls=["https://example.org/a", "https://example.org/b"], wish=wish
    )
    race(kept, times=4)
    assert LinkToAdd.objects.count() == 2


def test_a_link_that_is_too_long_is_none(arr):
    assert arr("torrents/add", urls=f"https://example.org/{'x' * 10_000}.torrent") == FAILS
