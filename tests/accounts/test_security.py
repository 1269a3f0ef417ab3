"""Passkeys, authenticator apps, recovery codes, and sessions, and confirming who you are before changing them."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Share, User
from localization import formats
from tests.factories import PASSWORD, make_account, make_key, make_passkey, make_torrent, make_user, sign_in
from tests.passkeys import Passkey

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture
def mara():
    return make_user("mara")


@pytest.fixture
def site(mara):
    return sign_in(Client(), mara)


def signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def by_password(client: Client | None = None, name: str = "mara"):
    client = client or Client()
    return client, client.post("/sign-in/", {"login": name, "password": PASSWORD})


def by_passkey(passkey: Passkey, client: Client | None = None, **more: str):
    client = client or Client()
    options = client.get("/sign-in/passkey/", headers=JSON).json()["request_options"]
    return client, client.post("/sign-in/passkey/", {"credential": passkey.get(options)} | more)


def add_passkey(site: Client, passkey: Passkey | None = None):
    passkey = passkey or Passkey()
    options = site.get("/me/passkeys/add/").context["js_data"]["creation_options"]
    answer = site.post("/me/passkeys/add/", {"name": "Phone", "credential": passkey.create(options)})
    return answer, passkey


def code_of(secret: str, periods: int = 0) -> str:
    """Return the code that the app shows now, or showed some periods of 30 s ago (negative)."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2 + periods]))


def next_of(answer) -> str:
    """Return where the confirmation page that this answer redirects to leads on to."""
    return parse_qs(urlsplit(answer.url).query)["next"][0]


def turn_on_codes(site: Client) -> str:
    """Turn on the authenticator app and return its secret. Uses up the code of the previous period."""
    secret = site.get("/me/app/").context["form"].secret
    assert site.post("/me/app/", {"code": code_of(secret, -1)}).url == "/me/recovery-codes/"
    return secret


class TestPasskeys:
    def test_a_passkey_signs_in_by_itself(self, site):
        answer, passkey = add_passkey(site)
        assert answer.url == "/me/recovery-codes/"
        assert "Phone" in site.get("/me/security/").content.decode()
        client, answer = by_passkey(passkey)
        assert answer.url == "/" and signed_in(client)

    def test_it_leads_to_the_page_that_was_asked_for_but_not_off_the_site(self, mara):
        _, passkey = make_passkey(mara)
        assert by_passkey(passkey, next="/check/")[1].url == "/check/"
        assert by_passkey(passkey, next="https://evil.example/")[1].url == "/"

    def test_a_recorded_answer_does_not_sign_in_again(self, mara):
        _, passkey = make_passkey(mara)
        client = Client()
        options = client.get("/sign-in/passkey/", headers=JSON).json()["request_options"]
        heard = passkey.get(options)
        thief = Client()
        thief.get("/sign-in/passkey/", headers=JSON)
        thief.post("/sign-in/passkey/", {"credential": heard})
        assert not signed_in(thief)

    def test_one_for_another_site_or_without_user_verification_does_not(self, mara):
        _, passkey = make_passkey(mara)
        passkey.origin = "https://testserver.evil.example"
        assert not signed_in(by_passkey(passkey)[0])
        passkey.origin, passkey.flags = "https://testserver", 0x01
        assert not signed_in(by_passkey(passkey)[0])

    def test_plain_http_is_not_the_same_site(self, mara):
        _, passkey = make_passkey(mara)
        passkey.origin = "http://testserver"
        assert not signed_in(by_passkey(passkey)[0])

    def test_the_key_of_one_person_does_not_open_the_account_of_another(self, mara):
        _, hers = make_passkey(mara)
        _, his = make_passkey(make_user("jon"))
        his.user_handle = hers.user_handle
        assert not signed_in(by_passkey(his)[0])

    @pytest.mark.parametrize(
        "nonsense", ["", "{}", "[]", "null", "not json", '{"id": 1}', '{"response": {}}']
    )
    @pytest.mark.parametrize("path", ["/sign-in/passkey/", "/me/confirm/passkey/", "/me/passkeys/add/"])
    def test_nonsense_is_a_form_error_and_not_a_crash(self, mara, site, path, nonsense):
        make_passkey(mara)
        client = Client() if path.startswith("/sign") else site
        client.get(path, headers=JSON)
        assert client.post(path, {"credential": nonsense}).status_code in (200, 302)
        assert Authenticator.objects.count() == 1

    def test_a_suspended_person_cannot_use_it(self, mara):
        _, passkey = make_passkey(mara)
        User.objects.update(is_active=False)
        client, answer = by_passkey(passkey)
        assert answer.url == "/sign-in/" and not signed_in(client)

    def test_the_options_do_not_reveal_who_has_one(self, mara):
        make_passkey(mara)
        options = Client().get("/sign-in/passkey/?login=mara", headers=JSON).json()["request_options"]
        assert options["publicKey"].get("allowCredentials", []) == []

    def test_it_can_be_renamed_and_removed(self, site, mara):
        row, passkey = make_passkey(mara)
        site.post(f"/me/passkeys/{row.pk}/rename/", {"name": "Old phone"})
        assert "Old phone" in site.get("/me/security/").content.decode()
        assert site.post(f"/me/passkeys/{row.pk}/remove/").url == "/me/security/"
        assert not signed_in(by_passkey(passkey)[0])

    def test_one_without_user_verification_is_not_accepted(self, site):
        answer, _ = add_passkey(site, Passkey(verifies=False))
        assert answer.status_code == 200 and answer.context["form"].errors
        assert not Authenticator.objects.exists()


