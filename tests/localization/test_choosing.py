"""Which language and which time zone a page has: a person's choice, the cookie's, the browser's, the instance's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.conf import settings as configured
from django.urls import reverse

from localization import locales, pseudo
from tests.factories import make_torrent

ACCENTED = {"Accept-Language": "en-XA,en;q=0.5"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pseudo-languages, compiled from the sentences there are."""
    return pseudo.compile_all(configured.BASE_DIR, tmp_path_factory.mktemp("locale"))


@pytest.fixture(autouse=True)
def _languages(settings, folder):
    settings.LOCALE_PATHS = [folder]
    settings.LANGUAGES = [("en", "English"), ("en-xa", "Accents"), ("ar-xb", "Mirror")]
    yield
    locales.activate("en")


def sign_in_page(client, **headers: str) -> str:
    return client.get(reverse("account_login"), headers=headers).content.decode()


def test_before_sign_in_the_browser_says_the_language(client, db):
    answer = client.get(reverse("account_login"), headers=ACCENTED)
    page = answer.content.decode()
    assert pseudo.accented("Sign in") in page
    assert '<html lang="en-xa" dir="ltr"' in page
    assert answer["Content-Language"] == "en-xa"
    assert "Accept-Language" in answer["Vary"]
    assert '<html lang="ar-xb" dir="rtl"' in sign_in_page(client, **{"Accept-Language": "ar-XB"})
    assert '<html lang="en" dir="ltr"' in sign_in_page(
        client, **{"Accept-Language": "xx, *;q=0.1, \x7f, de;q=x"}
    )


def test_a_choice_before_sign_in_needs_no_script_and_is_kept(client, db):
    answer = client.post(reverse("set_language"), {"language": "en-xa", "next": "/sign-in/?next=/check/"})
    assert answer.url == "/sign-in/?next=/check/"
    cookie = answer.cookies[configured.LANGUAGE_COOKIE_NAME]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/", "Lax", True)
    page = sign_in_page(client)
    assert '<html lang="en-xa"' in page and '<option value="en-xa" lang="en-xa" selected>' in page


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_choice_leads_nowhere_else(client, db, next_url):
    assert client.post(reverse("set_language"), {"language": "xx", "next": next_url}).url == "/"


def test_a_person_s_choice_wins_over_the_browser(client, cast, sign_in):
    sign_in(cast.owner)
    answer = client.post("/me/profile/", {"appearance": "dark", "language": "en-xa"}, follow=True)
    assert f"{pseudo.accented('Saved.')}" in answer.content.decode()
    page = client.get("/", headers={"Accept-Language": "ar-XB"}).content.decode()
    assert '<html lang="en-xa"' in page
    client.post(reverse("account_logout"))
    assert '<html lang="en-xa"' in sign_in_page(client)


def test_what_is_said_after_an_action_is_in_the_language_of_the_page(client, cast, sign_in):
    page = sign_in(cast.owner).post("/me/sessions/", headers=ACCENTED, follow=True).content.decode()
    assert pseudo.accented("You’re signed out everywhere else.") in page


def test_a_person_can_go_back_to_the_browser_s_language(client, cast, sign_in):
    sign_in(cast.owner)
    client.post("/me/profile/", {"appearance": "dark", "language": "en-xa"})
    client.post("/me/profile/", {"appearance": "dark", "language": ""})
    assert '<html lang="en"' in client.get("/me/").content.decode()
    assert configured.LANGUAGE_COOKIE_NAME not in {c.key for c in client.cookies.values() if c.value}


def test_an_unknown_language_or_time_zone_is_refused(client, cast, sign_in):
    sign_in(cast.owner)
    for wrong in ({"language": "xx"}, {"time_zone": "Mars/Base"}):
        assert client.post("/me/profile/", {"appearance": "dark"} | wrong).status_code == 422


def test_a_language_that_is_no_longer_offered_is_as_if_it_was_never_chosen(client, cast, sign_in, settings):
    cast.owner.language = "en-xa"
    cast.owner.save()
    settings.LANGUAGES = [("en", "English"), ("ar-xb", "Mirror")]
    assert '<html lang="en"' in sign_in(cast.owner).get("/me/").content.decode()


def test_times_are_in_the_browser_s_time_zone_until_a_person_chooses_one(client, cast, sign_in):
    sign_in(cast.owner)
    client.cookies[configured.TIME_ZONE_COOKIE_NAME] = "Asia/Tokyo"
    make_torrent(cast.account, name="Sintel", added_at=datetime(2026, 3, 15, 18, 0, tzinfo=UTC))
    page = client.get("/").content.decode()
    assert 'data-time-zone="Asia/Tokyo"' in page and "Monday, March 16, 2026, 3:00:00\u202fAM JST" in page
    client.post("/me/profile/", {"appearance": "dark", "time_zone": "America/New_York"})
    assert "Sunday, March 15, 2026, 2:00:00\u202fPM EDT" in client.get("/").content.decode()


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "x" * 3000, "\x00"])
def test_a_time_zone_that_is_none_changes_nothing(client, db, zone):
    client.cookies[configured.TIME_ZONE_COOKIE_NAME] = zone
    assert 'data-time-zone="UTC"' in sign_in_page(client)


def test_the_markup_of_a_row_is_kept_for_each_language(client, cast, sign_in):
    sign_in(cast.owner)
    make_torrent(cast.account, name="Sintel")
    assert "Sintel" in client.get("/").content.decode()
    page = client.get("/", headers=ACCENTED).content.decode()
    assert pseudo.accented("Delete") in page.partition("Sintel")[2]


def test_the_installed_app_has_the_language_of_the_page(client, db):
    page = sign_in_page(client, **ACCENTED)
    assert 'href="/manifest.webmanifest?language=en-xa"' in page
    manifest = json.loads(client.get("/manifest.webmanifest?language=en-xa").content)
    assert manifest["lang"] == "en-xa" and manifest["shortcuts"][0]["name"] == pseudo.accented("Add torrents")
    assert json.loads(client.get("/manifest.webmanifest?language=xx").content)["lang"] == "en"
    worker = client.get("/service-worker.js", headers=ACCENTED).content.decode()
    assert '"Accept-Language": "en-xa"' in worker
