"""Several TorBox accounts are one list with a filter, and an add finds the account that suits it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Share, TorBoxAccount
from tests.factories import make_account, make_hash, make_key, make_torrent
from torrents.models import CreateCall, Torrent
from torrents.states import Status

LIST = "torrents:list"


@pytest.fixture
def two(cast, sim):
    """The member has an account of their own beside the owner's, which they may add to; three slots each."""
    key = make_key("the member's own")
    sim.control.seed(accounts=[{"key": key, "name": "own", "plan": "pro"}])
    cast.own = make_account(cast.member, key, "Own", slots=3)
    TorBoxAccount.objects.filter(pk=cast.account.pk).update(slots=3)
    return cast


def busy(account, number: int) -> None:
    for one in range(number):
        make_torrent(account, f"{account.label} busy {one}", active=True, file_count=0)


def preview(client, text: str, **more):
    return client.post(reverse("torrents:preview"), {"text": text, "seed": "1", **more})


def offer(answer) -> str:
    """Return the option of the select while no account is chosen by hand."""
    return str(answer.context["offer"])


def added(client, text: str, **more) -> Torrent:
    client.post(reverse("torrents:add"), {"text": text, "seed": "1", **more})
    return Torrent.objects.get(info_hash=text)


def test_the_list_is_one_and_the_filter_is_in_the_address(two, sign_in):
    make_torrent(two.account, "Theirs", status=Status.FAILED)
    make_torrent(two.own, "Mine")
    client = sign_in(two.member)
    listing = client.get(reverse(LIST)).context["listing"]
    assert {row.name for row in listing.rows} == {"Mine", "Theirs"}
    listing = client.get(reverse(LIST), {"account": two.own.pk, "sort": "name"}).context["listing"]
    assert [row.name for row in listing.rows] == ["Mine"] and listing.counts["all"] == 1
    assert listing.tabs[4].url == f"/?tab=failed&sort=name&account={two.own.pk}"
    assert f"account={two.own.pk}" in listing.changes_url
    assert [choice.label for choice in listing.account_choices] == ["All accounts", "Family", "Own"]


def test_the_filter_is_there_only_for_who_sees_several(two, sign_in):
    page = sign_in(two.member).get(reverse(LIST)).content.decode()
    assert 'id="accounts"' in page and "All accounts" in page
    assert 'id="accounts"' not in sign_in(two.viewer).get(reverse(LIST)).content.decode()


def test_an_account_that_is_not_theirs_filters_nothing_and_tells_nothing(two, sign_in):
    make_torrent(two.own, "A secret")
    make_torrent(two.account, "A film")
    for named in (two.own.pk, "x", "-1", 10**30):
        listing = sign_in(two.viewer).get(reverse(LIST), {"account": named}).context["listing"]
        assert [row.name for row in listing.rows] == ["A film"] and listing.account is None


def test_several_accounts_cost_no_query_for_each_row_and_a_poll_as_few_as_ever(
    two, sign_in, django_assert_max_num_queries
):
    for number in range(30):
        make_torrent(two.account if number % 2 else two.own, f"Film {number}", added_by=two.owner)
    client = sign_in(two.member)
    url = client.get(reverse(LIST)).context["listing"].changes_url
    with django_assert_max_num_queries(11):
        client.get(reverse(LIST))
    with django_assert_max_num_queries(2):
        assert client.get(url).status_code == 204


def test_an_add_goes_to_the_account_with_a_free_slot_and_says_so(two, sign_in):
    busy(two.own, 3)
    busy(two.account, 1)
    client = sign_in(two.member)
    assert offer(preview(client, make_hash("new"))) == "Family: 2 of 3 slots free"
    assert added(client, make_hash("new")).account == two.account


def test_of_two_with_free_slots_ones_own_is_taken(two, sign_in):
    busy(two.own, 1)
    client = sign_in(two.member)
    assert offer(preview(client, make_hash("new"))) == "Own: 2 of 3 slots free"
    assert added(client, make_hash("new")).account == two.own


