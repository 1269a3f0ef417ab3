"""An API key is checked with TorBox before it is stored, encrypted, and never shown again."""

from __future__ import annotations

import pytest
from django.forms.models import model_to_dict

from accounts.clients import client_for
from accounts.models import TorBoxAccount
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user
from torrents.models import Torrent, TorrentFile

pytestmark = pytest.mark.django_db
UNKNOWN = "00000000-0000-4000-8000-00000000beef"


@pytest.fixture
def mara():
    return make_user("mara")


@pytest.fixture
def site(sign_in, mara):
    return sign_in(mara)


def sentence(answer) -> str:
    (text,) = answer.context["form"].non_field_errors()
    return str(text)


def test_a_good_key_is_checked_then_stored_for_the_person_who_entered_it(site, sim, key, mara):
    answer = site.post("/torbox/connect/", {"api_key": f" {key} ", "label": "Ours"})
    assert (answer.status_code, answer.url) == (302, "/")
    account = TorBoxAccount.objects.get()
    assert (account.owner, account.label, account.health) == (mara, "Ours", "ok")
    assert sim.control.count("me", key) == 1
    with client_for(account) as torbox:
        assert torbox.user().plan_name == account.plan_name


def test_the_stored_row_does_not_contain_the_key(site, key):
    site.post("/torbox/connect/", {"api_key": key})
    row = {name: str(value) for name, value in TorBoxAccount.objects.values().get().items()}
    assert row["last_four"] == key[-4:]
    assert not [name for name, value in row.items() if key in value or key[:-4] in value]
    assert key not in repr(model_to_dict(TorBoxAccount.objects.get()))


def test_the_account_page_shows_plan_slots_expiry_and_the_last_four_characters(site, sim):
    key = make_key("essential")
    sim.control.seed(
        accounts=[{"key": key, "plan": "essential", "slots": 2, "premium_expires_at": 1924948800}]
    )
    site.post("/torbox/connect/", {"api_key": key, "label": "Ours"})
    page = site.get(TorBoxAccount.objects.get().get_absolute_url()).content.decode()
    for shown in ("Ours", "Essential", "0 of 5 in use", "Dec 31, 2030", f"…{key[-4:]}", "Good"):
        assert shown in page
    assert key not in page


def test_the_account_page_counts_the_slots_in_use(site, mara):
    account = make_account(mara, make_key("slots"), slots=5)
    (
        make_torrent(account, "one", active=True),
        make_torrent(account, "two", active=True),
        make_torrent(account, "idle"),
    )
    assert "2 of 5 in use" in site.get(account.get_absolute_url()).content.decode()


def test_a_free_plan_without_expiry_can_be_shown(site, sim):
    key = make_key("free")
    sim.control.seed(accounts=[{"key": key, "plan": "free"}])
    site.post("/torbox/connect/", {"api_key": key})
    page = site.get(TorBoxAccount.objects.get().get_absolute_url())
    assert page.status_code == 200 and "Free" in page.content.decode()


def test_a_label_left_empty_is_the_persons_name(site, key):
    site.post("/torbox/connect/", {"api_key": key, "label": ""})
    assert TorBoxAccount.objects.get().label == "Mara’s TorBox"


def wrong_key(sim, key):
    return UNKNOWN


def restricted_plan(sim, key):
    sim.control.fail("me", kind="403_plan")
    return key


def unreachable(sim, key):
    sim.stop()
    return key


def gateway_page(sim, key):
    sim.control.fail("me", kind="html502", times=9)
    return key


PROBLEMS = {
    wrong_key: "TorBox doesn’t recognize this API key",
    restricted_plan: "TorBox recognizes this API key, but the plan doesn’t include API access",
    unreachable: "We couldn’t check this API key with TorBox",
    gateway_page: "We couldn’t check this API key with TorBox",
}


@pytest.mark.parametrize(("trouble", "text"), PROBLEMS.items())
def test_a_key_that_cannot_be_used_is_a_sentence_of_its_own_and_nothing_is_stored(
    site, sim, key, trouble, text
):
    typed = trouble(sim, key)
    answer = site.post("/torbox/connect/", {"api_key": typed, "label": "Ours"})
    assert answer.status_code == 422
    assert sentence(answer).startswith(text)
    assert text in answer.content.decode()
    assert typed not in answer.content.decode() and "Ours" in answer.content.decode()
    assert not TorBoxAccount.objects.exists()


def test_a_restricted_plan_is_reported_in_torboxs_own_words(site, sim, key):
    restricted_plan(sim, key)
    assert "Plan does not include this feature." in sentence(site.post("/torbox/connect/", {"api_key": key}))


@pytest.mark.parametrize(
    "typed", ["short", "has spaces in it", "schlüssel-mit-umlaut", "tab\tin-between-it", "x" * 201]
)
def test_what_cannot_be_a_key_is_refused_without_asking_torbox(site, sim, typed):
    answer = site.post("/torbox/connect/", {"api_key": typed})
    assert answer.status_code == 422 and answer.context["form"].errors["api_key"]
    assert typed not in answer.content.decode().replace("short)", "")
    assert sim.control.count() == 0


