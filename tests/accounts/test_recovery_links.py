"""A recovery link signs in as its person, so people learn when one was made for them and used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Invitation, RecoveryLink, User
from tests.factories import PASSWORD, make_passkey, make_user, sign_in

pytestmark = pytest.mark.django_db
NEW = "quite another password"
MADE_BY_MARA = "<bdi>Mara</bdi> made a recovery link for you"


@pytest.fixture
def mara():
    return make_user("mara", User.Role.OWNER)


@pytest.fixture
def jon():
    return make_user("jon")


def make_link(owner: User, person: User) -> str:
    """Return the path of a new recovery link."""
    sign_in(Client(), owner).post(f"/people/{person.pk}/invite-back/")
    return "/join/" + services.link_of(Invitation.objects.get(person=person)).split("/join/")[1]


def told(name: str = "jon", password: str = PASSWORD) -> str:
    """Return the first page after signing in."""
    client = Client()
    return client.post("/sign-in/", {"login": name, "password": password}, follow=True).content.decode()


def test_a_person_is_told_once_at_the_next_sign_in_who_made_one(mara, jon):
    assert "recovery link" not in told()
    make_link(mara, jon)
    page = told()
    assert MADE_BY_MARA in page and "It hasn’t been used." in page
    assert "recovery link" not in told()


def test_one_who_signs_in_with_a_passkey_is_told_as_well(mara, jon):
    _, passkey = make_passkey(jon)
    make_link(mara, jon)
    client = Client()
    options = client.get("/sign-in/passkey/", headers={"accept": "application/json"}).json()[
        "request_options"
    ]
    page = client.post("/sign-in/passkey/", {"credential": passkey.get(options)}, follow=True)
    assert MADE_BY_MARA in page.content.decode()


def test_the_person_who_used_it_is_not_told_instead(mara, jon):
    """An owner who opens someone else's link doesn't use up the notice."""
    path, thief = make_link(mara, jon), Client()
    page = thief.post(path, {"password1": NEW, "password2": NEW}, follow=True).content.decode()
    assert thief.get("/me/").status_code == 200 and "recovery link" not in page
    assert RecoveryLink.objects.get().told_at is None
    page = told(password=NEW)
    assert MADE_BY_MARA in page and "It was used (" in page


def test_one_who_was_told_that_it_was_made_is_told_again_when_it_was_used(mara, jon):
    path = make_link(mara, jon)
    assert "It hasn’t been used." in told()
    Client().post(path, {"password1": NEW, "password2": NEW})
    assert "It was used (" in told(password=NEW)


def test_the_security_page_and_the_page_of_the_person_keep_it(mara, jon):
    Client().post(make_link(mara, jon), {"password1": NEW, "password2": NEW})
    make_link(mara, jon)
    jon.refresh_from_db()
    mine = sign_in(Client(), jon).get("/me/security/").content.decode()
    assert mine.count(MADE_BY_MARA) == 2 and mine.count("It was used (") == 1
    theirs = sign_in(Client(), mara).get(f"/people/{jon.pk}/").content.decode()
    assert theirs.count("You made a recovery link for <bdi>Jon</bdi>") == 2
    other = sign_in(Client(), make_user("eve", User.Role.OWNER)).get(f"/people/{jon.pk}/").content.decode()
    assert other.count("<bdi>Mara</bdi> made a recovery link for <bdi>Jon</bdi>") == 2
    assert "recovery link" not in sign_in(Client(), make_user("ann")).get("/me/security/").content.decode()


def test_one_made_on_the_server_is_told_without_a_name(mara, jon):
    call_command("recoverylink", "jon")
    assert "Someone made a recovery link for you" in told()


def test_deleting_its_maker_deletes_no_trace(mara, jon):
    second = make_user("eve", User.Role.OWNER)
    make_link(second, jon)
    services.delete_person(second, heir=None)
    assert "Someone made a recovery link for you" in told()


def test_one_from_before_the_upgrade_is_told_when_it_was_used(mara, jon):
    path = make_link(mara, jon)
    RecoveryLink.objects.all().delete()
    Client().post(path, {"password1": NEW, "password2": NEW})
    page = told(password=NEW)
    assert MADE_BY_MARA in page and "It was used (" in page


def test_a_hostile_name_is_text(mara, jon):
    User.objects.filter(pk=mara.pk).update(shown_name="<img src=x onerror=alert(1)>")
    make_link(mara, jon)
    assert "<img src=x" not in told() + sign_in(Client(), jon).get("/me/security/").content.decode()


def test_they_are_kept_a_year(mara, jon):
    for days in (364, 366):
        made_at = timezone.now() - timedelta(days=days)
        RecoveryLink.objects.create(person=jon, made_by=mara, made_at=made_at)
    services.prune_signing_in()
    assert RecoveryLink.objects.count() == 1