def test_what_an_account_had_before_goes_there_again(two, sign_in):
    busy(two.account, 3)
    make_torrent(two.account, "An old film", status=Status.GONE, remote_id=None)
    client = sign_in(two.member)
    assert offer(preview(client, make_hash("An old film"))) == "Family: had 1 of these before"
    assert added(client, make_hash("An old film")).account == two.account


def test_what_somebody_hides_does_not_draw_an_add_to_its_account(two, sign_in):
    hidden = {"status": Status.GONE, "remote_id": None, "hidden": True, "added_by": two.owner}
    make_torrent(two.account, "A secret", **hidden)
    assert offer(preview(sign_in(two.member), make_hash("A secret"))) == "Own: 3 of 3 slots free"


def test_cached_ones_need_no_slot(two, sim, sign_in):
    busy(two.own, 3)
    sim.control.cache([make_hash("new")])
    assert offer(preview(sign_in(two.member), make_hash("new"))) == "Own: all cached, no slot needed"


def test_without_a_free_slot_the_budget_of_the_hour_decides(two, sign_in):
    busy(two.own, 3)
    busy(two.account, 3)
    CreateCall.objects.bulk_create(CreateCall(account=two.own) for _ in range(60))
    client = sign_in(two.member)
    assert offer(preview(client, make_hash("new"))) == "Family: no free slot, 60 adds left this hour"


def test_an_account_whose_key_is_refused_is_taken_last(two, sign_in):
    TorBoxAccount.objects.filter(pk=two.own.pk).update(health=TorBoxAccount.Health.REJECTED)
    assert added(sign_in(two.member), make_hash("new")).account == two.account


def test_the_person_chooses_otherwise(two, sign_in):
    client = sign_in(two.member)
    answer = preview(client, make_hash("new"), account=two.account.pk)
    assert f'<option value="{two.account.pk}" selected>' in answer.content.decode()
    assert added(client, make_hash("new"), account=two.account.pk).account == two.account


def test_what_the_preview_said_is_what_happens(two, sign_in):
    client = sign_in(two.member)
    page = preview(client, make_hash("new"))
    assert f'name="chosen" value="{two.own.pk}"' in page.content.decode()
    busy(two.own, 3)
    assert added(client, make_hash("new"), chosen=two.own.pk).account == two.own


def test_neither_field_reaches_an_account_one_may_not_add_to(two, sign_in):
    Share.objects.filter(user=two.member).update(level=Share.Level.VIEW)
    client = sign_in(two.member)
    client.post(reverse("torrents:add"), {"text": make_hash("a"), "seed": "1", "account": two.account.pk})
    assert not Torrent.objects.exists()
    assert added(client, make_hash("b"), chosen=two.account.pk).account == two.own


def test_the_preview_tells_who_has_it_whatever_the_account(two, sign_in):
    make_torrent(two.account, "A film", added_by=two.owner)
    make_torrent(two.own, "Another", added_by=two.member)
    text = f"{make_hash('A film')}\n{make_hash('Another')}"
    rows = preview(sign_in(two.member), text).context["preview"].rows
    assert [row.chip_label for row in rows] == ["Already in your list"] * 2
    assert "Ready · Added by <bdi>Owner</bdi> · just now" in rows[0].detail
    rows = preview(sign_in(two.owner), text).context["preview"].rows
    assert [row.chip_label for row in rows] == ["Already in your list", "Not cached"]


def test_of_two_copies_the_preview_shows_the_one_that_is_ready(two, sign_in):
    make_torrent(two.account, "A film", added_by=two.owner)
    later = {"status": Status.DOWNLOADING, "remote_id": 9}
    make_torrent(two.own, "A film", **later)
    rows = preview(sign_in(two.member), make_hash("A film")).context["preview"].rows
    assert "Ready" in rows[0].detail and "Owner" in rows[0].detail


def test_everything_that_matches_is_only_what_the_filter_of_accounts_shows(two, sign_in):
    theirs = make_torrent(two.account, "Theirs", added_by=two.member)
    mine = make_torrent(two.own, "Mine", added_by=two.member)
    client = sign_in(two.member)
    listing = client.get(reverse(LIST), {"account": two.own.pk}).context["listing"]
    client.post(reverse("torrents:bulk"), {"action": "delete", "matching": listing.matching_query})
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.removed_at and not theirs.removed_at