def test_the_same_key_cannot_be_connected_twice_by_anyone(site, sim, key):
    make_account(make_user("other"), key)
    answer = site.post("/torbox/connect/", {"api_key": key})
    assert answer.status_code == 422 and sentence(answer) == "This API key is already connected."
    assert key not in answer.content.decode()
    assert TorBoxAccount.objects.count() == 1


def test_a_replaced_key_is_used_at_once(site, sim, mara, key):
    account = make_account(
        mara, make_key("old"), health="rejected", upstream_detail="Token is invalid.", failures=4
    )
    torrent = make_torrent(account)
    answer = site.post(f"/torbox/{account.pk}/key/", {"api_key": key})
    assert (answer.status_code, answer.url) == (302, account.get_absolute_url())
    revision = account.revision
    account.refresh_from_db()
    assert (account.health, account.upstream_detail, account.failures) == ("ok", "", 0)
    assert account.last_four == key[-4:] and account.revision > revision
    assert account.plan_name and account in TorBoxAccount.objects.due(account.next_refresh_at)
    assert Torrent.objects.get() == torrent
    with client_for(account) as torbox:
        torbox.user()
    assert sim.control.count("me", key) == 2


@pytest.mark.parametrize(("trouble", "text"), PROBLEMS.items())
def test_a_bad_replacement_leaves_the_old_key(site, sim, mara, key, trouble, text):
    account = make_account(mara, make_key("old"))
    before = TorBoxAccount.objects.values().get()
    typed = trouble(sim, key)
    answer = site.post(f"/torbox/{account.pk}/key/", {"api_key": typed})
    assert answer.status_code == 422 and sentence(answer).startswith(text)
    assert typed not in answer.content.decode()
    assert TorBoxAccount.objects.values().get() == before


def test_a_key_may_be_replaced_by_itself_but_not_by_that_of_another_account(site, sim, mara, key):
    mine, other = make_account(mara, key), make_key("second")
    sim.control.seed(accounts=[{"key": other}])
    make_account(make_user("other"), other)
    assert site.post(f"/torbox/{mine.pk}/key/", {"api_key": key}).status_code == 302
    answer = site.post(f"/torbox/{mine.pk}/key/", {"api_key": other})
    assert sentence(answer) == "This API key is already connected."


def test_the_key_of_another_torbox_account_is_taken_only_when_that_is_confirmed(site, sim, mara, key):
    account = make_account(mara, make_key("old"), auth_id="another-id")
    before = TorBoxAccount.objects.values().get()
    answer = site.post(f"/torbox/{account.pk}/key/", {"api_key": key})
    assert sentence(answer).startswith("This API key belongs to a different TorBox account,")
    assert 'type="checkbox"' in answer.content.decode() and TorBoxAccount.objects.values().get() == before
    answer = site.post(f"/torbox/{account.pk}/key/", {"api_key": key, "other_account": "on"})
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.last_four == key[-4:] and account.auth_id != "another-id"


def test_disconnecting_asks_first_and_says_what_will_leave(site, mara):
    account = make_account(mara, make_key("mine"))
    make_torrent(account, "one"), make_torrent(account, "two")
    page = site.get(f"/torbox/{account.pk}/disconnect/").content.decode()
    assert "2 torrents will disappear from your list" in page and "nothing at TorBox" in page
    assert TorBoxAccount.objects.exists()


def test_disconnecting_removes_our_rows_and_asks_torbox_for_nothing(site, sim, mara, key):
    sim.control.seed(torrents=[{"key": key, "hash": make_hash("A film"), "state": "completed"}])
    account, other = make_account(mara, key), make_account(mara, make_key("other"), "Other")
    make_torrent(account), make_torrent(other, "theirs")
    answer = site.post(f"/torbox/{account.pk}/disconnect/")
    assert (answer.status_code, answer.url) == (302, "/me/torbox/")
    assert [row.label for row in TorBoxAccount.objects.all()] == ["Other"]
    assert [row.name for row in Torrent.objects.all()] == ["theirs"]
    assert TorrentFile.objects.count() == 1
    assert sim.control.count() == 0


def test_a_key_that_was_disconnected_can_be_connected_again(site, sim, key):
    site.post("/torbox/connect/", {"api_key": key})
    site.post(f"/torbox/{TorBoxAccount.objects.get().pk}/disconnect/")
    assert site.post("/torbox/connect/", {"api_key": key}).status_code == 302
    assert TorBoxAccount.objects.count() == 1


@pytest.mark.parametrize("page", ["", "key/", "disconnect/"])
def test_another_persons_account_is_not_there(site, sim, key, page):
    account = make_account(make_user("other"), make_key("theirs"))
    before = TorBoxAccount.objects.values().get()
    path = f"/torbox/{account.pk}/{page}"
    assert site.get(path).status_code == site.post(path, {"api_key": key}).status_code == 404
    assert TorBoxAccount.objects.values().get() == before
    assert sim.control.count() == 0
