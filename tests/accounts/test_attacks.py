"""Attacks on signing in: session fixation, forged requests, open redirects, hostile names, and guessing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts import services
from accounts.models import TorBoxAccount, User
from tests.accounts.counting import CountingHasher
from tests.api.access import for_programs, names_for_programs
from tests.api.factories import make_token
from tests.factories import PASSWORD, make_account, make_key, make_passkey, make_torrent, make_user, sign_in
from tests.test_permissions import TABLE, patterns
from torrents.models import AddRequest, ControlRequest, Torrent

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
AWAY = ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "http:///evil.example", "https:evil.example", "\t//evil.example"]  # fmt: skip


@pytest.fixture
def mara():
    return make_user("mara")


def attempt(client: Client, name: str = "mara", password: str = "wrong", **more):
    return client.post("/sign-in/", {"login": name, "password": password}, **more)


def attempt_from(address: str, password: str = "wrong") -> Client:
    """Return a client at this address after an attempt."""
    client = Client(headers={"x-forwarded-for": address})
    attempt(client, password=password)
    return client


def signed_in_from(address: str) -> bool:
    return signed_in(attempt_from(address, PASSWORD))


def signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


class TestSessionFixation:
    """A session id planted before sign-in is worthless afterwards."""

    def plant(self) -> Client:
        client = Client()
        client.session.save()
        client.get("/sign-in/passkey/", headers={"accept": "application/json"})
        return client

    def check(self, client: Client, planted: str) -> None:
        assert client.session.session_key != planted and signed_in(client)
        thief = Client()
        thief.cookies["torbox-web-session"] = planted
        assert not signed_in(thief)

    def test_by_password(self, mara):
        client = self.plant()
        planted = client.session.session_key
        attempt(client, password=PASSWORD)
        self.check(client, planted)

    def test_by_passkey(self, mara):
        _, passkey = make_passkey(mara)
        client = self.plant()
        planted = client.session.session_key
        options = client.get("/sign-in/passkey/", headers={"accept": "application/json"}).json()
        client.post("/sign-in/passkey/", {"credential": passkey.get(options["request_options"])})
        self.check(client, planted)

    def test_by_invitation(self):
        owner = make_user("owner", User.Role.OWNER)
        link = "/join/" + services.link_of(services.invite(owner=owner, role="guest")).split("/join/")[1]
        client = self.plant()
        planted = client.session.session_key
        client.post(link, {"username": "jon", "password1": PASSWORD, "password2": PASSWORD})
        self.check(client, planted)

    def test_the_session_of_another_person_does_not_carry_over(self, mara):
        client = sign_in(Client(), make_user("jon"))
        session = client.session
        session["left"] = "by jon"
        session.save()
        client.post("/sign-out/")
        attempt(client, password=PASSWORD)
        assert signed_in(client) and "left" not in client.session


# A phone shares with the installed app without the page's token; all it may do is show a preview.
# Who opens a lasting link has no account that another site could act with. Cookies of the web app count for nothing in
# what programs ask for.
WITHOUT_TOKEN = {"torrents:share", "links:open", "links:nothing", *names_for_programs()}


def posting() -> list[tuple[str, URLPattern]]:
    """Every address that takes a form."""
    rows = {name: {row[0]: row[1] for row in TABLE[name]} for name in TABLE}
    return [
        (n, p)
        for n, p in patterns()
        if set(rows[n].get("post", "405").split()) - {"405", "in"} and n not in WITHOUT_TOKEN
    ]


def snapshot() -> list[list[dict]]:
    """Return everything that a request could have changed, without what only TorBox changes."""
    wishes = [list(model.objects.values()) for model in (User, Torrent, AddRequest, ControlRequest)]
    return [*wishes, list(TorBoxAccount.objects.values("pk", "owner", "label", "encrypted_key"))]


class TestForgedRequests:
    @pytest.mark.parametrize(("name", "pattern"), posting(), ids=[name for name, _ in posting()])
    def test_no_form_is_taken_from_another_site(self, mara, name, pattern):
        """Checked before anything is looked up, so the ids need not exist."""
        known = {"token": "guessed", "operation": "pause"}
        client = sign_in(Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"}), mara)
        path = "/" + str(pattern.pattern)
        for argument in pattern.pattern.converters:
            kind = type(pattern.pattern.converters[argument]).__name__.removesuffix("Converter").lower()
            kind = {"string": "str"}.get(kind, kind)
            path = path.replace(f"<{kind}:{argument}>", str(known.get(argument, 1)))
        assert client.post(path).status_code == 403

    def test_no_call_of_a_program_is_made_by_another_site(self, mara):
        """A browser may have both cookies: that of the web app, and that of the qBittorrent API."""
        make_torrent(make_account(mara, make_key("mara")), "Film", added_by=mara)
        token, form = make_token(mara), {"hashes": "all", "deleteFiles": "true", "category": "Films"}
        client = sign_in(Client(enforce_csrf_checks=True), mara)
        signed_in = client.post(
            "/qbittorrent/api/v2/auth/login", {"username": "mara", "password": token.text}
        )
        assert signed_in.content == b"Ok." and "SID" in client.cookies
        before = snapshot()
        for address in for_programs():
            for method in ("get", "post", "put", "delete"):
                sent = {"headers": {"origin": "https://evil.example"}}
                status = getattr(client, method)(address.path, form, **sent).status_code
                assert address.opens or status in (401, 403, 405), address.path
        assert snapshot() == before

    def test_what_another_site_shares_with_the_app_is_shown_and_changes_nothing(self, mara):
        make_account(mara, make_key("mara"))
        client = sign_in(Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"}), mara)
        client.get("/")
        before = snapshot()
        form = {"text": "magnet:?xt=urn:btih:" + "a" * 40, "next": "https://evil.example/"}
        answer = client.post("/share/", form)
        assert answer.status_code == 200 and "evil.example" not in answer.content.decode()
        assert snapshot() == before

    def test_the_refusal_is_a_readable_page(self, mara):
        client = sign_in(Client(enforce_csrf_checks=True), mara)
        answer = client.post("/sign-out/")
        assert answer.status_code == 403 and 'class="panel' in answer.content.decode()

    def test_cookies_stay_home(self, mara, settings):
        client = Client()
        attempt(client, password=PASSWORD)
        client.get("/me/")
        for name in ("torbox-web-session", "torbox-web-csrf"):
            assert client.cookies[name]["samesite"] == "Lax"
        assert client.cookies["torbox-web-session"]["httponly"]


@pytest.mark.parametrize(
    "path", ["/sign-in/", "/", "/me/security/", "/people/", "/nowhere/", "/join/guessed/"]
)
def test_no_page_can_be_framed(mara, path):
    for client in (Client(), sign_in(Client(), mara)):
        answer = client.get(path)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


class TestOpenRedirects:
    """Next, share target, bookmarklet: nothing in an address leads off the site."""

    @pytest.mark.parametrize("away", AWAY)
    def test_next(self, mara, away):
        assert Client().post("/sign-in/", {"login": "mara", "password": PASSWORD, "next": away}).url == "/"
        client = sign_in(Client(), mara)
        assert client.get("/sign-in/", {"next": away}).url == "/"
        assert client.post("/me/confirm/", {"password": PASSWORD, "next": away}).url == "/"
        assert client.post("/sign-out/", {"next": away}).url == "/sign-in/"

    @pytest.mark.parametrize("away", AWAY)
    @pytest.mark.parametrize("name", ["text", "url", "title", "magnet", "add", "next"])
    def test_what_a_share_target_or_a_bookmarklet_hands_over(self, mara, name, away):
        client = sign_in(Client(), mara)
        for path in ("/", "/add/", "/lookup/", "/check/", "/share/"):
            answer = client.get(path, {name: away})
            assert answer.status_code in (200, 302)
            assert "evil.example" not in answer.headers.get("Location", "").split("?")[0]
            assert f'href="{away}"' not in answer.content.decode()

    def test_a_path_that_looks_like_a_host(self):
        for path in ("//evil.example/", "/\\evil.example/", "/%2F%2Fevil.example/"):
            answer = Client().get(path)
            assert "evil.example" not in answer.headers.get("Location", "").split("?")[0]

    def test_a_made_up_host_is_refused(self, mara):
        answer = Client().get("/sign-in/", headers={"host": "evil.example"})
        assert answer.status_code == 400


class TestNames:
    """Names end up in headers, files and pages."""

    HOSTILE = ["Mara\r\nSet-Cookie: a=b", "Mara\nX: y", "Ma\u202era", "Ma\x00ra", "Ma\u2028ra", "\ufeffMara"]

    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_name_is_one_line_of_visible_characters(self, mara, name):
        client = sign_in(Client(), mara)
        answer = client.post("/me/profile/", {"shown_name": name, "appearance": "dark"})
        mara.refresh_from_db()
        assert answer.status_code == 422 or mara.shown_name.isprintable()
        assert "Set-Cookie" not in answer.headers and answer.cookies.get("a") is None

    @pytest.mark.parametrize("name", ["Ærøskøbing", "محمد‌رضا", "山田 太郎", "👩‍🚀 Mara", "O’Neill-Smith"])
    def test_names_of_this_world_are_taken(self, mara, name):
        answer = sign_in(Client(), mara).post("/me/profile/", {"shown_name": name, "appearance": "dark"})
        assert answer.status_code == 302

    def test_one_that_came_in_another_way_breaks_neither_page_nor_header(self):
        """As if an older version had let it in."""
        mara = make_user("mara", User.Role.OWNER)
        jon = make_user("jon")
        name = '<img src=x onerror=alert(1)>"\r\nSet-Cookie: a=b'
        User.objects.filter(pk=jon.pk).update(shown_name=name)
        make_torrent(make_account(mara, make_key("mara"), "L\r\nX-Evil: 1"), "F\r\nX-Evil: 1", added_by=jon)
        client = sign_in(Client(), mara)
        answers = [client.get(path) for path in ("/", "/people/", f"/people/{jon.pk}/", "/me/export/")]
        answers += [client.get("/me/export/magnets/"), sign_in(Client(), jon).get("/me/app/")]
        answers.append(client.post(f"/people/{jon.pk}/enable/", headers={"hx-request": "true"}))
        for answer in answers:
            assert answer.cookies.get("a") is None
            assert not [line for value in answer.headers.values() for line in value.splitlines()[1:]]
            assert b"<img src=x" not in answer.content or answer.headers["Content-Type"] == "application/json"
        assert answers[4].content.count(b"\n") == 1


class TestGuessing:
    @pytest.fixture
    def proxied(self, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]

    @pytest.mark.parametrize(
        ("theirs", "owner"),
        [
            ("203.0.113.{}", "203.0.113.99"),
            ("2001:db8:1:2::{}", "2001:db8:1:2:ffff::1"),
            ("::ffff:203.0.113.{}", "203.0.113.99"),
        ],
    )
    def test_one_name_from_many_addresses_of_one_block(self, mara, proxied, theirs, owner):
        for number in range(5):
            attempt_from(theirs.format(number))
        assert not signed_in_from(owner)

    @pytest.mark.parametrize(
        ("theirs", "owner"),
        [
            ("203.0.113.7", "203.0.114.7"),
            ("2001:db8:1:2::7", "2001:db8:1:3::7"),
            ("203.0.113.7", "2001:db8::7"),
        ],
    )
    def test_a_stranger_does_not_lock_a_name_for_its_owner_elsewhere(self, mara, proxied, theirs, owner):
        for _ in range(12):
            attempt_from(theirs)
        assert not signed_in_from(theirs) and signed_in_from(owner)

    def test_strangers_everywhere_share_a_larger_limit(self, mara, proxied):
        for number in range(100):
            attempt_from(f"198.51.{number}.7")
        assert not signed_in_from("203.0.113.7")

    def test_who_is_signed_in_at_home_is_not_locked_out_there_by_strangers_everywhere(self, mara, proxied):
        assert signed_in_from("203.0.113.7")
        for number in range(110):
            attempt_from(f"198.51.{number}.7")
        assert signed_in_from("203.0.113.8") and not signed_in_from("203.0.114.8")

    def test_signing_in_gives_the_tries_back(self, mara, proxied, settings):
        """A household behind one address signs in as often as it likes."""
        for _ in range(8):
            assert signed_in_from("203.0.113.7")
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_anywhere": "3/h/key"}
        for number in range(6):
            assert signed_in_from(f"198.51.{number}.7")

    def test_the_header_of_an_untrusted_client_changes_nothing(self, mara):
        for number in range(10):
            attempt_from(f"203.0.{number}.7")
        assert not signed_in_from("198.51.100.7")

    def test_a_passkey_always_signs_in(self, mara, proxied):
        _, passkey = make_passkey(mara)
        for _ in range(40):
            Client().post(
                "/sign-in/passkey/", {"credential": "{}"}, headers={"x-forwarded-for": "203.0.113.7"}
            )
        for number in range(110):
            attempt_from(f"198.51.{number}.7")
        for _ in range(12):
            attempt_from("203.0.113.7")
        client = Client(headers={"x-forwarded-for": "203.0.113.7"})
        options = client.get("/sign-in/passkey/", headers={"accept": "application/json"}).json()[
            "request_options"
        ]
        client.post("/sign-in/passkey/", {"credential": passkey.get(options)})
        assert signed_in(client)

    def test_many_names_from_one_address(self, mara):
        """Password spraying: one try for each name is too little for the limit of a name, not for that of an address."""
        for number in range(10):
            attempt(Client(), name=f"person{number}")
        client = Client()
        answer = attempt(client, password=PASSWORD)
        assert "Too many" in answer.content.decode() and not signed_in(client)

    def test_signing_in_to_another_account_in_between_does_not_reset_the_count(self, mara):
        make_user("eve")
        client = Client()
        for _ in range(5):
            attempt(client)
            attempt(Client(), name="eve", password=PASSWORD)
        attempt(client, password=PASSWORD)
        assert not signed_in(client)

    def test_the_name_in_other_letters_is_the_same_name(self, mara):
        for name in ("mara", "MARA", "Mara", " mara", "mARA "):
            attempt(Client(), name=name)
        client = Client()
        attempt(client, password=PASSWORD)
        assert not signed_in(client)

    def test_strangers_cannot_push_the_count_out_of_the_cache(self, mara):
        """The cache keeps room for more counters than strangers can make within the limits of their addresses."""
        from django.core.cache import cache

        for _ in range(5):
            attempt(Client())
        for number in range(1000):
            cache.set(f"stranger-{number}", [1.0], 300)
        client = Client()
        attempt(client, password=PASSWORD)
        assert not signed_in(client)

    def test_confirming_is_not_tried_for_ever(self, mara):
        client = sign_in(Client(), mara)
        statuses = {client.post("/me/confirm/", {"password": "wrong"}).status_code for _ in range(12)}
        assert 429 in statuses

    def test_known_and_unknown_names_get_the_same_answer(self, mara):
        mara_off = make_user("off")
        services.disable(mara_off)
        key_only = make_user("keyonly")
        make_passkey(key_only)
        key_only.set_unusable_password()
        key_only.save()
        pages = set()
        for name in ("mara", "nobody", "off", "keyonly"):
            page = attempt(Client(), name=name).content.decode()
            pages.add(page.replace(f'value="{name}"', "").split("<main")[1].split("csrfmiddlewaretoken")[0])
            pages.add("".join(re.findall(r"[^<>]*not correct[^<>]*", page)))
        assert len(pages) == 2

    @pytest.mark.parametrize("password", ["wrong", unicodedata.normalize("NFD", "wröng")])
    def test_nor_does_the_work_tell_which_names_there_are(self, mara, settings, password):
        """An unknown name takes as many password hashes as a known one."""
        settings.PASSWORD_HASHERS = ["tests.accounts.counting.CountingHasher"]
        for name in ("there", "off", "keyonly"):
            make_user(name)
        services.disable(User.objects.get(username="off"))
        key_only = User.objects.get(username="keyonly")
        key_only.set_unusable_password()
        key_only.save()
        hashed = {}
        for name in ("there", "off", "keyonly", "nobody"):
            CountingHasher.count = 0
            attempt(Client(), name=name, password=password)
            hashed[name] = CountingHasher.count
        assert len(set(hashed.values())) == 1 and hashed["nobody"] > 0

    def test_there_is_nowhere_else_to_ask_for_names(self, mara):
        for path in ("/password/reset/", "/accounts/password/reset/", "/signup/", "/accounts/signup/"):
            assert Client().post(path, {"email": "mara", "username": "mara"}).status_code == 404


TRY = """
import django, json, sys
django.setup()
from django.core.management import call_command
from django.test import Client
from django.conf import settings
from accounts.models import User
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if sys.argv[1] == "first":
    call_command("migrate", verbosity=0), call_command("createcachetable", verbosity=0)
    User.objects.create_user(username="mara", password="a long enough password")
client = Client(headers={"host": "localhost"})
for password in sys.argv[2:]:
    answer = client.post("/sign-in/", {"login": "mara", "password": password})
print(json.dumps([answer.status_code, "Too many" in answer.content.decode()]))
"""


def test_the_count_survives_a_restart(tmp_path, settings):
    """Two processes, one after the other, with nothing in common but the data folder."""
    env = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    env |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "torbox_web.settings"}

    def run(*words: str) -> list:
        command = [sys.executable, "-W", "ignore", "-c", TRY, *words]
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert run("first", *["wrong"] * 5) == [200, False]
    assert run("again", PASSWORD) == [200, True]
