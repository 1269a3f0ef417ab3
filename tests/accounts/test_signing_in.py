"""Signing in and out, changing the password, and the appearance."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ANOTHER = "quite another password"


@pytest.fixture
def mara():
    return make_user("mara")


def sign_in(client, name: str = "mara", password: str = PASSWORD, **more: str):
    extra = {"headers": more.pop("headers")} if "headers" in more else {}
    return client.post("/sign-in/", {"login": name, "password": password} | more, **extra)


def signed_in(client) -> bool:
    return client.get("/me/").status_code == 200


def test_signing_in_leads_to_the_list(client, mara):
    answer = sign_in(client)
    assert (answer.status_code, answer.url) == (302, "/")
    assert signed_in(client)


def test_the_passkey_library_runs_before_the_button_that_needs_it_is_shown(client):
    page = client.get("/sign-in/").content.decode()
    assert 0 < page.index("webauthn-json") < page.index("js/app.js")  # scripts run in the order of the page


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, mara):
    page = client.get("/lookup/?hash=x")
    assert page.url == "/sign-in/?next=/lookup/%3Fhash%3Dx"
    assert client.get(page.url).context["redirect_field_value"] == "/lookup/?hash=x"
    assert sign_in(client, next="/lookup/?hash=x").url == "/lookup/?hash=x"


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_next_cannot_lead_off_the_site(client, mara, away):
    assert sign_in(client, next=away).url == "/"
    assert client.get("/sign-in/", {"next": away}).url == "/"
    assert client.post("/sign-out/", {"next": away}).url == "/sign-in/"


def test_signing_out_ends_the_session_and_asks_first(client, mara):
    sign_in(client)
    assert client.get("/sign-out/").status_code == 200 and signed_in(client)
    answer = client.post("/sign-out/")
    assert answer.url == "/sign-in/" and not signed_in(client)


def test_a_wrong_password_says_the_same_for_known_and_unknown_names(client, mara):
    typed = "not the password"
    known, unknown = sign_in(client, password=typed), sign_in(client, name="nobody", password=typed)
    assert known.status_code == unknown.status_code == 200
    said = known.context["form"].non_field_errors()
    assert said and said == unknown.context["form"].non_field_errors()
    assert str(said[0]) in known.content.decode()
    assert typed not in known.content.decode() and not signed_in(client)


def test_a_suspended_person_cannot_sign_in(client, mara):
    mara.is_active = False
    mara.save()
    sign_in(client)
    assert not signed_in(client)


def test_after_five_wrong_passwords_the_right_one_has_to_wait_too(client, mara):
    for _ in range(5):
        sign_in(client, password="wrong")
    answer = sign_in(client)
    assert "Too many attempts" in answer.content.decode()
    assert not signed_in(client)


def test_a_made_up_forwarding_header_does_not_get_around_the_limit(client, mara):
    for number in range(5):
        sign_in(client, password="wrong", headers={"x-forwarded-for": f"203.0.113.{number}"})
    sign_in(client, headers={"x-forwarded-for": "203.0.113.99"})
    assert not signed_in(client)


def test_guessing_at_one_name_does_not_lock_out_another(client, mara):
    make_user("jon")
    for _ in range(5):
        sign_in(client, name="jon", password="wrong")
    sign_in(client)
    assert signed_in(client)


def test_changing_the_password_keeps_this_browser_and_signs_out_the_others(client, mara):
    other = Client()
    sign_in(client), sign_in(other)
    form = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    assert client.post("/me/password/", form).url == "/me/security/"
    assert signed_in(client) and not signed_in(other)
    sign_in(other)
    assert not signed_in(other)
    sign_in(other, password=ANOTHER)
    assert signed_in(other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"oldpassword": "not it at all"},
        {"password1": "short", "password2": "short"},
        {"password2": "does not match it"},
    ],
)
def test_a_password_is_changed_only_with_the_old_one_and_to_a_good_one(client, mara, wrong):
    sign_in(client)
    form = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    answer = client.post("/me/password/", form | wrong)
    assert answer.status_code == 200 and answer.context["form"].errors
    mara.refresh_from_db()
    assert mara.check_password(PASSWORD)


@pytest.mark.parametrize("appearance", ["light", "dark", "system"])
def test_the_appearance_is_on_every_page(client, mara, appearance):
    sign_in(client)
    answer = client.post("/me/profile/", {"shown_name": "Mara M.", "appearance": appearance})
    assert answer.url == "/me/profile/"
    for path in ("/me/", "/", "/check/"):
        page = client.get(path).content.decode()
        assert f'data-appearance="{appearance}"' in page and "Mara M." in page


def test_an_unknown_appearance_is_refused(client, mara):
    sign_in(client)
    assert (
        client.post("/me/profile/", {"shown_name": "Mara", "appearance": 'dark" onload="x'}).status_code
        == 422
    )
    assert 'data-appearance="system"' in client.get("/me/").content.decode()


def test_people_cannot_make_themselves_owners_in_their_settings(client, mara):
    sign_in(client)
    client.post(
        "/me/profile/", {"shown_name": "x", "appearance": "dark", "role": "owner", "is_superuser": "on"}
    )
    mara.refresh_from_db()
    assert (mara.shown_name, mara.role, mara.is_superuser) == ("x", "member", False)


def test_forms_need_the_token_of_the_page(mara):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"login": "mara", "password": PASSWORD}).status_code == 403
    assert not signed_in(strict)
