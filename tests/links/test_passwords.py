"""Passwords of lasting links: what they protect, how they are entered, and how many may be tried."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from links.link_urls import file_path
from links.models import LastingLink
from links.services import making, passwords
from tests.factories import give_files, make_torrent
from tests.links.factories import file_named, make_share

PASSWORD = "popcorn and salt"
NAMES = ("Sintel", "film.mkv", "film.en.srt", "kB")
BOT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
HTML = {"accept": "text/html,*/*;q=0.8"}


class CountingHasher(MD5PasswordHasher):
    """A quick hasher that counts how often a password is hashed to compare it."""

    verified = 0

    def verify(self, password: str, encoded: str) -> bool:
        CountingHasher.verified += 1
        return super().verify(password, encoded)


@pytest.fixture
def torrent(cast):
    torrent = make_torrent(cast.account, "Sintel", file_count=0)
    give_files(torrent, ["Sintel/film.mkv", "Sintel/film.en.srt"])
    return torrent


@pytest.fixture
def opened(cast, torrent):
    return make_share(cast.owner, torrent, password=PASSWORD)


@pytest.fixture
def visitor() -> Client:
    return Client(headers=HTML)


def page(opened) -> str:
    return f"/l/{opened.token}/"


def enter(visitor: Client, opened, password: str = PASSWORD, **headers: str):
    return visitor.post(page(opened), {"password": password}, headers=headers)


def basic(password: str = PASSWORD, name: str = "", encoding: str = "utf-8") -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{name}:{password}'.encode(encoding)).decode()}"}


def addresses(opened) -> list[str]:
    film, text = file_named(opened, "film.mkv"), file_named(opened, "film.en.srt")
    return [
        page(opened),
        f"{page(opened)}Sintel.zip",
        f"{page(opened)}playlist.m3u8",
        f"{page(opened)}feed.xml",
        f"{page(opened)}play/",
        f"{page(opened)}play/{film.ref}/",
        f"{page(opened)}subtitles/{text.ref}/",
        file_path(opened.token, film),
        file_path(opened.token, text),
    ]


class TestWithoutThePassword:
    @pytest.mark.parametrize("method", ["get", "head"])
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            HTML,
            {"range": "bytes=0-1"},
            {"user-agent": BOT},
            {"user-agent": BOT, **HTML},
            {"sec-purpose": "prefetch"},
            {"authorization": "Basic"},
            {"authorization": "Basic !!!"},
            {"authorization": "Basic \xe4\xf6\xfc"},
            {"authorization": "Bearer popcorn"},
        ],
    )
    def test_no_address_says_what_is_behind_it_or_leads_there(self, opened, sim, method, headers):
        sim.control.reset_calls()
        for address in addresses(opened):
            response = getattr(Client(), method)(address, headers=headers)
            seen = f"{response.content.decode()}{response.headers}"
            assert response.status_code in (200, 303, 401), address
            assert response.get("Location", page(opened)) == page(opened)
            assert not [name for name in NAMES if name in seen], address
        assert sim.control.calls()["total"] == 0
        assert LastingLink.objects.get().uses == 0

    def test_other_programs_are_asked_by_http_basic_and_browsers_on_the_page(self, opened, visitor):
        for address in addresses(opened)[1:]:
            response = visitor.get(address)
            assert (response.status_code, response["Location"]) == (303, page(opened))
            response = Client().get(address)
            assert response.status_code == 401
            assert response["WWW-Authenticate"] == 'Basic realm="Link", charset="UTF-8"'

    def test_the_page_asks_for_it(self, opened, visitor):
        response = visitor.get(page(opened))
        words = response.content.decode()
        assert response.status_code == 200
        assert "<title>Password required</title>" in words
        assert "Ask the person who sent you this link." in words
        assert not response.cookies

    def test_a_link_without_a_password_asks_for_none(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        assert "Sintel" in visitor.get(page(opened)).content.decode()
        assert visitor.post(page(opened), {"password": "any"}).status_code == 303


class TestEntering:
    def test_the_right_password_opens_the_page_for_a_day(self, opened, visitor):
        response = enter(visitor, opened)
        assert (response.status_code, response["Location"]) == (303, page(opened))
        cookie = response.cookies["link"]
        assert (cookie["path"], cookie["max-age"]) == (page(opened), 24 * 60 * 60)
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["secure"]
        assert "film.mkv" in visitor.get(page(opened)).content.decode()
        assert visitor.get(addresses(opened)[5]).status_code == 200

    def test_the_cookie_is_secure_where_the_site_is(self, opened, visitor, settings):
        settings.SESSION_COOKIE_SECURE = True
        assert enter(visitor, opened).cookies["link"]["secure"]

    def test_a_wrong_one_says_so_and_opens_nothing(self, opened, visitor):
        response = enter(visitor, opened, "popcorn")
        assert response.status_code == 422
        assert "That password didn’t work." in response.content.decode()
        assert "popcorn" not in response.content.decode()
        assert not response.cookies
        assert "film.mkv" not in visitor.get(page(opened)).content.decode()

    @pytest.mark.parametrize("wrong", ["", " ", "x" * 100_000, PASSWORD.upper(), PASSWORD + "\ud800"])
    def test_strange_passwords_are_wrong_ones(self, opened, visitor, wrong):
        assert enter(visitor, opened, wrong.encode("utf-8", "replace").decode()).status_code == 422

    def test_the_page_of_another_site_enters_nothing(self, opened, visitor):
        response = enter(visitor, opened, **{"sec-fetch-site": "cross-site"})
        assert response.status_code == 200
        assert not response.cookies

    def test_it_needs_no_cookie_and_no_token_before(self, opened):
        strict = Client(enforce_csrf_checks=True, headers=HTML)
        assert enter(strict, opened, origin="null").status_code == 303


class TestTheCookie:
    def test_it_opens_no_other_link(self, cast, torrent, opened, visitor):
        enter(visitor, opened)
        other = make_share(cast.owner, torrent, password=PASSWORD)
        stolen = Client(headers=HTML)
        stolen.cookies["link"] = visitor.cookies["link"].value
        assert "film.mkv" in stolen.get(page(opened)).content.decode()
        assert "film.mkv" not in stolen.get(page(other)).content.decode()

    def test_a_changed_password_ends_it_even_if_the_new_one_is_the_same(self, cast, opened, visitor):
        enter(visitor, opened)
        making.change(person=cast.owner, link=LastingLink.objects.get(), password=PASSWORD)
        assert "film.mkv" not in visitor.get(page(opened)).content.decode()

    @pytest.mark.parametrize(("hours", "opens"), [(23.9, True), (24.1, False)])
    def test_it_ends_after_a_day(self, opened, visitor, monkeypatch, hours, opens):
        entered = time.time() - hours * 3600
        with monkeypatch.context() as then:
            then.setattr(time, "time", lambda: entered)
            enter(visitor, opened)
        assert ("film.mkv" in visitor.get(page(opened)).content.decode()) == opens

    @pytest.mark.parametrize("value", ["", "x", "a:b:c", "\x00", "ä" * 5000])
    def test_a_made_up_one_opens_nothing(self, opened, visitor, value):
        visitor.cookies["link"] = value
        assert "film.mkv" not in visitor.get(page(opened)).content.decode()

    def test_the_link_still_ends(self, opened, visitor):
        enter(visitor, opened)
        LastingLink.objects.update(revoked_at=timezone.now())
        assert visitor.get(page(opened)).status_code == 410


class TestHttpBasic:
    @pytest.mark.parametrize("name", ["", "anyone", "a:b"[:1]])
    def test_the_password_opens_with_any_name(self, opened, name):
        response = Client().get(addresses(opened)[5], headers=basic(name=name))
        assert response.status_code == 200

    def test_a_password_with_letters_beyond_ascii_opens_however_the_program_writes_it(self, cast, torrent):
        opened = make_share(cast.owner, torrent, password="süßes Popcörn")
        for encoding in ("utf-8", "latin-1"):
            headers = basic("süßes Popcörn", encoding=encoding)
            assert Client().get(addresses(opened)[5], headers=headers).status_code == 200

    def test_a_wrong_one_is_asked_for_again(self, opened):
        response = Client().get(addresses(opened)[5], headers=basic("popcorn"))
        assert response.status_code == 401

    def test_a_right_one_is_hashed_once_until_the_cache_forgets_it(self, cast, torrent, settings):
        settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
        opened = make_share(cast.owner, torrent, password=PASSWORD)
        film, before = addresses(opened)[5], CountingHasher.verified
        for _ in range(30):
            assert Client().get(film, headers=basic()).status_code == 200
        assert CountingHasher.verified == before + 1
        cache.clear()
        assert Client().get(film, headers=basic()).status_code == 200
        assert CountingHasher.verified == before + 2

    def test_a_remembered_one_is_forgotten_when_the_password_changes(self, cast, opened):
        film = addresses(opened)[5]
        assert Client().get(film, headers=basic()).status_code == 200
        making.change(person=cast.owner, link=LastingLink.objects.get(), password="another one")
        assert Client().get(film, headers=basic()).status_code == 401


class TestGuessing:
    def test_too_many_wrong_ones_from_a_network_wait_even_with_the_right_one(self, opened, visitor):
        answers = [enter(visitor, opened, f"guess {number}").status_code for number in range(21)]
        assert answers == [422] * 20 + [429]
        response = enter(visitor, opened)
        assert response.status_code == 429
        assert "Too many attempts. Wait a minute and try again." in response.content.decode()
        assert not response.cookies

    def test_http_basic_counts_too_and_download_managers_are_told_when_to_try_again(self, opened):
        film = addresses(opened)[5]
        answers = [Client().get(film, headers=basic(f"guess {number}")) for number in range(21)]
        assert [answer.status_code for answer in answers] == [401] * 20 + [503]
        assert answers[-1]["Retry-After"] == "60"
        assert enter(Client(), opened).status_code == 429

    @pytest.mark.parametrize("method", ["head", "get"])
    def test_no_way_of_asking_is_free(self, opened, method):
        film = addresses(opened)[7]
        for number in range(20):
            headers = basic(f"guess {number}") | {"range": "bytes=0-1", "user-agent": BOT}
            getattr(Client(), method)(film, headers=headers)
        assert getattr(Client(), method)(film, headers=basic()).status_code == 503

    def test_all_networks_together_have_a_limit_for_each_link(self, cast, torrent, opened):
        for number in range(100):
            Client(REMOTE_ADDR=f"203.0.{number}.1").post(page(opened), {"password": "guess"})
        assert enter(Client(REMOTE_ADDR="198.51.100.1"), opened).status_code == 429
        other = make_share(cast.owner, torrent, password=PASSWORD)
        assert enter(Client(REMOTE_ADDR="198.51.100.1"), other).status_code == 303

    def test_who_is_in_stays_in_while_others_guess(self, opened, visitor):
        film = addresses(opened)[5]
        enter(visitor, opened)
        assert Client().get(film, headers=basic()).status_code == 200
        for number in range(25):
            enter(Client(), opened, f"guess {number}")
        assert visitor.get(page(opened)).status_code == 200
        assert Client().get(film, headers=basic()).status_code == 200

    def test_right_ones_are_not_counted(self, opened):
        for _ in range(30):
            assert enter(Client(), opened).status_code == 303


class TestSecrecy:
    def test_the_cache_and_the_cookie_hold_neither_password_nor_token(self, opened, visitor):
        response = enter(visitor, opened)
        key = passwords._known_key(opened.link, PASSWORD)
        assert cache.get(key)
        for kept in (key, response.cookies["link"].value):
            assert PASSWORD not in kept and opened.token not in kept

    def test_the_database_holds_a_hash(self, opened):
        stored = LastingLink.objects.get().password
        assert PASSWORD not in stored and "$" in stored
