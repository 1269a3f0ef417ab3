"""Saved views: a person names a filter, a search, and an order, and finds them beside the tags. Only that person does."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from tests.factories import make_torrent, make_user, tag
from torrents.models import SavedView
from torrents.selection import query_of
from torrents.services.actions import saving_views
from torrents.services.actions.saving_views import MAX_VIEWS, Refusal, ViewRefused
from torrents.states import Status

SAVE = reverse("torrents:save_view")
HTMX = {"HX-Request": "true"}


def save(client, name: str, query: str, **more):
    return client.post(SAVE, {"name": name, "query": query}, **more)


def change(client, what: str, view: SavedView, **form):
    return client.post(reverse(f"torrents:{what}_view", args=[view.pk]), form)


def shown(client, url: str = "/") -> list[str]:
    return [row.name for row in client.get(url).context["listing"].rows]


def links(client, url: str = "/") -> dict[str, str]:
    return {view.label: view.url for view in client.get(url).context["filter_row"].views}


@pytest.fixture
def films(cast):
    tag(make_torrent(cast.account, "Alpha"), "Films")
    tag(make_torrent(cast.account, "Beta", status=Status.DOWNLOADING), "Films")
    make_torrent(cast.account, "Gamma")
    return cast


@pytest.fixture
def night(films) -> SavedView:
    query = {"tab": "ready", "tag": ["Films"]}
    return saving_views.save(person=films.owner, name="Film night", query=query)


def test_a_view_is_saved_and_leads_to_the_list_as_it_was(films, sign_in):
    client = sign_in(films.owner)
    form = client.get(f"{SAVE}?tab=ready&tag=Films&page=3&evil=1").context["form"]
    assert form.initial == {"name": "Films", "query": "tab=ready&tag=Films"}
    response = save(client, "Film night", form.initial["query"])
    assert response.url == "/?tab=ready&tag=Films"
    assert links(client) == {"Film night": "/?tab=ready&tag=Films"}
    assert shown(client, response.url) == ["Alpha"]


def test_a_dialog_saves_it_and_goes_there(films, sign_in):
    client = sign_in(films.owner)
    dialog = client.get(f"{SAVE}?q=film", headers=HTMX).content.decode()
    assert "<dialog" in dialog and 'value="q=film"' in dialog and "<html" not in dialog
    assert save(client, "Film", "q=film", headers=HTMX)["HX-Redirect"] == "/?q=film"


def test_the_open_view_is_marked_and_its_link_leads_back_to_all(night, films, sign_in):
    client = sign_in(films.owner)
    row = client.get("/?tag=Films&tab=ready").context["filter_row"]
    assert row.view and (row.view.label, row.view.url) == ("Film night", "/")
    assert row.save_url == ""
    assert client.get("/?tag=Films").context["filter_row"].view is None


def test_what_can_be_saved_is_anything_but_the_plain_list(films, sign_in):
    client = sign_in(films.owner)
    for query in ("tag=Films", "q=a", "sort=name", "tab=failed"):
        row = client.get(f"/?{query}").context["filter_row"]
        assert row.save_url == f"{SAVE}?{query}"
    assert client.get("/").context["filter_row"].save_url == ""
    assert save(client, "Plain", "sort=newest&tab=nonsense").status_code == 422


def test_without_tags_and_views_a_search_is_saved_from_the_menu_of_sort_orders(cast, sign_in):
    make_torrent(cast.account, "Alpha")
    client = sign_in(cast.owner)
    menu = re.search(
        r'<menu-button class="menu sort".*?</menu-button>', client.get("/?q=al").content.decode()
    )
    assert menu and f"{SAVE}?q=al" in menu[0]
    assert SAVE not in client.get("/").content.decode()


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 41])
def test_a_name_has_to_be_visible_and_short(films, sign_in, name):
    response = save(sign_in(films.owner), name, "tag=Films")
    assert response.status_code == 422 and response.context["form"].errors
    assert not SavedView.objects.exists()


def test_a_name_is_taken_once_for_each_person(night, films, sign_in):
    response = save(sign_in(films.owner), "Film night", "sort=name")
    assert (
        response.status_code == 422 and "You already have a view with this name." in response.content.decode()
    )
    assert save(sign_in(films.viewer), "Film night", "sort=name").status_code == 302
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(person=films.owner, name="Film night")


def test_a_person_saves_a_bounded_number_of_views(films, sign_in):
    for number in range(MAX_VIEWS):
        saving_views.save(person=films.owner, name=f"View {number}", query={"q": str(number)})
    response = save(sign_in(films.owner), "One more", "q=more")
    assert response.status_code == 422 and f"You can save {MAX_VIEWS} views." in response.content.decode()
    with pytest.raises(ViewRefused) as refused:
        saving_views.save(person=films.owner, name="One more", query={"q": "more"})
    assert refused.value.reason == Refusal.TOO_MANY


def test_a_view_is_renamed(night, films, sign_in):
    client = sign_in(films.owner)
    other = saving_views.save(person=films.owner, name="Other", query={"q": "x"})
    assert (
        client.get(reverse("torrents:rename_view", args=[night.pk])).context["form"].initial["name"]
        == "Film night"
    )
    assert change(client, "rename", night, name="Movie night").url == "/?tab=ready&tag=Films"
    assert set(links(client)) == {"Movie night", "Other"}
    assert change(client, "rename", other, name="Movie night").status_code == 422
    assert change(client, "rename", night, name="Movie night").status_code == 302  # its own name is free


def test_a_deleted_view_comes_back_with_undo(night, films, sign_in):
    client = sign_in(films.owner)
    saving_views.set_default(night, is_default=True)
    change(client, "delete", night)
    assert not SavedView.objects.exists()
    (undo,) = [message.extra_tags for message in client.get("/").context["messages"]]
    assert sign_in(films.viewer).post(undo).status_code == 404  # only the person who deleted it
    client = sign_in(films.owner)
    assert client.post(undo).url == "/?tab=ready&tag=Films"
    restored = SavedView.objects.get()
    assert (restored.name, restored.query, restored.is_default) == (night.name, night.query, True)
    assert client.post(undo).status_code == 302 and SavedView.objects.count() == 1
    assert client.post(undo + "x").status_code == 404


def test_the_default_view_opens_without_parameters_and_the_plain_list_stays_in_reach(night, films, sign_in):
    client = sign_in(films.owner)
    change(client, "default", night)
    listing = client.get("/").context["listing"]
    assert [row.name for row in listing.rows] == ["Alpha"] and listing.view == night
    assert listing.plain_url == "/?tab=all"
    assert sorted(shown(client, "/?tab=all")) == ["Alpha", "Beta", "Gamma"]
    assert sorted(shown(client, "/?q=")) == ["Alpha", "Beta", "Gamma"]
    changes = unescape(listing.changes_url)
    assert "tab=ready" in changes and "tag=Films" in changes
    search = client.get("/?q=", headers=HTMX)
    assert search["HX-Replace-Url"] == "/?tab=all"


def test_links_of_the_plain_list_say_so_while_another_view_is_the_default(night, films, sign_in):
    client = sign_in(films.owner)
    saving_views.set_default(night, is_default=True)
    listing = client.get("/?sort=name").context["listing"]
    assert {choice.key: choice.url for choice in listing.sorts}["newest"] == "/?tab=all"
    tags = client.get("/?tag=Films").context["filter_row"].tags
    assert [link.url for link in tags if link.current] == ["/?tab=all"]


def test_one_view_is_the_default(night, films, sign_in):
    client = sign_in(films.owner)
    other = saving_views.save(person=films.owner, name="Other", query={"sort": "name"})
    change(client, "default", night)
    change(client, "default", other)
    assert list(SavedView.objects.filter(is_default=True)) == [other]
    change(client, "default", other)
    assert not SavedView.objects.filter(is_default=True)
    assert sorted(shown(client)) == ["Alpha", "Beta", "Gamma"]


def test_views_are_of_one_person(night, films, sign_in):
    for person in (films.member, films.viewer, films.outsider, make_user("house", User.Role.OWNER)):
        client = sign_in(person)
        assert "Film night" not in client.get("/").content.decode()
        for what in ("rename", "default", "delete"):
            assert change(client, what, night, name="Theirs").status_code == 404
    night.refresh_from_db()
    assert (night.name, night.is_default) == ("Film night", False)


def test_a_view_without_torrents_says_so(films, sign_in):
    view = saving_views.save(person=films.owner, name="<b>Nothing</b>", query={"tag": ["Nope"]})
    page = sign_in(films.owner).get(f"/?tag={view.query['tag'][0]}").content.decode()
    assert "Nothing in “<bdi>&lt;b&gt;Nothing&lt;/b&gt;</bdi>” right now" in page
    assert '<a class="button" href="/">Show all torrents</a>' in page


HOSTILE = [
    7,
    [],
    "tab=ready",
    {"tab": "nonsense", "sort": 7, "q": ["a", "b"], "account": "-1", "tag": "Films", "evil": "x"},
    {"tag": [1, None, "", "x" * 9000, {"a": 1}], "q": {"a": 1}},
    {"q": "x" * 100_000, "page": "7"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_parameter_in_a_stored_view_is_ignored(films, sign_in, query):
    client = sign_in(films.owner)
    SavedView.objects.create(person=films.owner, name="Odd", query=query, is_default=True)
    listing = client.get("/").context["listing"]
    assert client.get(links(client, "/?tab=failed")["Odd"]).status_code == 200
    assert listing.sort == "newest" and listing.tab == "all" and len(listing.query) <= 200
    assert set(query_of(query)) <= {"tab", "q", "sort", "account", "tag"}


def test_a_view_of_an_account_that_is_no_longer_shared_shows_what_is_left(films, sign_in):
    query = {"account": str(films.account.pk)}
    view = saving_views.save(person=films.viewer, name="Theirs", query=query)
    films.account.shares.filter(user=films.viewer).delete()
    client = sign_in(films.viewer)
    assert client.get(f"/?account={films.account.pk}").status_code == 200 and shown(client) == []
    assert view.query == query