class TestCodes:
    def test_once_on_the_password_needs_a_code_too(self, site):
        secret = turn_on_codes(site)
        client, answer = by_password()
        assert answer.url == "/sign-in/code/" and not signed_in(client)
        assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 200
        assert not signed_in(client)
        assert client.post("/sign-in/code/", {"code": code_of(secret)}).url == "/"
        assert signed_in(client)

    @pytest.mark.parametrize("seconds", [0, 31, 45, 59])
    @pytest.mark.parametrize("path", ["/sign-in/code/", "/me/confirm/code/"])
    def test_a_code_works_once_for_as_long_as_it_is_good(self, site, seconds, path):
        secret = turn_on_codes(site)
        now = (timezone.now() + timedelta(minutes=3)).replace(second=0, microsecond=0)
        with time_machine.travel(now, tick=False) as clock:
            code = code_of(secret)
            client, _ = by_password()
            client.post("/sign-in/code/", {"code": code})
            clock.shift(seconds)
            again = by_password()[0] if path.startswith("/sign") else client
            answer = again.post(path, {"code": code, "next": "/me/app/remove/"})
            assert signed_in(client) and answer.status_code == 200
            assert again is client or not signed_in(again)

    @pytest.mark.parametrize("path", ["/sign-in/code/", "/me/confirm/code/"])
    def test_the_code_that_turned_them_on_is_used_up_by_that(self, site, path):
        with time_machine.travel(timezone.now(), tick=False):
            code = code_of(turn_on_codes(site), -1)
            client = by_password()[0] if path.startswith("/sign") else site
            answer = client.post(path, {"code": code})
            assert answer.status_code == 200 and "didn’t work" in answer.content.decode()

    @pytest.mark.parametrize("between", [" ", "-", "."])
    def test_spelling_a_used_code_another_way_does_not_make_it_new(self, site, between):
        secret = turn_on_codes(site)
        with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False) as clock:
            code = code_of(secret)
            by_password()[0].post("/sign-in/code/", {"code": code})
            clock.shift(31)
            client, _ = by_password()
            client.post("/sign-in/code/", {"code": f"{code[:3]}{between}{code[3:]}"})
            assert not signed_in(client)

    def test_codes_cannot_be_guessed_through(self, site):
        secret = turn_on_codes(site)
        client, _ = by_password()
        for _ in range(5):
            client.post("/sign-in/code/", {"code": "000000"})
        answer = client.post("/sign-in/code/", {"code": code_of(secret)})
        assert "Too many" in answer.content.decode() and not signed_in(client)

    def test_each_recovery_code_stands_in_for_one_code_once(self, site):
        turn_on_codes(site)
        codes = site.get("/me/recovery-codes/").context["unused_codes"]
        assert len(codes) == 10
        client, _ = by_password()
        client.post("/sign-in/code/", {"code": codes[0]})
        again, _ = by_password()
        again.post("/sign-in/code/", {"code": codes[0]})
        assert signed_in(client) and not signed_in(again)
        text = site.get("/me/recovery-codes/download/").content.decode()
        assert codes[0] not in text and codes[1] in text

    def test_new_recovery_codes_replace_the_old(self, site):
        turn_on_codes(site)
        old = site.get("/me/recovery-codes/").context["unused_codes"]
        site.post("/me/recovery-codes/new/")
        assert not set(old) & set(site.get("/me/recovery-codes/").context["unused_codes"])

    def test_once_off_the_password_is_enough_again(self, site):
        turn_on_codes(site)
        assert site.post("/me/app/remove/").url == "/me/security/"
        client, answer = by_password()
        assert answer.url == "/" and signed_in(client)
        assert not Authenticator.objects.exists()

    def test_the_qr_code_is_a_picture_that_the_content_policy_allows(self, site):
        answer = site.get("/me/app/")
        assert 'src="data:image/svg+xml;base64,' in answer.content.decode()
        assert "img-src 'self' data:" in answer.headers["Content-Security-Policy"]

    def test_the_database_holds_neither_secret_nor_codes(self, site):
        secret = turn_on_codes(site)
        seed_codes = site.get("/me/recovery-codes/").context["unused_codes"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM mfa_authenticator")
            rows = repr(cursor.fetchall())
        sessions = repr([session.get_decoded() for session in Session.objects.all()])
        for hidden in (secret, *seed_codes):
            assert hidden not in rows and hidden not in sessions

    def test_after_rotatekeys_codes_need_only_the_new_key(self, site, settings, capsys):
        from cryptography.fernet import Fernet

        secret, old = turn_on_codes(site), settings.ENCRYPTION_KEYS
        codes = site.get("/me/recovery-codes/").context["unused_codes"]
        new = Fernet.generate_key().decode()
        settings.ENCRYPTION_KEYS = [new, *old]
        call_command("rotatekeys")
        assert "2 second factors" in capsys.readouterr().out
        settings.ENCRYPTION_KEYS = [new]
        assert site.get("/me/recovery-codes/").context["unused_codes"] == codes
        client, _ = by_password()
        client.post("/sign-in/code/", {"code": code_of(secret)})
        assert signed_in(client)

    def test_an_unreadable_secret_is_reported_and_signs_no_one_in(self, site, settings):
        from cryptography.fernet import Fernet

        secret = turn_on_codes(site)
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        client, _ = by_password()
        answer = client.post("/sign-in/code/", {"code": code_of(secret)})
        assert "ENCRYPTION_KEYS" in answer.content.decode() and not signed_in(client)

    def test_a_passkey_can_be_the_second_step_too(self, mara):
        _, passkey = make_passkey(mara)
        client, answer = by_password()
        assert answer.url == "/sign-in/code/" and not signed_in(client)
        options = client.get("/sign-in/code/").context["js_data"]["request_options"]
        client.post("/sign-in/code/", {"credential": passkey.get(options)})
        assert signed_in(client)


class TestSessions:
    @pytest.mark.parametrize(
        ("user_agent", "name"),
        [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/604",
                "Safari on iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537 Edg/140.0", "Edge on Windows"),
            ('"><script>alert(1)</script>', "Unknown browser"),
            ("", "Unknown browser"),
        ],
    )
    def test_they_are_listed_with_browser_address_and_time(self, mara, user_agent, name):
        client = Client(headers={"user-agent": user_agent})
        by_password(client)
        page = client.get("/me/sessions/").content.decode()
        assert f">{name}</strong>" in page and "127.0.0.1" in page and "just now" in page
        assert "This browser" in page and "<script>alert" not in page

    def test_everywhere_else_can_be_signed_out(self, mara):
        here, phone, laptop = (by_password()[0] for _ in range(3))
        phone.get("/")
        here.post("/me/sessions/")
        assert signed_in(here) and not signed_in(phone) and not signed_in(laptop)

    def test_other_people_stay_signed_in(self, mara):
        make_user("jon")
        his, hers = by_password(name="jon")[0], by_password()[0]
        hers.post("/me/sessions/")
        assert signed_in(his)

    def test_when_a_person_was_seen_is_stored_once_in_five_minutes(
        self, site, mara, django_assert_num_queries
    ):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            site.get("/me/")
            mara.refresh_from_db()
            first = mara.last_seen_at
            clock.shift(timedelta(minutes=4))
            site.get("/me/")
            mara.refresh_from_db()
            assert mara.last_seen_at == first
            clock.shift(timedelta(minutes=2))
            site.get("/me/")
            mara.refresh_from_db()
            assert mara.last_seen_at > first


