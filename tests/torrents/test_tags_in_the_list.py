"""Tags in the list: chips in rows, filters by tags, and the row that offers them with their numbers."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import product
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Share
from tests.factories import make_account, make_key, make_torrent, tag
from torrents.models import Torrent
from torrents.pages.list.page import TorrentListing
from torrents.selection import MAX_QUERY, MAX_TAGS, Selection, selected
from torrents.services.actions import controlling, hiding, tagging
from torrents.services.sync import refreshing
from torrents.states import Status
from torrents.tag_counts import MAX_COUNTED

LIST = "torrents:list"


def get(client, query: str = ""):
    return client.get(f"{reverse(LIST)}?{query}")


def names(client, query: str = "") -> list[str]:
    return [row.name for row in get(client, query).context["listing"].rows]


def offered(client, query: str = "") -> dict[str, int]:
    """Return the tags in the row of filters, with their numbers."""
    row = get(client, query).context["filter_row"]
    return {link.label: link.count for link in (*row.tags, *row.more)}


def numbers(client, query: str = "") -> dict[str, int]:
    return {choice.key: choice.count for choice in get(client, query).context["listing"].tabs}


@pytest.fixture
def films(cast):
    now = timezone.now()
    for number, (name, tags, status) in enumerate(
        [
            ("Alpha", ["Films", "Kids"], Status.READY),
            ("Beta", ["Films"], Status.DOWNLOADING),
            ("Gamma", ["Books"], Status.READY),
            ("Delta", [], Status.FAILED),
        ]
    ):
        row = make_torrent(cast.account, name, status=status, added_at=now - timedelta(hours=number))
        tag(row, *tags)
    return cast


def test_a_tag_in_the_address_filters_and_several_mean_all_of_them(films, sign_in):
    client = sign_in(films.owner)
    assert names(client, "tag=Films") == ["Alpha", "Beta"]
    assert names(client, "tag=Films&tag=Kids") == ["Alpha"]
    assert names(client, "tag=Films&tag=Books") == []
    assert names(client, "tag=films") == []  # tags are as they are written


def test_tabs_count_within_the_tags(films, sign_in):
    client = sign_in(films.owner)
    assert numbers(client, "tag=Films") == numbers(client) | {
        "all": 2,
        "downloading": 1,
        "ready": 1,
        "waiting": 0,
        "failed": 0,
    }
    assert names(client, "tag=Films&tab=ready") == ["Alpha"]
    assert numbers(client, "tag=Films&tag=Kids")["all"] == 1


def test_a_tag_goes_together_with_a_search_and_a_sort_order(films, sign_in):
    client = sign_in(films.owner)
    assert names(client, "tag=Films&q=bet") == ["Beta"]
    assert names(client, "tag=Books&q=bet") == []
    assert names(client, "tag=Films&sort=oldest") == ["Beta", "Alpha"]
    assert numbers(client, "tag=Films&q=bet")["all"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "tag=",
        "tag=" + "x" * 5000,
        "&".join(f"tag=t{n}" for n in range(500)),
        "tag=%F0%9F%8D%BF",
        "tag=%25s",
    ],
)
def test_hostile_tags_in_the_address_are_bounded(films, sign_in, query):
    response = get(sign_in(films.owner), query)
    listing = response.context["listing"]
    assert response.status_code == 200
    assert len(listing.tags) <= MAX_TAGS and all(len(one) <= 101 for one in listing.tags)


def test_a_tag_that_looks_like_a_key_of_the_prepared_query_is_only_a_tag(films, sign_in):
    for number in range(2**31 - 61_000, 2**31 - 60_995):
        assert names(sign_in(films.owner), f"tag={number}") == []


def test_actions_on_all_that_match_keep_to_the_tags(films, sign_in):
    client = sign_in(films.owner)
    matching = get(client, "tag=Films&tag=Kids").context["listing"].matching_query
    client.post(reverse("torrents:bulk"), {"action": "delete", "matching": matching})
    assert set(Torrent.objects.listed().values_list("name", flat=True)) == {"Beta", "Gamma", "Delta"}
    rows = selected(Torrent.objects.visible_to(films.owner), films.owner, ids=[], matching="tag=Books")
    assert [row.name for row in rows] == ["Gamma"]


def test_actions_on_all_that_match_keep_to_the_longest_tags_and_search(films, sign_in):
    tags = [chr(0x1F400 + n) * 100 for n in range(MAX_TAGS)]
    search = "\U0001f37f" * 200
    for number in range(MAX_TAGS + 1):
        tag(make_torrent(films.account, f"{search} {number}"), *tags[:number])
    matching = Selection(films.owner, QueryDict(urlencode({"q": search, "tag": tags}, doseq=True)))
    listing = TorrentListing(films.owner, QueryDict(urlencode(matching.chosen, doseq=True)))
    found = {
        "matching": listing.matching_query,
        "cut": listing.matching_query[: listing.matching_query.rindex("&tag=")],
        "too long": listing.matching_query[: listing.matching_query.rindex("&tag=")]
        + "&x="
        + "x" * MAX_QUERY,
    }
    rows = Torrent.objects.visible_to(films.owner)
    counts = {name: len(selected(rows, films.owner, ids=[], matching=text)) for name, text in found.items()}
    assert counts == {"matching": 1, "cut": 2, "too long": 0}


def test_links_and_forms_of_a_filtered_list_keep_its_tags(films, sign_in):
    for number in range(310):
        tag(make_torrent(films.account, f"Film {number:03}", file_count=0), "Films", "A & B")
    response = get(sign_in(films.owner), "tag=Films&tag=A+%26+B&sort=name")
    listing, page = response.context["listing"], response.content.decode()
    assert listing.next_url == "/?sort=name&tag=Films&tag=A+%26+B&page=2"
    assert listing.tabs[2].url == "/?tab=ready&sort=name&tag=Films&tag=A+%26+B"
    assert (
        page.count('<input type="hidden" name="tag" value="A &amp; B">') == 2
    )  # search, and the number of a page
    assert listing.clear_url == "/?sort=name"
    polled = TorrentListing(films.owner, QueryDict(listing.changes_url.partition("?")[2]))
    assert polled.tags == ("Films", "A & B")


def test_the_row_offers_tags_by_use_with_their_numbers(films, sign_in):
    assert list(offered(sign_in(films.owner)).items()) == [("Films", 2), ("Books", 1), ("Kids", 1)]


def test_eight_tags_are_in_the_row_and_the_rest_in_its_menu(cast, sign_in):
    for number in range(12):
        tag(
            make_torrent(cast.account, f"Film {number}", file_count=0),
            *(f"T{n:02}" for n in range(12 - number)),
        )
    client = sign_in(cast.owner)
    row = get(client).context["filter_row"]
    assert [link.label for link in row.tags] == [f"T{n:02}" for n in range(8)]
    assert [link.label for link in row.more] == ["T08", "T09", "T10", "T11"]
    row = get(client, "tag=T10").context["filter_row"]
    assert [link.label for link in row.tags if link.current] == ["T10"]
    assert "T10" not in [link.label for link in row.more]


def test_a_row_stays_small_when_each_torrent_has_a_tag_of_its_own(cast, sign_in):
    for number in range(3):
        row = make_torrent(cast.account, f"Film {number}", file_count=0)
        tag(row, "Films", *(f"T{number}{n:02}" for n in range(100)))
    client = sign_in(cast.owner)
    assert len(offered(client)) == MAX_COUNTED and offered(client)["Films"] == 3
    row = get(client, "tag=T299").context["filter_row"]
    assert [link.label for link in row.tags if link.current] == ["T299"]


def test_links_of_the_row_choose_add_and_remove_a_tag(films, sign_in):
    links = {
        one.label: one for one in get(sign_in(films.owner), "tag=Films&tab=ready").context["filter_row"].tags
    }
    assert links["Kids"].url == "/?tab=ready&tag=Kids"
    assert links["Kids"].both_url == "/?tab=ready&tag=Films&tag=Kids"
    assert (links["Films"].url, links["Films"].both_url) == ("/?tab=ready", "")


def test_a_chosen_tag_without_torrents_can_still_be_removed(films, sign_in):
    page = get(sign_in(films.owner), "tag=Gone").content.decode()
    assert "Nothing here right now" in page
    assert '<a class="filter" href="/"aria-current="true">' in page or 'href="/" aria-current="true"' in page


def test_without_tags_and_views_there_is_no_row(cast, sign_in):
    make_torrent(cast.account)
    page = get(sign_in(cast.owner)).content.decode()
    assert '<filter-row class="filter-row" id="filter-row"></filter-row>' in page
    assert 'class="tag"' not in page and "Save this view" not in page


def test_a_poll_and_a_search_update_the_row(films, sign_in):
    client = sign_in(films.owner)
    url = get(client).context["listing"].changes_url
    _tagged(films)
    page = client.get(url).content.decode()
    assert 'id="filter-row" hx-swap-oob="morph"' in page and "Music" in page
    found = client.get("/", {"q": "alpha"}, headers={"HX-Request": "true"}).content.decode()
    assert 'id="filter-row"' in found and "/?q=alpha&amp;tag=Films" in found


def test_tags_of_torrents_that_are_hidden_from_a_person_are_not_offered_to_them(films, sign_in):
    make_secret = make_torrent(films.account, "Secret", added_by=films.member, hidden=True)
    tag(make_secret, "Films", "Presents")
    assert offered(sign_in(films.viewer)) == {"Films": 2, "Books": 1, "Kids": 1}
    for person in (films.owner, films.member):
        assert offered(sign_in(person)) == {"Films": 3, "Books": 1, "Kids": 1, "Presents": 1}
    assert offered(sign_in(films.outsider)) == {}
    assert names(sign_in(films.viewer), "tag=Presents") == [] == names(sign_in(films.outsider), "tag=Films")
    assert numbers(sign_in(films.viewer), "tag=Films")["all"] == 2


def test_the_numbers_are_those_of_the_torrents_that_a_person_sees(cast, sign_in):
    theirs = make_account(cast.member, make_key("other"), "Other")
    Share.objects.create(account=theirs, user=cast.viewer)
    people = (cast.owner, cast.member, cast.viewer, cast.outsider, None)
    removed = (None, timezone.now())
    for number, (account, adder, hidden, at) in enumerate(
        product((cast.account, theirs), people, (False, True), removed)
    ):
        row = make_torrent(
            account, f"Film {number}", file_count=0, added_by=adder, hidden=hidden, removed_at=at
        )
        tag(row, "All", f"T{number % 3}")
    for person in filter(None, people):
        seen = Torrent.objects.visible_to(person).values_list("tags", flat=True)
        assert offered(sign_in(person)) == Counter(name for tags in seen for name in tags)


def test_tags_count_over_all_accounts_and_within_the_chosen_one(films, sign_in):
    other = make_account(films.member, make_key("other"), "Other")
    tag(make_torrent(other, "Omega"), "Films", "New")
    client = sign_in(films.member)
    assert offered(client) == {"Films": 3, "Books": 1, "Kids": 1, "New": 1}
    assert offered(client, f"account={other.pk}") == {"Films": 1, "New": 1}
    assert names(client, f"account={other.pk}&tag=Films") == ["Omega"]
    assert sorted(names(client, "tag=Films")) == ["Alpha", "Beta", "Omega"]


def _tagged(cast) -> None:
    row = Torrent.objects.select_related("account").get(name="Delta")
    tagging.tag(person=cast.owner, torrents=[row], add=["Music"])


CHANGES = {
    "a tag": _tagged,
    "a deletion": lambda cast: controlling.remove(
        person=cast.owner, torrents=[Torrent.objects.select_related("account").get(name="Alpha")]
    ),
    "hiding": lambda cast: hiding.hide(Torrent.objects.select_related("account").get(name="Alpha")),
    "a share less": lambda cast: Share.objects.filter(user=cast.viewer).delete(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["owner", "viewer"])
def test_every_change_of_the_numbers_changes_the_cursor(films, sign_in, change, who):
    client = sign_in(getattr(films, who))
    before = get(client).context["listing"].cursor, offered(client)
    CHANGES[change](films)
    after = get(client).context["listing"].cursor, offered(client)
    assert (before[1] == after[1]) or before[0] != after[0]
    assert before[1] != after[1] or (change, who) in {("hiding", "owner"), ("a share less", "owner")}


def test_tags_that_change_at_torbox_change_the_numbers_and_the_cursor(cast, sim, at_torbox, sign_in):
    row = at_torbox(name="Alpha", tags=["Films", "Kids"])
    client = sign_in(cast.owner)
    before = get(client).context["listing"].cursor
    assert offered(client) == {"Films": 1, "Kids": 1}
    sim.control.edit(cast.key, row.info_hash, tags=["Films", "New"])
    assert refreshing.refresh(cast.account, fresh=True)
    assert offered(client) == {"Films": 1, "New": 1}
    assert names(client, "tag=New") == ["Alpha"] and names(client, "tag=Kids") == []
    assert get(client).context["listing"].cursor != before


def test_a_restored_torrent_counts_again_with_a_new_cursor(films, sign_in):
    client = sign_in(films.owner)
    row = Torrent.objects.select_related("account").get(name="Alpha")
    controlling.remove(person=films.owner, torrents=[row])
    without = get(client).context["listing"].cursor
    controlling.restore(list(Torrent.objects.select_related("account").filter(pk=row.pk)))
    assert offered(client) == {"Films": 2, "Books": 1, "Kids": 1}
    assert get(client).context["listing"].cursor != without


def test_numbers_are_counted_once_for_each_state_of_the_list(films, sign_in):
    client = sign_in(films.owner)
    get(client)
    with CaptureQueriesContext(connection) as queries:
        get(client, "tab=ready")
        get(client, "tag=Films")
    assert not [
        one for one in queries if "GROUP BY" in one["sql"] and "torrenttag" in one["sql"].split("WHERE")[0]
    ]
    _tagged(films)
    with CaptureQueriesContext(connection) as queries:
        get(client)
    assert len([one for one in queries if "torrenttag" in one["sql"].split("WHERE")[0]]) == 1


def test_rows_show_three_tags_and_how_many_more(cast, sign_in):
    tag(make_torrent(cast.account), "One", "Two", "Three", "Four", "Five")
    page = get(sign_in(cast.owner)).content.decode()
    assert '<a class="tag" href="/?tag=One"><bdi>One</bdi></a>' in page
    assert '<span class="tag">+2</span>' in page and "<bdi>Four</bdi></a></span>" not in page


def test_a_row_without_tags_is_as_it_was(cast, sign_in):
    make_torrent(cast.account)
    assert '<p class="row-facts">1 file</p>' in get(sign_in(cast.owner)).content.decode()


HOSTILE = [
    "\u202egnp.live",
    "<b>x</b>",
    '"onmouseover="alert(1)',
    "🍿👨\u200d👩\u200d👧",
    "W" * 100,
    "\u200b\u200b",
    "a&b=c#d",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tags_are_shown_harmlessly_and_still_filter(cast, sign_in, name):
    tag(make_torrent(cast.account, "A film"), name)
    client = sign_in(cast.owner)
    response = get(client)
    page = response.content.decode()
    assert "<b>x" not in page and "\u202e" not in page and '"onmouseover' not in page
    (link,) = response.context["filter_row"].tags
    assert [row.name for row in client.get(link.url).context["listing"].rows] == ["A film"]
    assert f'<a class="tag" href="{link.url.replace("&", "&amp;")}">' in page


def test_sorted_by_progress_what_is_complete_comes_last(cast, sign_in):
    for name, progress in (("Half", 0.5), ("Done", 1), ("None", 0)):
        make_torrent(cast.account, name, progress=progress)
    assert names(sign_in(cast.owner), "sort=progress") == ["None", "Half", "Done"]


def test_sorted_by_expiry_what_has_no_date_comes_last(cast, sign_in):
    now = timezone.now()
    for name, days in (("Later", 9), ("Never", None), ("Soon", 1), ("Neither", None)):
        make_torrent(cast.account, name, removal_at=now + timedelta(days=days) if days else None)
    client = sign_in(cast.owner)
    assert names(client, "sort=expiring") == ["Soon", "Later", "Never", "Neither"]
    assert names(client, "sort=expiring&q=e") == ["Later", "Never", "Neither"]


def _plan(rows) -> str:
    if connection.vendor == "sqlite":
        return rows.explain()
    with connection.cursor() as cursor:  # few rows would be read whole
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
        )
    return rows.explain()


@pytest.mark.parametrize(
    ("sort", "index"), [("progress", "listed_by_progress"), ("expiring", "listed_by_removal")]
)
def test_the_new_orders_come_off_their_indexes(cast, sort, index):
    rows = Selection(cast.owner, {"sort": sort}).matching.values_list("pk")[:50]
    assert index in _plan(rows)


def test_a_filter_by_tag_comes_off_the_index_of_tags(films):
    rows = Selection(films.owner, QueryDict("tag=Films")).matching.values_list("pk")[:50]
    assert "tagged_torrents" in _plan(rows) or "one_row_per_tag" in _plan(rows)
