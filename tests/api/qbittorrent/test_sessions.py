"""Signing in to the qBittorrent API: by name and token, by a header, and how a session ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import set_script_prefix
from django.utils import timezone

from accounts.models import User
from api.limits import Limit
from api.models import EndedSession
from api.scopes import Scope
from api.services import tokens
from tests.api.factories import basic, make_token, program_with, program_with_basic
from tests.api.qbittorrent.programs import BELOW
from tests.factories import PASSWORD, sign_in

pytestmark = pytest.mark.django_db
LOGIN, VERSION = f"{BELOW}auth/login", f"{BELOW}app/version"


@pytest.fixture
def token(cast):
    return make_token(cast.member, Scope.QBITTORRENT)


@pytest.fixture
def signed_in(client, token) -> Client:
    login(client, "member", token.text)
    return client


def copy_of(client: Client) -> Client:
    """Return a program that was given the cookie of another one."""
    copy = Client()
    copy.cookies["SID"] = client.cookies["SID"].value
    return copy


def login(client: Client, name: str, password: str, **headers: str) -> tuple[int, str]:
    answer = client.post(LOGIN, {"username": name, "password": password}, **headers)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    return answer.status_code, answer.content.decode()


class TestSigningIn:
    def test_with_name_and_token_is_ok_and_sets_a_cookie_for_this_path_alone(self, client, token):
        assert client.get(VERSION).status_code == 403
        assert login(client, "Member", token.text) == (200, "Ok.")
        cookie = client.cookies["SID"]
        assert cookie["path"] == "/qbittorrent/" and cookie["httponly"] and cookie["samesite"] == "Lax"
        assert not cookie["secure"]
        assert client.get(VERSION).content == b"v5.1.4"
        assert client.get(f"{BELOW}app/webapiVersion").content == b"2.11.4"

    def test_the_cookie_holds_nothing_that_opens_another_way_in(self, signed_in, token):
        sid = signed_in.cookies["SID"].value
        assert token.text not in sid and token.row.prefix not in sid and token.row.token_hash not in sid
        assert program_with(sid).get(VERSION).status_code == 403

    def test_below_a_path_the_cookie_is_for_that_path(self, client, token):
        set_script_prefix("/torbox/")
        try:
            client.post(LOGIN, {"username": "member", "password": token.text})
        finally:
            set_script_prefix("/")
        assert client.cookies["SID"]["path"] == "/torbox/qbittorrent/"

    def test_over_https_the_cookie_is_secure(self, client, token, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        client.post(LOGIN, {"username": "member", "password": token.text}, secure=True)
        assert client.cookies["SID"]["secure"]

    @pytest.mark.parametrize(
        ("name", "password"),
        [("member", PASSWORD), ("member", ""), ("", ""), ("owner", None), ("member", "tbw_" + "a" * 32)],
    )
    def test_anything_else_fails_with_status_200(self, client, token, name, password):
        assert login(client, name, token.text if password is None else password) == (200, "Fails.")
        assert "SID" not in client.cookies

    def test_a_token_without_the_scope_fails(self, client, cast):
        other = make_token(cast.member, Scope.READ, Scope.ADD, Scope.MANAGE, Scope.LINKS)
        assert login(client, "member", other.text) == (200, "Fails.")
        assert program_with(other).get(VERSION).status_code == 403

    def test_too_many_wrong_tokens_lock_out_but_the_right_one_works(self, client, token):
        answers = [login(client, "member", "wrong") for _ in range(21)]
        assert answers[:20] == [(200, "Fails.")] * 20
        assert answers[20][0] == 403 and "Too many attempts" in answers[20][1]
        assert login(client, "member", token.text) == (200, "Ok.")

    def test_the_query_is_no_place_for_a_password(self, client, token):
        assert client.get(LOGIN, {"username": "member", "password": token.text}).status_code == 405

    def test_basic_that_is_sent_along_neither_breaks_nor_helps(self, client, token):
        right, wrong = basic("member", token.text), basic("member", "wrong")
        for sent in (right, wrong):
            assert login(client, "member", token.text, headers={"authorization": sent}) == (200, "Ok.")
            assert client.get(VERSION, headers={"authorization": sent}).status_code == 200
        assert login(Client(), "member", "wrong", headers={"authorization": right}) == (200, "Fails.")


class TestEnds:
    def test_a_session_ends_with_its_token(self, signed_in, token):
        tokens.revoke(token.row)
        assert signed_in.get(VERSION).status_code == 403

    def test_a_session_ends_when_its_person_is_suspended(self, signed_in, cast):
        User.objects.filter(pk=cast.member.pk).update(is_active=False)
        assert signed_in.get(VERSION).status_code == 403

    def test_a_session_ends_when_its_token_expires(self, client, cast):
        token = make_token(cast.member, expires_at=timezone.now() + timedelta(hours=1))
        assert login(client, "member", token.text) == (200, "Ok.")
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert client.get(VERSION).status_code == 403

    def test_a_session_ends_after_a_day_and_signing_in_again_helps(self, signed_in, token):
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            assert signed_in.get(VERSION).status_code == 403
            assert login(signed_in, "member", token.text) == (200, "Ok.")
            assert signed_in.get(VERSION).status_code == 200

    def test_signing_out_drops_the_cookie(self, signed_in):
        assert signed_in.post(f"{BELOW}auth/logout").status_code == 200
        assert signed_in.get(VERSION).status_code == 403

    def test_a_copy_of_the_cookie_ends_with_it(self, client, token):
        login(client, "member", token.text)
        copy = copy_of(client)
        assert copy.get(VERSION).status_code == 200
        client.post(f"{BELOW}auth/logout")
        assert copy.get(VERSION).status_code == 403
        copy.post(f"{BELOW}auth/logout")
        assert EndedSession.objects.count() == 1

    def test_signing_out_ends_no_other_session(self, signed_in, token):
        other = Client()
        login(other, "member", token.text)
        signed_in.post(f"{BELOW}auth/logout")
        assert other.get(VERSION).status_code == 200
        assert login(signed_in, "member", token.text) == (200, "Ok.")
        assert signed_in.get(VERSION).status_code == 200

    def test_a_page_of_another_site_signs_no_one_out(self, signed_in):
        copy = copy_of(signed_in)
        signed_in.post(f"{BELOW}auth/logout", headers={"origin": "https://elsewhere.example"})
        assert copy.get(VERSION).status_code == 200

    def test_a_session_costs_no_query_more_than_a_token(self, signed_in, token, django_assert_num_queries):
        signed_in.get(VERSION)
        with django_assert_num_queries(2):  # the token, unless the session has ended, and its person
            signed_in.get(VERSION)

    @pytest.mark.parametrize("sid", ["", "x", "1-a-b"])
    def test_signing_out_without_a_session_is_fine(self, client, sid):
        client.cookies["SID"] = sid
        assert client.post(f"{BELOW}auth/logout").status_code == 200
        assert not EndedSession.objects.exists()

    @pytest.mark.parametrize(
        "change", [lambda sid: sid[:-1], lambda sid: f"9{sid}", lambda sid: "x" * 5000, str.upper]
    )
    def test_a_forged_cookie_is_no_session(self, signed_in, change):
        signed_in.cookies["SID"] = change(signed_in.cookies["SID"].value)
        assert signed_in.get(VERSION).status_code == 403


class TestOtherWaysIn:
    def test_bearer_and_basic_need_no_sign_in(self, token):
        assert program_with(token).get(VERSION).status_code == 200
        assert program_with_basic("member", token.text).get(VERSION).status_code == 200
        assert program_with_basic("owner", token.text).get(VERSION).status_code == 403

    def test_a_session_of_the_web_app_is_none_here(self, client, cast):
        sign_in(client, cast.member)
        assert client.get(VERSION).status_code == 403

    @pytest.mark.parametrize(
        "origin",
        ["https://elsewhere.example", "null", "http://testserver.example", "http://[", "http://\u2100"],
    )
    def test_a_page_of_another_site_cannot_use_the_cookie(self, signed_in, origin):
        assert signed_in.get(VERSION, headers={"origin": origin}).status_code == 403

    def test_an_extension_that_sends_our_own_origin_can(self, signed_in):
        assert signed_in.get(VERSION, headers={"origin": "http://testserver"}).status_code == 200

    def test_the_token_notes_its_use(self, signed_in, token):
        token.row.refresh_from_db()
        assert token.row.last_used_on == timezone.now().date()


class TestCalls:
    def test_reads_take_both_methods_and_changes_only_one(self, signed_in):
        for answer in (signed_in.get(VERSION), signed_in.post(VERSION)):
            assert answer.status_code == 200
        refused = signed_in.get(f"{BELOW}torrents/delete", {"hashes": "all"})
        assert (refused.status_code, refused["Allow"]) == (405, "POST")

    @pytest.mark.parametrize(
        "path", ["nothing", "torrents/nothing", "torrents/info/", "../version/api", "auth"]
    )
    def test_an_unknown_call_is_not_found(self, signed_in, path):
        answer = signed_in.get(f"{BELOW}{path}")
        assert answer.status_code == 404 and answer["Content-Type"].startswith("text/plain")

    def test_a_program_that_asks_too_often_is_told_when_to_come_back(self, signed_in):
        answers = [signed_in.post(f"{BELOW}torrents/createTags") for _ in range(Limit.CHANGES.value + 20)]
        last = next(answer for answer in answers if answer.status_code != 200)
        assert last.status_code == 429 and int(last["Retry-After"]) >= 1

    def test_people_who_open_the_address_read_what_it_is_for(self, client):
        answer = client.get("/qbittorrent/")
        assert answer.status_code == 200 and "API token" in answer.content.decode()
        assert client.head("/qbittorrent/").status_code == 200
