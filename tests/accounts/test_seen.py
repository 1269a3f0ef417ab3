"""Record when a person was last here, and which language and time zone their browser had."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import make_user, sign_in

pytestmark = pytest.mark.django_db


def visit(language: str = "de", zone: str = "Europe/Berlin", client: Client | None = None) -> User:
    """Open a page as mara, with this language and time zone of the browser. Return what is then known about her."""
    mara = User.objects.filter(username="mara").first() or make_user("mara")
    client = client or sign_in(Client(), mara)
    client.cookies[settings.TIME_ZONE_COOKIE_NAME] = zone
    assert client.get("/me/", headers={"Accept-Language": language}).status_code == 200
    return User.objects.get(pk=mara.pk)


def seen(person: User) -> tuple[str, str]:
    return person.seen_language, person.seen_time_zone


def test_the_language_and_the_time_zone_of_the_browser_are_recorded():
    assert seen(visit()) == ("de", "Europe/Berlin")


@pytest.mark.parametrize(
    ("accepted", "recorded"), [("de-AT,en;q=0.5", "de"), ("pt-BR", "pt-br"), ("xx", "en"), ("", "en")]
)
def test_the_language_is_one_that_the_app_speaks(accepted, recorded):
    assert seen(visit(accepted))[0] == recorded


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../../etc/passwd", "x" * 3000])
def test_a_time_zone_that_is_none_is_not_recorded(zone):
    assert seen(visit(zone=zone))[1] == ""


def test_what_the_person_chose_is_not_mistaken_for_what_the_browser_says():
    make_user("mara", language="fr", time_zone="America/New_York")
    person = visit("de", "Europe/Berlin")
    assert seen(person) == ("de", "Europe/Berlin")
    assert (person.language, person.time_zone) == ("fr", "America/New_York")


def test_another_browser_s_are_recorded_instead():
    visit("de", "Europe/Berlin")
    assert seen(visit("fr", "Europe/Paris")) == ("fr", "Europe/Paris")


def test_they_are_recorded_every_five_minutes_at_most():
    client = sign_in(Client(), make_user("mara"))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visit("de", "Europe/Berlin", client)
        clock.shift(timedelta(minutes=4))
        assert seen(visit("fr", "Europe/Paris", client)) == ("de", "Europe/Berlin")
        clock.shift(timedelta(minutes=2))
        assert seen(visit("fr", "Europe/Paris", client)) == ("fr", "Europe/Paris")
