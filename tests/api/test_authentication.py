"""For whom a program acts: the person of its token, and no one else."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as people
from accounts.models import User
from api.models import ApiToken
from api.scopes import Scope
from api.services import tokens
from api.tokens import new_token
from tests.api.factories import basic, make_token, program_with, program_with_basic
from tests.factories import make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe_urls")]
WHO = "/api/v1/who"


def with_header(text: str | bytes) -> Client:
    """Return a program that sends this Authorization header, as bytes beyond ASCII arrive from a server."""
    return Client(headers={"authorization": text if isinstance(text, str) else text.decode("latin-1")})


def test_a_program_acts_for_the_person_of_its_token(cast):
    assert program_with(make_token(cast.member, name="Kodi")).get(WHO).json() == {
        "person": "member",
        "token": "Kodi",
    }


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_the_scheme_may_be_written_in_any_case(cast, scheme):
    assert with_header(f"{scheme} {make_token(cast.member).text}").get(WHO).status_code == 200


def test_a_token_is_the_password_of_its_person(cast):
    assert program_with_basic("member", make_token(cast.member).text).get(WHO).json()["person"] == "member"


@pytest.mark.parametrize(
    ("spelling", "encoding"),
    [
        ("Zoë", "utf-8"),
        ("ZOË", "utf-8"),
        (" zoe\u0308 ", "utf-8"),
        ("Zoë", "latin-1"),
        ("ZOË", "latin-1"),
    ],
)
def test_the_name_may_be_written_as_people_may_sign_in(db, spelling, encoding):
    token = make_token(make_user("Zoë"))
    assert program_with_basic(spelling, token.text, encoding).get(WHO).status_code == 200


def test_a_name_with_a_colon_can_be_sent(db):
    person = User.objects.create(username="a:b")
    assert program_with_basic("a:b", make_token(person).text).get(WHO).status_code == 200


@pytest.mark.parametrize("name", ["owner", "", "no one", "member\0", "m" * 3000])
def test_a_token_under_another_name_is_wrong(cast, name):
    assert program_with_basic(name, make_token(cast.member).text).get(WHO).status_code == 401


def test_a_token_that_has_expired_is_wrong(cast):
    soon = make_token(cast.member, expires_at=timezone.now() + timedelta(seconds=60))
    past = make_token(cast.member, expires_at=timezone.now() - timedelta(seconds=1))
    assert [program_with(token).get(WHO).status_code for token in (soon, past)] == [200, 401]


def test_a_revoked_token_is_wrong_at_once(cast):
    token = make_token(cast.member)
    program = program_with(token)
    assert program.get(WHO).status_code == 200
    tokens.revoke(token.row)
    assert program.get(WHO).status_code == 401


def test_tokens_of_a_suspended_person_work_again_when_they_are_back(cast):
    program = program_with(make_token(cast.member))
    people.disable(cast.member)
    assert program.get(WHO).status_code == 401
    people.enable(cast.member)
    assert program.get(WHO).status_code == 200


def test_tokens_go_with_their_person(cast):
    program = program_with(make_token(cast.outsider))
    people.delete_person(cast.outsider, heir=None)
    assert program.get(WHO).status_code == 401
    assert not ApiToken.objects.exists()


def test_a_new_password_and_ended_sessions_leave_programs_alone(cast):
    program = program_with(make_token(cast.member))
    cast.member.set_password("another long enough password")
    cast.member.save()
    people.end_sessions(cast.member)
    assert program.get(WHO).status_code == 200


def test_a_recovery_link_ends_tokens_like_every_other_way_in(cast, client):
    program = program_with(make_token(cast.member))
    link = people.link_of(people.invite_back(owner=cast.owner, person=cast.member))
    path = f"/join/{link.split('/join/')[1]}"
    assert "So will the API tokens of your programs." in client.get(path).content.decode()
    assert program.get(WHO).status_code == 200
    client.post(path, {"password1": "a new long enough password", "password2": "a new long enough password"})
    assert program.get(WHO).status_code == 401
    assert not ApiToken.objects.exists()


def test_whoever_changes_their_password_is_told_that_programs_keep_working(cast, client):
    page = "/me/password/"
    browser = sign_in(client, cast.member)
    assert "Programs keep working" not in browser.get(page).content.decode()
    make_token(cast.member)
    assert "Programs keep working" in browser.get(page).content.decode()


def test_tokens_end_with_secret_key_and_it_shows(cast, settings):
    token = make_token(cast.member)
    assert not token.row.is_unusable
    settings.SECRET_KEY = "another secret key, as after it was lost"
    assert program_with(token).get(WHO).status_code == 401
    assert ApiToken.objects.get().is_unusable


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",  # without its padding
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\x00\x80").decode(),
        b"Basic \xe4\xf6\xfc",
        b"Bearer tbw_\xe4" + b"a" * 31,
        "Bearer tbw_" + "a" * 31 + "\0",
        "Bearer " + "tbw_" + "a" * 33,
        "Bearer tbw_" + "٣" * 32,
        "Digest " + "a" * 32,
        "tbw_" + "a" * 32,
        "Bearer " + "a" * 20_000,
        "Basic " + "a" * 20_000,
        "\0",
    ],
    ids=ascii,
)
def test_a_malformed_header_is_no_token(cast, header):
    make_token(cast.member)
    if isinstance(header, str):
        header = header.encode()
    assert with_header(header).get(WHO).status_code == 401


@pytest.mark.parametrize("change", [str.swapcase, str.upper, lambda text: text[:-1], lambda text: f"{text}a"])
def test_a_token_counts_only_letter_by_letter(cast, change):
    assert program_with(change(make_token(cast.member).text)).get(WHO).status_code == 401


def test_two_tokens_with_the_same_beginning_are_told_apart(cast):
    token = make_token(cast.member)
    other = token.text[:12] + ("a" if token.text[12] != "a" else "b") + token.text[13:]
    assert program_with(other).get(WHO).status_code == 401


def test_a_token_in_the_address_counts_for_nothing(cast):
    text = make_token(cast.member).text
    assert Client().get(WHO, {"token": text, "access_token": text, "apikey": text}).status_code == 401


def test_too_many_wrong_tokens_are_stopped_and_a_right_one_never_is(cast):
    program = program_with(new_token())
    answers = [program.get(WHO).status_code for _ in range(25)]
    assert answers == [401] * 20 + [429] * 5
    assert program_with(make_token(cast.member)).get(WHO).status_code == 200
    assert Client().get(WHO).status_code == 401  # without any
    elsewhere = program.get(WHO, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 401


def test_a_header_about_the_address_evades_no_limit(cast):
    program = program_with(new_token())
    answers = {
        program.get(WHO, headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code
        for number in range(25)
    }
    assert answers == {401, 429}


def test_the_last_use_has_the_day_and_the_address_of_the_network(cast):
    program = program_with(make_token(cast.member))
    program.get(WHO, REMOTE_ADDR="192.168.1.20", headers={"x-forwarded-for": "203.0.113.1"})
    row = ApiToken.objects.get()
    assert (row.last_used_on, row.last_used_from) == (timezone.localdate(), "192.168.1.20")


def test_behind_a_proxy_it_is_the_address_that_the_proxy_reports(cast, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    program = program_with(make_token(cast.member))
    program.get(WHO, REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "192.168.1.20"})
    assert ApiToken.objects.get().last_used_from == "192.168.1.20"


def test_the_day_of_the_last_use_is_that_of_the_person(cast, time_machine):
    User.objects.filter(pk=cast.member.pk).update(time_zone="Pacific/Auckland")
    time_machine.move_to("2026-11-29 23:30:00+00:00", tick=False)
    program_with(make_token(cast.member)).get(WHO)
    assert str(ApiToken.objects.get().last_used_on) == "2026-11-30"


def writes(queries) -> int:
    return sum(query["sql"].startswith(("UPDATE", "INSERT", "DELETE")) for query in queries)


def test_a_use_is_written_once_a_day_and_address(cast, time_machine, django_assert_max_num_queries):
    time_machine.move_to("2026-11-29 12:00:00+00:00", tick=False)
    program = program_with(make_token(cast.member))
    long = "fe80:0000:0000:0000:0202:b3ff:fe1e:8329%a-very-long-zone"
    with django_assert_max_num_queries(1000) as queries:
        for _ in range(5):
            for address in ("192.168.1.20", "2001:db8::1", long, ""):
                assert program.get(WHO, REMOTE_ADDR=address).status_code == 200
    assert writes(queries.captured_queries) == 4
    time_machine.move_to("2026-11-30 12:00:00+00:00", tick=False)
    with django_assert_max_num_queries(1000) as queries:
        for _ in range(3):
            program.get(WHO, REMOTE_ADDR="192.168.1.20")
    assert writes(queries.captured_queries) == 1
    assert str(ApiToken.objects.get().last_used_on) == "2026-11-30"


def test_a_request_costs_two_queries(cast, django_assert_num_queries):
    program = program_with(make_token(cast.member))
    program.get(WHO)
    with django_assert_num_queries(2):  # the token, and its person
        assert program.get(WHO).status_code == 200


def test_the_session_of_the_web_app_counts_for_nothing(cast, client, django_assert_num_queries):
    browser = sign_in(client, cast.owner)
    seen = User.objects.get(pk=cast.owner.pk).last_seen_at
    with django_assert_num_queries(0):
        for path in (WHO, "/qbittorrent/who", "/dav/who"):
            assert browser.get(path).status_code == 401
            assert browser.post(path, {"any": "form"}).status_code == 401
    assert User.objects.get(pk=cast.owner.pk).last_seen_at == seen


def test_a_token_acts_for_its_person_in_a_browser_where_another_is_signed_in(cast, client):
    browser = sign_in(client, cast.owner)
    header = {"authorization": f"Bearer {make_token(cast.member).text}"}
    assert browser.get(WHO, headers=header).json()["person"] == "member"
    assert browser.get("/me/", follow=True).context["user"] == cast.owner


def test_a_token_signs_in_to_no_page(cast):
    program = program_with(make_token(cast.member))
    for path in ("/", "/me/", "/changes/", "/status/"):
        got = program.get(path)
        assert (path, got.status_code, got.get("Location", "")[:9]) == (path, 302, "/sign-in/")
    assert program.post("/add/", {"text": "a" * 40}).status_code == 302


def test_no_cookie_of_the_web_app_is_set(cast):
    program = program_with(make_token(cast.member, Scope.READ))
    for path in (WHO, "/api/v1/nothing", "/qbittorrent/who", "/dav/who"):
        assert not program.get(path).cookies


def test_nothing_for_the_bell_is_told_to_programs(cast):
    program = program_with(make_token(cast.member, Scope.ADD))
    assert "HX-Trigger" not in program.get(WHO, headers={"hx-request": "true"}).headers


def test_basic_in_advance_works_on_every_protocol(cast):
    header = basic("member", make_token(cast.member).text)
    for path in (WHO, "/qbittorrent/who", "/dav/who"):
        assert with_header(header).get(path).status_code == 200
