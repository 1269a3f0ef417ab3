"""Owners look after people; there is always one who can sign in, whatever happens at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Share, User
from tests.factories import PASSWORD, make_account, make_key, make_passkey, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara():
    return make_user("mara", User.Role.OWNER)


@pytest.fixture
def jon(mara):
    return make_user("jon")


@pytest.fixture
def site(mara):
    return sign_in(Client(), mara)


def signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def owners() -> list[str]:
    return [person.username for person in User.objects.enabled_owners()]


def test_the_owner_sees_everyone_with_role_account_shares_and_how_they_sign_in(site, mara, jon):
    make_passkey(jon)
    lina = make_user("lina", User.Role.GUEST)
    account = make_account(mara, make_key("mara"), plan_name="Pro")
    Share.objects.create(account=account, user=jon, level=Share.Level.ADD)
    Share.objects.create(account=account, user=lina, level=Share.Level.VIEW)
    sign_in(Client(), lina).get("/")
    page = " ".join(site.get("/people/").content.decode().split())
    for shown in (
        "3 people · 1 TorBox account",
        "Own account · Pro",
        "<bdi>Mara</bdi>’s account · Add",
        "<bdi>Mara</bdi>’s account · View",
    ):
        assert shown in page
    assert "Passkey and password" in page and "Password · 1 session" in page


def test_a_member_sees_who_lives_here_but_not_how_they_sign_in_or_what_others_share(mara, jon):
    services.invite(owner=mara, role="guest")
    lina, off = make_user("lina"), make_user("off")
    services.disable(off)
    Share.objects.create(account=make_account(mara, make_key("mara")), user=lina, level=Share.Level.ADD)
    page = sign_in(Client(), jon).get("/people/").content.decode()
    assert "<p>3 people</p>" in page and "Lina" in page
    for hidden in (
        "Off",
        "session",
        "Mara</bdi>’s account",
        "Own account",
        "Invite",
        "Invitation",
        "/people/1",
    ):
        assert hidden not in page


def test_a_guest_sees_only_those_who_share_with_them(mara, jon):
    lina = make_user("lina", User.Role.GUEST)
    Share.objects.create(account=make_account(mara, make_key("mara")), user=lina, level=Share.Level.VIEW)
    page = sign_in(Client(), lina).get("/people/").content.decode()
    assert "2 people" in page and "Mara" in page and "Jon" not in page


def test_the_page_costs_the_same_for_one_person_and_for_thirty(site, mara, django_assert_num_queries):
    make_account(mara, make_key("mara"))
    site.get("/people/")
    with CaptureQueriesContext(connection) as alone:
        site.get("/people/")
    for number in range(30):
        make_account(make_user(f"person{number}"), make_key(str(number)))
    with django_assert_num_queries(len(alone)):
        site.get("/people/")


@pytest.mark.parametrize("role", ["owner", "member", "guest"])
def test_an_owner_changes_the_role_of_a_person(site, jon, role):
    assert site.post(f"/people/{jon.pk}/", {"role": role}).status_code == 302
    jon.refresh_from_db()
    assert jon.role == role


def test_a_suspended_person_is_signed_out_at_once_and_cannot_sign_in(site, jon):
    browser = sign_in(Client(), jon)
    assert signed_in(browser)
    site.post(f"/people/{jon.pk}/disable/")
    assert not signed_in(browser)
    fresh = Client()
    fresh.post("/sign-in/", {"login": "jon", "password": PASSWORD})
    assert not signed_in(fresh)
    assert "Suspended" in site.get("/people/").content.decode()


def test_a_reactivated_person_signs_in_again_but_old_sessions_stay_ended(site, jon):
    browser = sign_in(Client(), jon)
    site.post(f"/people/{jon.pk}/disable/")
    site.post(f"/people/{jon.pk}/enable/")
    assert not signed_in(browser)
    browser.post("/sign-in/", {"login": "jon", "password": PASSWORD})
    assert signed_in(browser)


def test_an_owner_ends_all_sessions_of_one_person_only(site, jon):
    phone, laptop, lina = sign_in(Client(), jon), sign_in(Client(), jon), sign_in(Client(), make_user("lina"))
    phone.get("/")
    site.post(f"/people/{jon.pk}/sign-out/")
    assert not signed_in(phone) and not signed_in(laptop)
    assert signed_in(lina) and signed_in(site)
    assert Session.objects.count() == 2


def test_an_owner_may_sign_themselves_out_everywhere(site, mara):
    phone = sign_in(Client(), mara)
    answer = site.post(f"/people/{mara.pk}/sign-out/", follow=True)
    assert answer.status_code == 200 and not signed_in(site) and not signed_in(phone)


def test_handing_over_makes_an_owner_and_a_member(site, mara, jon):
    assert site.post(f"/people/{jon.pk}/hand-over/").status_code == 302
    assert owners() == ["jon"]
    mara.refresh_from_db()
    assert mara.role == User.Role.MEMBER
    assert site.get(f"/people/{jon.pk}/").status_code == 404


def test_ownership_is_not_transferred_to_a_suspended_person_or_to_oneself(site, mara, jon):
    services.disable(jon)
    site.post(f"/people/{jon.pk}/hand-over/")
    assert site.post(f"/people/{mara.pk}/hand-over/").status_code == 404
    jon.refresh_from_db()
    assert owners() == ["mara"] and jon.role == User.Role.MEMBER


LEAVING = {
    "become a member": lambda person: services.set_role(person, User.Role.MEMBER),
    "become a guest": lambda person: services.set_role(person, User.Role.GUEST),
    "be suspended": services.disable,
    "be removed": lambda person: services.delete_person(person, heir=None),
}


@pytest.mark.parametrize("way", LEAVING)
def test_the_last_owner_cannot(mara, jon, way):
    off = make_user("off", User.Role.OWNER)
    services.disable(off)
    with pytest.raises(services.LastOwner):
        LEAVING[way](mara)
    assert owners() == ["mara"]


@pytest.mark.parametrize("way", LEAVING)
def test_one_of_two_owners_can(mara, way):
    make_user("lina", User.Role.OWNER)
    LEAVING[way](mara)
    assert owners() == ["lina"]


@pytest.mark.parametrize("path", ["disable/", "delete/", ""])
def test_over_http_the_last_owner_reads_why(site, mara, path):
    form = {"what": "delete", "role": "guest"}
    answer = site.post(f"/people/{mara.pk}/{path}", form, follow=True)
    assert "Make another person an owner first" in answer.content.decode()
    assert owners() == ["mara"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", LEAVING)
def test_of_two_owners_who_leave_at_the_same_moment_one_has_to_stay(way):
    both = [make_user("mara", User.Role.OWNER), make_user("lina", User.Role.OWNER)]

    def leave(person: User) -> bool:
        try:
            LEAVING[way](person)
        except services.LastOwner:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, both))
    assert sorted(left) == [False, True]
    assert len(owners()) == 1


def test_roles_end_where_the_role_ends(site, mara, jon):
    """A member who was an owner reaches none of the owner's pages, in the same session."""
    services.set_role(jon, User.Role.OWNER)
    client = sign_in(Client(), jon)
    assert client.get("/people/invite/").status_code == 200
    site.post(f"/people/{jon.pk}/", {"role": "member"})
    assert client.get("/people/invite/").status_code == 404
    assert client.post(f"/people/{mara.pk}/disable/").status_code == 404
    assert owners() == ["mara"]
