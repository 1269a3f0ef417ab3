"""A link to some torrents of the list: the parameter `ids`."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import make_torrent
from torrents.id_ranges import MAX_IDS, MAX_TEXT, as_ranges, ids_of
from torrents.models import SavedView, Torrent
from torrents.states import Status

LIST = reverse("torrents:list")


@pytest.fixture
def three(cast):
    """Three torrents that a link chooses, and two others."""
    names = ["One", "Two", "Three", "Other", "Another"]
    rows = [
        make_torrent(cast.account, name, added_by=cast.owner, remote_id=pk) for pk, name in enumerate(names)
    ]
    Torrent.objects.filter(name="Three").update(status=Status.FAILED)
    return rows[:3]


def names(response) -> list[str]:
    return [row.name for row in response.context["listing"].rows]


def ids(rows) -> str:
    return as_ranges(row.pk for row in rows)


def test_only_these_are_listed_and_counted(three, cast, sign_in):
    page = sign_in(cast.member).get(LIST, {"ids": ids(three), "sort": "name"})
    assert names(page) == ["One", "Three", "Two"]
    counts = page.context["listing"].counts
    assert (counts["all"], counts["ready"], counts["failed"]) == (3, 2, 1)


def test_tabs_search_and_account_narrow_them(three, cast, sign_in):
    client, chosen = sign_in(cast.owner), ids(three)
    assert names(client.get(LIST, {"ids": chosen, "tab": "failed"})) == ["Three"]
    assert names(client.get(LIST, {"ids": chosen, "q": "two"})) == ["Two"]
    assert names(client.get(LIST, {"ids": chosen, "q": "other"})) == []
    assert len(names(client.get(LIST, {"ids": chosen, "account": cast.account.pk}))) == 3


def test_links_and_forms_of_the_page_keep_them_and_the_chip_removes_them(three, cast, sign_in):
    page = sign_in(cast.owner).get(LIST, {"ids": ids(three), "q": "t"})
    listing, html = page.context["listing"], page.content.decode()
    kept = f"ids={ids(three).replace(',', '%2C')}"
    assert all(kept in choice.url for choice in [*listing.tabs, *listing.sorts])
    assert kept in listing.changes_url and kept in listing.matching_query
    assert f'name="ids" value="{ids(three)}"' in html
    assert listing.without_ids_url == f"{LIST}?q=t"
    chip = html.partition('id="only-these"')[2].partition("</a>")[0]
    assert "3 torrents" in chip and 'href="/?q=t"' in chip


def test_a_plain_list_has_no_chip(three, cast, sign_in):
    assert 'id="only-these"' not in sign_in(cast.owner).get(LIST).content.decode()


def test_all_that_match_are_only_these(three, cast, sign_in):
    client = sign_in(cast.owner)
    matching = client.get(LIST, {"ids": ids(three)}).context["listing"].matching_query
    client.post(reverse("torrents:bulk"), {"action": "delete", "matching": matching})
    assert set(Torrent.objects.listed().values_list("name", flat=True)) == {"Other", "Another"}


def test_what_a_person_may_not_see_stays_unseen(three, cast, sign_in):
    Torrent.objects.filter(name="One").update(hidden=True)
    Torrent.objects.filter(name="Two").update(removed_at="2026-01-01T00:00Z")
    page = sign_in(cast.member).get(LIST, {"ids": ids(three)})
    assert names(page) == ["Three"] and page.context["listing"].ids_count == 1
    assert names(sign_in(cast.outsider).get(LIST, {"ids": ids(three)})) == []


def test_without_any_left_the_page_offers_all(three, cast, sign_in):
    page = sign_in(cast.owner).get(LIST, {"ids": "987654"})
    assert names(page) == [] and page.context["listing"].clear_url == LIST
    assert "Show all torrents" in page.content.decode()


@pytest.mark.parametrize("text", ["", "x", "-", "1-2-3", "٣", "1e5", "-4", " 12", "9" * 30])
def test_what_is_no_key_is_ignored(text, three, cast, sign_in):
    assert ids_of(text) == ()
    assert len(names(sign_in(cast.owner).get(LIST, {"ids": text}))) == 5


def test_a_search_by_the_page_keeps_them(three, cast, sign_in):
    page = sign_in(cast.owner).get(LIST, {"ids": ids(three), "q": "two"}, headers={"HX-Request": "true"})
    assert names(page) == ["Two"]


def test_a_view_is_saved_without_them(three, cast, sign_in):
    client = sign_in(cast.owner)
    assert not client.get(LIST, {"ids": ids(three), "tab": "failed"}).context["filter_row"].save_url
    client.post(reverse("torrents:save_view"), {"name": "Failed", "query": f"tab=failed&ids={ids(three)}"})
    assert SavedView.objects.get().query == {"tab": "failed"}


@pytest.mark.parametrize("keys", [[], [7], [1, 2, 3], [1, 3], [5, 4, 4, 12, 13, 14, 18]])
def test_ranges_hold_the_keys(keys):
    assert ids_of(as_ranges(keys)) == tuple(sorted(set(keys)))


def test_ranges_are_short_and_bounded():
    assert as_ranges([12, 13, 14, 15, 18]) == "12-15,18"
    assert as_ranges(range(1, 2000)) == f"1-{MAX_IDS}"
    assert ids_of("1-99999999999") == tuple(range(1, MAX_IDS + 1))
    assert len(ids_of(",".join(f"{start}-{start + 900}" for start in range(0, 9000, 1000)))) == MAX_IDS
    scattered = range(10**9, 10**9 + 1000, 2)
    text = as_ranges(scattered)
    assert len(text) <= MAX_TEXT and set(ids_of(text)) <= set(scattered) and len(ids_of(text)) > 150


def test_a_range_upside_down_is_empty():
    assert ids_of("9-3") == ()
