"""Invitation links work once, until they expire, and give the role that the owner chose."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Invitation, User
from tests.factories import PASSWORD, make_passkey, make_user, sign_in
from tests.passkeys import Passkey
from torrents.services.upkeep import pruning

pytestmark = pytest.mark.django_db
NEWCOMER = {"username": "jon", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def mara():
    return make_user("mara", User.Role.OWNER)


@pytest.fixture
def guest_link(mara) -> str:
    return path_of(services.invite(owner=mara, role=User.Role.GUEST))


def path_of(invitation: Invitation) -> str:
    return re.sub(r"^https?://[^/]+", "", services.link_of(invitation))


def signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_an_owner_makes_a_link_for_a_role_copies_it_and_shows_its_qr_code(mara, settings):
    client = sign_in(Client(), mara)
    answer = client.post("/people/invite/", {"role": "guest", "days": "7"}, follow=True)
    (invitation,) = Invitation.objects.all()
    page = answer.content.decode()
    assert services.link_of(invitation).startswith(f"{settings.SITE_URL}/join/")
    assert services.link_of(invitation) in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert (
        "<strong>Guest invitation</strong> · Created by <bdi>Mara</bdi>"
        in client.get("/people/").content.decode()
    )


def test_it_is_good_for_a_week_unless_the_owner_says_otherwise(mara):
    week, month = (services.invite(owner=mara, role="member", **days) for days in ({}, {"days": 30}))
    assert abs(week.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert abs(month.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize("wrong", [{"role": "owner"}, {"role": "king"}, {"days": "3650"}, {"days": "-1"}, {}])
def test_no_link_makes_an_owner_or_is_good_for_ever(mara, wrong):
    client = sign_in(Client(), mara)
    form = {"role": "guest", "days": "7"} | wrong if wrong else {"days": "7"}
    assert client.post("/people/invite/", form).status_code == 422
    assert not Invitation.objects.exists()


def test_the_link_lets_a_person_join_with_a_password_and_the_chosen_role(guest_link):
    client = Client()
    assert client.get(guest_link).status_code == 200
    answer = client.post(guest_link, NEWCOMER)
    assert (answer.status_code, answer.url) == (302, "/")
    jon = User.objects.get(username="jon")
    assert (jon.role, jon.check_password(PASSWORD)) == ("guest", True)
    assert signed_in(client)


def test_no_one_chooses_their_own_role(guest_link):
    Client().post(guest_link, NEWCOMER | {"role": "owner", "is_superuser": "on", "is_staff": "on"})
    jon = User.objects.get(username="jon")
    assert (jon.role, jon.is_superuser, jon.is_staff) == ("guest", False, False)


def test_the_link_works_once(guest_link):
    Client().post(guest_link, NEWCOMER)
    assert Client().get(guest_link).status_code == 404
    assert Client().post(guest_link, NEWCOMER | {"username": "eve"}).status_code == 404
    assert not User.objects.filter(username="eve").exists()


@pytest.mark.parametrize("end", ["revoked", "expired", "inviter suspended", "inviter no longer an owner"])
def test_a_link_that_is_no_longer_good_is_not_there(mara, end):
    make_user("lina", User.Role.OWNER)
    invitation = services.invite(owner=mara, role="member")
    link = path_of(invitation)
    if end == "revoked":
        answer = sign_in(Client(), mara).post(f"/people/invitations/{invitation.pk}/revoke/")
        assert answer.status_code == 302
    elif end == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "inviter suspended":
        services.disable(mara)
    else:
        services.set_role(mara, User.Role.MEMBER)
    for path in (link, f"{link}passkey/"):
        assert Client().get(path).status_code == Client().post(path, NEWCOMER).status_code == 404
    assert not User.objects.filter(username="jon").exists()


@pytest.mark.parametrize("token", ["guessed", "a" * 43, "%00", "..", "a" * 5000])
def test_a_guessed_token_is_not_there(guest_link, token):
    assert Client().get(f"/join/{token}/").status_code == 404


def test_the_database_holds_no_token(mara):
    invitation = services.invite(owner=mara, role="member")
    token = path_of(invitation).split("/")[2]
    assert len(token) == 43
    assert token not in repr(list(Invitation.objects.values()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_invitation")
        assert token not in repr(cursor.fetchall())


def test_with_another_secret_key_the_link_is_not_shown_again_but_still_works(mara, settings):
    invitation = services.invite(owner=mara, role="member")
    link = path_of(invitation)
    settings.SECRET_KEY = "another secret key that is long enough"
    assert services.link_of(invitation) == ""
    page = sign_in(Client(), mara).get(invitation.get_absolute_url())
    assert page.status_code == 200 and "can’t show this link again" in page.content.decode()
    assert Client().get(link).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_the_same_link_at_once_one_comes_in():
    mara = make_user("mara", User.Role.OWNER)
    invitation = services.invite(owner=mara, role="member")

    def join(name: str) -> str:
        try:
            return services.join_with_password(
                invitation=invitation, username=name, password=PASSWORD
            ).username
        except services.LinkUsed:
            return "late"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        names = list(pool.map(join, ["jon", "eve"]))
    assert sorted(names)[1] == "late" or "late" in names
    assert User.objects.exclude(pk=mara.pk).count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"username": "MARA"}, "already taken"),
        ({"username": "two\r\nlines"}, "valid username"),
        ({"username": ""}, "required"),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password1234", "password2": "password1234"}, "too common"),
        ({"password2": "another long password"}, "same password"),
    ],
)
def test_a_mistake_is_a_sentence_and_the_link_goes_on_working(guest_link, wrong, sentence):
    client = Client()
    answer = client.post(guest_link, NEWCOMER | wrong)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert User.objects.count() == 1
    assert client.post(guest_link, NEWCOMER).status_code == 302


def test_a_person_who_is_signed_in_does_not_use_up_the_link_of_another(mara, guest_link):
    client = sign_in(Client(), mara)
    assert "already signed in" in client.get(guest_link).content.decode()
    assert "already signed in" in client.post(guest_link, NEWCOMER).content.decode()
    assert Invitation.objects.count() == User.objects.count() == 1


def make_a_passkey(client: Client, link: str, name: str = "jon", **fields: str):
    """The two pages of joining with a passkey; the last answer, and the passkey."""
    page = client.get(client.post(link, {"username": name, "passkey": "yes"} | fields).url)
    passkey = Passkey()
    credential = passkey.create(page.context["options"])
    return client.post(f"{link}passkey/", {"credential": credential, "name": ""}), passkey


def test_the_link_lets_a_person_join_with_only_a_passkey(guest_link):
    client = Client()
    answer, passkey = make_a_passkey(client, guest_link)
    assert (answer.status_code, answer.url) == (302, "/")
    jon = User.objects.get(username="jon")
    assert (jon.role, jon.is_active, jon.has_usable_password()) == ("guest", True, False)
    assert signed_in(client)
    assert client.get(guest_link).status_code == 404
    options = Client().get("/sign-in/passkey/", headers={"accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    other = Client()
    options = other.get("/sign-in/passkey/", headers={"accept": "application/json"}).json()["request_options"]
    other.post("/sign-in/passkey/", {"credential": passkey.get(options)})
    assert signed_in(other)


def test_a_space_that_a_phone_puts_behind_the_name_does_not_keep_a_passkey_from_being_made(guest_link):
    answer, _ = make_a_passkey(Client(), guest_link, "jon ")
    assert answer.status_code == 302
    assert User.objects.filter(username="jon", is_active=True).exists()


def test_a_person_who_cancels_the_passkey_is_not_listed_and_may_try_again(mara, guest_link):
    client = Client()
    client.post(guest_link, {"username": "jon", "passkey": "yes"})
    page = sign_in(Client(), mara).get("/people/").content.decode()
    assert "1 person" in page and "jon" not in page
    assert not signed_in(client)
    client.post("/sign-in/", {"login": "jon", "password": ""})
    assert not signed_in(client)
    answer, _ = make_a_passkey(client, guest_link, "jonathan")
    assert answer.status_code == 302
    assert {person.username for person in User.objects.all()} == {"mara", "jonathan"}


def test_a_person_who_cancels_the_passkey_may_use_a_password_instead(guest_link):
    client = Client()
    client.post(guest_link, {"username": "jon", "passkey": "yes"})
    assert client.post(guest_link, NEWCOMER).status_code == 302
    assert User.objects.get(username="jon").is_active and signed_in(client)


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_person_who_never_finishes_is_deleted_with_the_link(mara, end):
    invitation = services.invite(owner=mara, role="guest")
    Client().post(path_of(invitation), {"username": "jon", "passkey": "yes"})
    assert User.objects.filter(username="jon").exists()
    if end == "revoked":
        services.revoke(invitation)
    else:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        pruning.prune()
    assert [person.username for person in User.objects.all()] == ["mara"]


def test_an_unverified_passkey_or_one_of_another_site_lets_no_one_in(guest_link):
    client = Client()
    page = client.get(client.post(guest_link, {"username": "jon", "passkey": "yes"}).url)
    for passkey in (Passkey(verifies=False), Passkey(origin="https://evil.example")):
        credential = passkey.create(page.context["options"])
        assert client.post(f"{guest_link}passkey/", {"credential": credential}).status_code == 422
    for nonsense in ("", "{}", "[]", "not json", '{"id": 1, "response": []}'):
        assert client.post(f"{guest_link}passkey/", {"credential": nonsense}).status_code in (200, 422)
    assert not signed_in(client) and not User.objects.get(username="jon").is_active


def test_a_passkey_page_without_a_name_leads_back_to_the_name(guest_link):
    assert Client().get(f"{guest_link}passkey/").url == guest_link


@pytest.mark.parametrize("name", ["MARA", "two\r\nlines", "", "a/b"])
def test_the_name_beside_a_passkey_has_to_be_a_good_one_too(mara, guest_link, name):
    answer = Client().post(guest_link, {"username": name, "passkey": "yes"})
    assert answer.status_code == 422
    assert User.objects.count() == 1


class TestRecoveryLink:
    """For a person who lost their phone or forgot their password, since there is no e-mail to help them."""

    @pytest.fixture
    def jon(self):
        jon = make_user("jon")
        make_passkey(jon)
        return jon

    @pytest.fixture
    def link(self, mara, jon):
        answer = sign_in(Client(), mara).post(f"/people/{jon.pk}/invite-back/")
        assert answer.status_code == 302
        return path_of(Invitation.objects.get())

    def test_until_it_is_used_everything_stays_as_it_was(self, jon, link):
        browser = sign_in(Client(), jon)
        assert Client().get(link).status_code == 200
        assert signed_in(browser) and jon.authenticator_set.exists()

    def test_a_new_password_replaces_every_older_way_in(self, jon, link):
        thief = sign_in(Client(), jon)
        client = Client()
        new = {"password1": "quite another password", "password2": "quite another password"}
        assert client.post(link, new).status_code == 302
        assert signed_in(client) and not signed_in(thief)
        jon.refresh_from_db()
        assert jon.username == "jon" and jon.check_password("quite another password")
        assert not jon.authenticator_set.exists()
        assert Client().get(link).status_code == 404

    def test_so_does_a_new_passkey(self, jon, link):
        thief, client = sign_in(Client(), jon), Client()
        answer, _ = make_a_passkey(client, link, name="")
        assert answer.status_code == 302 and signed_in(client) and not signed_in(thief)
        jon.refresh_from_db()
        assert not jon.has_usable_password() and jon.authenticator_set.count() == 1

    def test_it_is_on_the_household_page_and_can_be_revoked(self, mara, jon, link):
        client = sign_in(Client(), mara)
        assert "Recovery link for <bdi>Jon</bdi>" in client.get("/people/").content.decode()
        client.post(f"/people/invitations/{Invitation.objects.get().pk}/revoke/")
        assert Client().get(link).status_code == 404
        assert User.objects.filter(pk=jon.pk).exists()

    def test_the_only_owner_gets_one_from_the_command_line(self, mara):
        out = io.StringIO()
        call_command("recoverylink", "mara", stdout=out)
        (link,) = re.findall(r"(/join/\S+)", out.getvalue())
        client = Client()
        new = {"password1": "quite another password", "password2": "quite another password"}
        assert client.post(link, new).status_code == 302 and signed_in(client)
        assert Client().get(link).status_code == 404

    @pytest.mark.parametrize("name", ["nobody", "off"])
    def test_the_command_makes_no_link_for_a_person_who_may_not_sign_in(self, mara, name):
        make_user("off", is_active=False)
        with pytest.raises(CommandError, match="No active person is named"):
            call_command("recoverylink", name)
        assert not Invitation.objects.exists()

    def test_it_ends_when_they_are_suspended(self, mara, jon, link):
        services.disable(jon)
        assert Client().get(link).status_code == 404
        assert User.objects.household_of(mara).filter(pk=jon.pk).exists()
        sign_in(Client(), mara).post(f"/people/{jon.pk}/invite-back/")
        assert not Invitation.objects.exists()
