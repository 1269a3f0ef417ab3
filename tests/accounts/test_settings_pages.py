"""The pages of Settings: what the list of them says, and which page belongs to which entry."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.html import strip_tags

from accounts.models import Share, TorBoxAccount, User
from accounts.settings_pages import PAGES
from tests.factories import make_account, make_key, make_passkey, make_user, sign_in

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a href="([^"]+)"\s*(?:aria-current="(\w+)")?\s*>\s*<span class="side-label">')
ENTRY = re.compile(
    r'<span class="side-label">(.*?)</span>\s*<span class="side-state quiet">(.*?)</span>', re.S
)


def states(person: User) -> dict[str, str]:
    """Return what Settings says below each entry."""
    page = sign_in(Client(), person).get("/me/").content.decode()
    return {name: " ".join(strip_tags(state).split()) for name, state in ENTRY.findall(page)}


def marked(page: str) -> list[tuple[str, str]]:
    return [(address, mark) for address, mark in LINK.findall(page) if mark]


@pytest.fixture
def mara() -> User:
    return make_user("mara")


def test_settings_say_what_every_page_is_set_to(mara):
    make_passkey(mara)
    make_account(mara, make_key("mara"), "Mara’s TorBox", plan_name="Pro")
    User.objects.filter(pk=mara.pk).update(appearance="dark")
    assert states(mara) == {
        "Profile": "Mara · English · Dark",
        "Sign-in": "Passkey and password · 1 session",
        "TorBox accounts": "Mara’s TorBox · Pro",
        "Notifications": "Bell only",
        "Links": "None yet",
        "API": "No tokens yet",
        "This browser": "Magnet links, bookmarklet, and app",
        "Your data": "Export or delete",
    }


def test_the_language_is_called_what_it_calls_itself(mara):
    User.objects.filter(pk=mara.pk).update(language="de")
    assert next(iter(states(mara).values())).startswith("Mara · Deutsch · ")


class TestTorBoxAccounts:
    """The line of the TorBox accounts."""

    def line(self, person: User) -> str:
        return states(person)["TorBox accounts"]

    def test_a_refused_key_counts_more_than_the_plan(self, mara):
        make_account(mara, make_key("mara"), "Mine", plan_name="Pro", health=TorBoxAccount.Health.REJECTED)
        assert self.line(mara) == f"Mine · {TorBoxAccount.Health.REJECTED.label}"

    def test_several_are_counted(self, mara):
        make_account(mara, make_key("mara"))
        theirs = make_account(make_user("jon"), make_key("jon"))
        Share.objects.create(account=theirs, user=mara)
        assert self.line(mara) == "2 TorBox accounts"

    def test_a_shared_one_names_its_owner(self, mara):
        theirs = make_account(make_user("jon"), make_key("jon"), "Family")
        Share.objects.create(account=theirs, user=mara)
        assert self.line(mara) == "Family · Shared by Jon"

    def test_without_any_a_person_is_asked_to_connect_one_unless_they_are_a_guest(self, mara):
        assert self.line(mara) == "Connect a TorBox account"
        assert self.line(make_user("gus", User.Role.GUEST)) == "Nothing shared with you yet"


def test_guests_are_not_offered_to_connect_an_account():
    gus = make_user("gus", User.Role.GUEST)
    page = sign_in(Client(), gus).get("/me/torbox/").content.decode()
    assert "Connect" not in page and "Ask someone in your household to share" in page


def test_accounts_of_others_can_be_given_up_on_the_page_of_torbox_accounts(mara):
    share = Share.objects.create(account=make_account(make_user("jon"), make_key("jon")), user=mara)
    client = sign_in(Client(), mara)
    end = reverse("accounts:share_end", args=[share.account_id, share.pk])
    assert end in client.get("/me/torbox/").content.decode()
    assert client.post(end).url == "/me/torbox/"


def test_every_page_marks_itself_and_the_pages_below_it_mark_it_too(mara):
    account = make_account(mara, make_key("mara"))
    client = sign_in(Client(), mara)
    for page in PAGES:
        assert marked(client.get(page.url).content.decode()) == [(page.url, "page")]
    below = {
        "/me/sessions/": "/me/security/",
        "/me/password/": "/me/security/",
        "/me/passkeys/add/": "/me/security/",
        account.get_absolute_url(): "/me/torbox/",
        reverse("accounts:replace_key", args=[account.pk]): "/me/torbox/",
        reverse("accounts:disconnect", args=[account.pk]): "/me/torbox/",
        "/torbox/connect/": "/me/torbox/",
        "/me/notifications/channels/add/": "/me/notifications/",
        "/me/delete/": "/me/data/",
    }
    for address, entry in below.items():
        page = client.get(address).content.decode()
        assert marked(page) == [(entry, "true")], address
        assert f'<a class="back" href="{entry}">' in page, address


def test_a_share_that_cannot_be_is_answered_on_the_page_of_the_account(mara):
    account = make_account(mara, make_key("mara"))
    answer = sign_in(Client(), mara).post(reverse("accounts:share", args=[account.pk]), {"level": "add"})
    assert answer.status_code == 422 and marked(answer.content.decode()) == [("/me/torbox/", "true")]


def test_the_pages_below_the_entries_are_addresses_of_this_site():
    resolver = get_resolver()
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}
    for space, (_, inner) in resolver.namespace_dict.items():
        names |= {f"{space}:{name}" for name in inner.reverse_dict if isinstance(name, str)}
    assert {name for page in PAGES for name in (page.view, *page.below)} <= names


def test_saving_the_profile_stays_there_and_settings_show_it(mara):
    client = sign_in(Client(), mara)
    answer = client.post("/me/profile/", {"shown_name": "Mara M.", "appearance": "light"})
    assert answer.url == "/me/profile/"
    assert states(mara)["Profile"] == "Mara M. · English · Light"


def test_a_profile_that_cannot_be_is_shown_with_its_errors(mara):
    answer = sign_in(Client(), mara).post("/me/profile/", {"shown_name": "a\nb", "appearance": "light"})
    assert answer.status_code == 422
    assert "line breaks" in answer.content.decode()


def test_deleting_oneself_is_a_page_of_settings_and_removing_another_person_is_not():
    owner, jon = make_user("owner", User.Role.OWNER), make_user("jon")
    client = sign_in(Client(), owner)
    assert marked(client.get("/me/delete/").content.decode())
    assert not LINK.findall(client.get(reverse("torrents:delete_person", args=[jon.pk])).content.decode())
