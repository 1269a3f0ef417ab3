"""The list: tabs, search, sort, and pages, all in the URL; and the poll that updates it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Share, TorBoxAccount, User
from tests.factories import give_files, make_torrent
from torrents.services.actions import controlling
from torrents.states import Status

LIST = "torrents:list"


def names(client, **query) -> list[str]:
    return [row.name for row in client.get(reverse(LIST), query).context["listing"].rows]


@pytest.fixture
def some(cast):
    moment = timezone.now()
    for number, (name, status, size) in enumerate(
        [("Alpha", Status.READY, 300), ("Beta", Status.DOWNLOADING, 100), ("Gamma", Status.FAILED, 200)]
    ):
        make_torrent(cast.account, name, status=status, size=size, added_at=moment - timedelta(hours=number))
    return cast


def test_tabs_filter_by_status_and_show_counts(some, sign_in):
    client = sign_in(some.owner)
    counts = {tab.key: tab.count for tab in client.get(reverse(LIST)).context["listing"].tabs}
    assert counts == {"all": 3, "downloading": 1, "ready": 1, "waiting": 0, "failed": 1}
    assert names(client, tab="failed") == ["Gamma"]


def test_search_finds_names_file_names_and_hashes(some, sign_in):
    client = sign_in(some.owner)
    row = make_torrent(some.account, "Delta")
    give_files(row, ["Delta/hidden treasure.mkv", "Delta/Éclairs.mkv"])
    assert names(client, q="alph") == ["Alpha"]
    assert names(client, q="TREASURE") == names(client, q="éCLAIRS") == ["Delta"]
    assert names(client, q=row.info_hash[:12].upper()) == ["Delta"]
    assert names(client, q="100% nothing_") == []


def test_a_search_by_htmx_returns_the_list_and_the_parts_around_it(some, sign_in):
    client, query = sign_in(some.owner), {"q": "alph", "sort": "name"}
    whole = client.get(reverse(LIST), query)
    part = client.get(reverse(LIST), query, headers={"HX-Request": "true"})
    text = part.content.decode()
    assert all(f'id="{name}"' in text for name in ("list", "tabs", "sort")) and "Alpha" in text
    assert "<html" not in text and "<html" in whole.content.decode()
    assert part["HX-Replace-Url"] == "/?q=alph&sort=name"
    assert "HX-Request" in part["Vary"] and "HX-Request" in whole["Vary"]


@pytest.mark.parametrize("query", ["ÉMILE", "émile zola", "Émile", "für"])
def test_search_ignores_case_in_every_script(some, sign_in, query):
    make_torrent(some.account, "Émile Zola - Öl für alle")
    assert names(sign_in(some.owner), q=query) == ["Émile Zola - Öl für alle"]


def test_a_jump_to_another_page_keeps_the_query(some, sign_in):
    for number in range(310):
        make_torrent(some.account, f"Film {number:03}", file_count=0)
    client = sign_in(some.owner)
    page = client.get(reverse(LIST), {"q": "film", "sort": "name"}).content.decode()
    assert '<input type="hidden" name="q" value="film"><input type="hidden" name="sort" value="name">' in page
    assert names(client, q="film", sort="name", page="7") == [f"Film {number}" for number in range(300, 310)]


def test_sort_orders_and_defaults_for_unknown_values(some, sign_in):
    client = sign_in(some.owner)
    assert names(client) == ["Alpha", "Beta", "Gamma"] == names(client, sort="'; drop", tab="x", page="-7")
    assert names(client, sort="largest") == ["Alpha", "Gamma", "Beta"]
    assert names(client, sort="oldest") == ["Gamma", "Beta", "Alpha"]


def test_pages_are_of_constant_size_and_links_keep_the_query(some, sign_in):
    for number in range(60):
        make_torrent(some.account, f"Film {number}", file_count=0)
    listing = sign_in(some.owner).get(reverse(LIST), {"q": "film", "sort": "name"}).context["listing"]
    assert len(listing.rows) == 50
    assert listing.next_url == "/?q=film&sort=name&page=2"
    assert listing.clear_url == "/?sort=name"


def test_the_number_of_queries_does_not_grow_with_the_rows(some, sign_in, django_assert_max_num_queries):
    client = sign_in(some.owner)
    for number in range(40):
        make_torrent(some.account, f"Film {number}", added_by=some.member)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(8):
        client.get(reverse(LIST))


def test_a_poll_is_empty_until_something_changes(some, sign_in, django_assert_max_num_queries):
    client = sign_in(some.owner)
    url = client.get(reverse(LIST)).context["listing"].changes_url
    with django_assert_max_num_queries(2):
        answer = client.get(url)
    assert (answer.status_code, answer.content) == (204, b"")
    row = make_torrent(some.account, "Delta", status=Status.PAUSED)
    controlling.control(person=some.owner, torrents=[row], operation="resume")
    answer = client.get(url)
    assert answer.status_code == 200 and "Resuming" in answer.content.decode()
    assert client.get(answer.context["listing"].changes_url).status_code == 204


def test_a_poll_returns_the_open_tab(some, sign_in):
    client = sign_in(some.owner)
    listing = client.get(reverse(LIST), {"tab": "failed"}).context["listing"]
    some.account.touch()
    page = client.get(listing.changes_url).content.decode()
    assert "Gamma" in page and "Alpha" not in page


def test_hostile_names_are_shown_harmlessly(cast, sign_in):
    make_torrent(cast.account, "<script>alert(1)</script>\u202egpj.exe\n" + "x" * 2000)
    page = sign_in(cast.owner).get(reverse(LIST)).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\u202e" not in page and "x" * 400 not in page


def test_a_list_that_was_never_read_is_not_reported_as_empty(cast, sign_in):
    client = sign_in(cast.owner)
    assert "Loading your torrents" in client.get(reverse(LIST)).content.decode()
    type(cast.account).objects.update(refreshed_at=timezone.now())
    page = client.get(reverse(LIST)).content.decode()
    assert "No torrents yet" in page and "Loading your torrents" not in page


@pytest.mark.parametrize("role", User.Role.values)
@pytest.mark.parametrize("level", [None, *Share.Level.values])
def test_the_form_to_add_is_there_for_whoever_may_add(cast, sign_in, role, level):
    User.objects.filter(pk=cast.outsider.pk).update(role=role)
    if level:
        Share.objects.create(account=cast.account, user=cast.outsider, level=level)
    may_add = TorBoxAccount.objects.addable_by(User.objects.get(pk=cast.outsider.pk)).exists()
    page = sign_in(cast.outsider).get(reverse(LIST)).content.decode()
    assert ('id="add-form"' in page) == may_add


def test_a_name_or_a_search_cannot_say_where_the_rows_go(some, sign_in):
    make_torrent(some.account, "<!--rows-->")
    for query in ({}, {"q": "<!--rows-->"}):
        page = sign_in(some.owner).get(reverse(LIST), query).content.decode()
        assert "<!--rows-->" not in page and "&lt;!--rows--&gt;" in page