class TestSessionEnd:
    """SESSION_DAYS after signing in, whatever happens in between."""

    START = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)

    @pytest.fixture
    def clock(self, mara, settings):
        settings.SESSION_DAYS = 30
        with time_machine.travel(self.START, tick=False) as clock:
            yield clock

    def use(self, client: Client, clock, days: int) -> bool:
        """Load a page every six hours. Return whether the client is signed in at the end."""
        for _ in range(days * 4):
            clock.shift(timedelta(hours=6))
            client.get("/me/")
        return signed_in(client)

    def test_use_does_not_prolong_it_past_its_end(self, clock):
        client, _ = by_password()
        assert self.use(client, clock, 29) and not self.use(client, clock, 1)

    def test_unused_it_ends_after_thirty_days_even_when_it_could_last_a_year(self, clock, settings):
        settings.SESSION_DAYS = 365
        used, unused = by_password()[0], by_password()[0]
        assert self.use(used, clock, 29)
        clock.shift(timedelta(days=2))
        assert signed_in(used) and not signed_in(unused)

    def test_its_stored_row_and_cookie_end_with_it(self, clock):
        client, _ = by_password()
        self.use(client, clock, 20)
        left = Session.objects.get(pk=client.session.session_key).expire_date - timezone.now()
        assert left <= timedelta(days=10)

    def test_one_from_before_the_upgrade_is_counted_from_its_sign_in(self, clock):
        client, _ = by_password()
        session = client.session
        session.pop("began", None)
        session.pop("_session_expiry", None)
        session.save()
        UserSession.objects.update(created_at=self.START - timedelta(days=20))
        assert self.use(client, clock, 9) and not self.use(client, clock, 1)

    def test_one_of_which_no_beginning_is_known_is_counted_from_its_next_use(self, clock):
        client, _ = by_password()
        session = client.session
        session.pop("began", None)
        session.save()
        UserSession.objects.all().delete()
        assert self.use(client, clock, 29) and not self.use(client, clock, 2)

    def test_one_that_began_while_the_clock_was_a_year_ahead_counts_as_begun_now(self, clock):
        clock.shift(timedelta(days=365))
        client, _ = by_password()
        client.get("/me/")
        clock.move_to(self.START)
        assert self.use(client, clock, 29) and not self.use(client, clock, 2)

    def test_a_shorter_limit_holds_for_sessions_that_are_there(self, clock, settings):
        client, _ = by_password()
        assert self.use(client, clock, 5)
        settings.SESSION_DAYS = 3
        assert not signed_in(client)

    def test_the_list_of_sessions_says_when(self, clock):
        client, _ = by_password()
        self.use(client, clock, 3)
        day = formats.day(self.START + timedelta(days=30))
        assert f"Expires {day}" in client.get("/me/sessions/").content.decode()


CONFIRMED = [
    "/torbox/connect/", "/torbox/{account}/key/", "/torbox/{account}/disconnect/", "/me/app/",
    "/me/passkeys/add/", "/me/recovery-codes/new/", "/me/export/", "/me/export/magnets/", "/me/delete/",
    "/people/invite/", "/people/{person}/", "/people/{person}/delete/",
]  # fmt: skip
POSTED = ["disable", "enable", "sign-out", "hand-over", "invite-back"]


class TestConfirming:
    @pytest.fixture
    def paths(self, mara):
        User.objects.update(role=User.Role.OWNER)
        known = {"account": make_account(mara, make_key("mara")).pk, "person": make_user("jon").pk}
        return lambda path: path.format(**known)

    @pytest.mark.parametrize("path", CONFIRMED)
    def test_before_keys_and_security_change_one_confirms_unless_just_signed_in(self, mara, paths, path):
        path = paths(path)
        client, _ = by_password()
        assert client.get(path).status_code == 200
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            answer = client.get(path)
            assert answer.status_code == 302 and answer.url.startswith("/me/confirm/?next=")
            assert client.post(answer.url, {"password": "wrong", "next": path}).status_code == 200
            assert client.get(path).status_code == 302
            assert client.post("/me/confirm/", {"password": PASSWORD, "next": path}).url == path
            assert client.get(path).status_code == 200

    @pytest.mark.parametrize("verb", POSTED)
    def test_so_do_the_buttons_of_the_owner(self, mara, paths, verb):
        path = paths(f"/people/{{person}}/{verb}/")
        client, _ = by_password()
        before = User.objects.values()
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert client.post(path).url == "/me/confirm/?next=%2Fpeople%2F"
        assert list(before) == list(User.objects.values())

    @pytest.fixture
    def given(self, mara):
        """A share of mara's TorBox account: jon may add."""
        account = make_account(mara, make_key("mara"))
        return Share.objects.create(account=account, user=make_user("jon"), level=Share.Level.ADD)

    def test_so_does_sharing_a_torbox_account_which_goes_on_with_what_was_chosen(self, mara, given):
        eve = make_user("eve")
        client, _ = by_password()
        path = f"/torbox/{given.account_id}/"
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            answer = client.post(f"{path}shares/", {"person": eve.pk, "level": "manage"})
            assert answer.url.startswith("/me/confirm/") and not Share.objects.filter(user=eve).exists()
            then = client.post("/me/confirm/", {"password": PASSWORD, "next": next_of(answer)}).url
            page = client.get(then)
            assert page.status_code == 200 and page.context["form"].initial == {
                "person": str(eve.pk),
                "level": "manage",
            }
            assert f'<option value="{eve.pk}" selected>' in page.content.decode()
            client.post(f"{path}shares/", {"person": eve.pk, "level": "manage"})
            assert Share.objects.get(user=eve).level == "manage"

    def test_so_does_raising_a_level_and_lowering_or_ending_does_not(self, mara, given):
        client, _ = by_password()
        path = f"/torbox/{given.account_id}/shares/{given.pk}/"
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            answer = client.post(path, {"level": "manage"})
            assert answer.url.startswith("/me/confirm/")
            given.refresh_from_db()
            assert given.level == "add"
            client.post(path, {"level": "view"})
            given.refresh_from_db()
            assert given.level == "view"
            client.post(path, {"level": "view"})
            client.post(f"{path}end/")
            assert not Share.objects.exists()

    def test_the_level_that_was_chosen_is_chosen_again_after_confirming(self, mara, given):
        client, _ = by_password()
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            answer = client.post(f"/torbox/{given.account_id}/shares/{given.pk}/", {"level": "manage"})
            then = client.post("/me/confirm/", {"password": PASSWORD, "next": next_of(answer)}).url
            assert '<option value="manage" selected>' in client.get(then).content.decode()
            given.refresh_from_db()
            assert given.level == "add"

    def test_so_does_deleting_everything_and_nothing_else_there(self, mara, given, sim):
        torrent = make_torrent(given.account, "A film", added_by=mara)
        client, _ = by_password()
        form = {"account": given.account_id, "confirm": given.account.label}
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert client.get("/everything/").status_code == 200
            answer = client.post("/everything/", form | {"operation": "delete"})
            assert answer.url == "/me/confirm/?next=%2Feverything%2F"
            torrent.refresh_from_db()
            assert torrent.removed_at is None
            paused = client.post("/everything/", form | {"operation": "pause"})
            assert "/me/confirm/" not in paused.headers.get("Location", "")

    def test_a_key_that_was_posted_before_confirming_is_kept_nowhere(self, mara, sim, key):
        client, _ = by_password()
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert client.post("/torbox/connect/", {"api_key": key}).url.startswith("/me/confirm/")
        assert key not in repr([session.get_decoded() for session in Session.objects.all()])
        assert not mara.torbox_accounts.exists()

    def test_a_person_with_only_a_passkey_confirms_with_it(self, mara):
        _, passkey = make_passkey(mara)
        mara.set_unusable_password()
        mara.save()
        client, _ = by_passkey(passkey)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            confirm = client.get("/torbox/connect/").url
            assert confirm.startswith("/me/confirm/passkey/")
            options = client.get(confirm).context["js_data"]["request_options"]
            answer = client.post(confirm, {"credential": passkey.get(options), "next": "/torbox/connect/"})
            assert answer.url == "/torbox/connect/"
            assert client.get("/torbox/connect/").status_code == 200

    def test_a_code_confirms_too(self, site):
        turn_on_codes(site)
        code = site.get("/me/recovery-codes/").context["unused_codes"][0]
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert site.get("/me/app/remove/").status_code == 302
            page = site.get("/me/confirm/?next=/me/security/").content.decode()
            assert "Use a code" in page
            site.post("/me/confirm/code/", {"code": code, "next": "/me/app/remove/"})
            assert site.get("/me/app/remove/").status_code == 200

    def test_confirming_leads_nowhere_else(self, site):
        answer = site.post("/me/confirm/", {"password": PASSWORD, "next": "https://evil.example/"})
        assert answer.url == "/"

    def test_a_first_password_needs_it_too(self, mara):
        _, passkey = make_passkey(mara)
        mara.set_unusable_password()
        mara.save()
        client, _ = by_passkey(passkey)
        form = {"password1": "quite another password", "password2": "quite another password"}
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert client.post("/me/password/first/", form).url.startswith("/me/confirm/passkey/")
        mara.refresh_from_db()
        assert not mara.has_usable_password()
        assert client.post("/me/password/first/", form).url == "/me/security/"
        mara.refresh_from_db()
        assert mara.check_password("quite another password") and signed_in(client)


def test_settings_warn_when_losing_one_device_would_lock_the_person_out(mara):
    _, passkey = make_passkey(mara)
    mara.set_unusable_password()
    mara.save()
    client, _ = by_passkey(passkey)
    assert "Losing one device would lock you out" in client.get("/me/security/").content.decode()
    make_passkey(mara)
    assert "Losing one device would lock you out" not in client.get("/me/security/").content.decode()


def test_every_page_of_the_sign_in_library_is_in_our_look(site, mara):
    make_passkey(mara)
    pk = Authenticator.objects.get().pk
    turn_on_codes(site)
    paths = ["/me/security/", "/me/sessions/", "/me/password/", "/me/passkeys/add/", "/me/recovery-codes/"]
    paths += ["/me/recovery-codes/new/", "/me/app/remove/", f"/me/passkeys/{pk}/rename/"]
    paths += [f"/me/passkeys/{pk}/remove/", "/me/confirm/", "/me/confirm/code/", "/me/confirm/passkey/"]
    for path in paths:
        page = site.get(path).content.decode()
        assert 'class="panel roomy' in page and "library-page" not in page
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
        assert " style=" not in page and " onclick=" not in page
