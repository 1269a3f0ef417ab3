"""Programs change torrents, one or many, and hear what became of each."""

from __future__ import annotations

import pytest

from tests.api.v1.test_problems import problem
from tests.factories import make_torrent, tag
from torrents.models import ControlRequest, Torrent
from torrents.states import Status

pytestmark = pytest.mark.django_db
TORRENTS = "/api/v1/torrents"


def post(program, path: str, **body):
    return program.post(f"{TORRENTS}{path}", body, content_type="application/json")


def operate(program, operation: str, *ids: int):
    got = post(program, "/operations", operation=operation, ids=ids)
    assert got.status_code == 200, got.content
    return [(one["id"], one["problem"] and one["problem"]["code"]) for one in got.json()["items"]]


@pytest.fixture
def film(cast):
    return make_torrent(cast.account, "A film", added_by=cast.member)


@pytest.mark.parametrize("operation", ["pause", "resume", "reannounce", "stop_seeding", "start"])
def test_an_operation_is_recorded_for_each_torrent_that_the_person_may_change(cast, film, program, operation):
    others = make_torrent(cast.account, "Another", added_by=cast.owner)
    unsent = make_torrent(cast.account, "Unsent", added_by=cast.member, remote_id=None)
    got = operate(program(cast.member), operation, film.pk, others.pk, unsent.pk, 999)
    assert got == [
        (film.pk, None),
        (others.pk, "not_found"),
        (unsent.pk, "not_at_torbox_yet"),
        (999, "not_found"),
    ]
    waiting = ControlRequest.objects.filter(torrent=film)
    assert [one.operation for one in waiting] == [operation]
    assert not ControlRequest.objects.filter(torrent=others).exists()


def test_a_deleted_torrent_can_be_restored_until_torbox_deletes_it(cast, film, program):
    client = program(cast.member)
    got = client.delete(f"{TORRENTS}/{film.pk}")
    assert got.status_code == 202 and got.json()["restorable_until"]
    assert problem(client.get(f"{TORRENTS}/{film.pk}")) == (404, "not_found")
    assert operate(client, "restore", film.pk) == [(film.pk, None)]
    assert client.get(f"{TORRENTS}/{film.pk}").status_code == 200
    operate(client, "delete", film.pk)
    ControlRequest.objects.update(state="sending")
    assert operate(client, "restore", film.pk) == [(film.pk, "deleted")]


def test_only_what_has_ended_is_added_again(cast, film, program):
    failed = make_torrent(cast.account, "Failed", added_by=cast.member, status=Status.FAILED)
    got = operate(program(cast.member), "add_again", film.pk, failed.pk)
    assert got == [(film.pk, "not_ended"), (failed.pk, None)]
    assert Torrent.objects.get(pk=failed.pk).status == Status.WAITING


def test_one_request_changes_name_tags_and_who_sees_it(cast, film, program):
    got = program(cast.member).patch(
        f"{TORRENTS}/{film.pk}",
        {"name": "My film", "tags": ["4K", "films"], "kept": True, "hidden": True},
        content_type="application/json",
    )
    body = got.json()
    assert (body["name"], body["tags"], body["kept"], body["hidden"]) == (
        "My film",
        ["4K", "films"],
        True,
        True,
    )
    assert body["edit_pending"]


def test_what_is_not_sent_stays(cast, film, program):
    client = program(cast.member)
    client.patch(f"{TORRENTS}/{film.pk}", {"tags": ["a", "b"]}, content_type="application/json")
    got = client.patch(f"{TORRENTS}/{film.pk}", {"tags": ["b", "c"]}, content_type="application/json")
    assert got.json()["tags"] == ["b", "c"] and got.json()["name"] == "A film"
    got = client.patch(f"{TORRENTS}/{film.pk}", {"tags": []}, content_type="application/json")
    assert got.json()["tags"] == []


def test_a_torrent_that_no_one_else_sees_cannot_be_hidden(cast, film, program):
    cast.account.shares.all().delete()
    got = program(cast.owner).patch(
        f"{TORRENTS}/{film.pk}", {"hidden": True}, content_type="application/json"
    )
    assert problem(got) == (422, "invalid")


def test_many_get_a_tag_at_once(cast, film, program):
    second = make_torrent(cast.account, "Second", added_by=cast.member)
    got = post(program(cast.member), "/tags", ids=[film.pk, second.pk, film.pk, 999], add=["films"])
    assert (got.json()["done"], got.json()["failed"]) == (2, 1)
    assert {tuple(row.tags) for row in Torrent.objects.all()} == {("films",)}


@pytest.mark.parametrize("tag", ["a,b", "a،b", " ", "\u200b", "\u0007"])
def test_what_can_be_no_tag_is_refused(cast, film, program, tag):
    """A comma separates tags everywhere else."""
    client = program(cast.member)
    assert problem(post(client, "/tags", ids=[film.pk], add=["films", tag])) == (422, "invalid")
    got = client.patch(f"{TORRENTS}/{film.pk}", {"tags": [tag]}, content_type="application/json")
    assert problem(got) == (422, "invalid")
    assert Torrent.objects.get().tags == []


def test_a_tag_that_another_app_made_may_stay_and_go(cast, film, program):
    tag(film, "a,b")
    client, change = program(cast.member), f"{TORRENTS}/{film.pk}"
    for tags in (["a,b", "c"], ["c"]):
        got = client.patch(change, {"tags": tags}, content_type="application/json").json()
        assert sorted(got["tags"]) == tags
    post(client, "/tags", ids=[film.pk], add=["a b"], remove=["a,b", "c"])
    assert Torrent.objects.get().tags == ["a b"]


def test_spaces_around_a_tag_do_not_remove_it(cast, film, program):
    tag(film, "films")
    client = program(cast.member)
    got = client.patch(f"{TORRENTS}/{film.pk}", {"tags": [" films "]}, content_type="application/json").json()
    assert got["tags"] == ["films"]


@pytest.mark.parametrize("name", [" ", "\u200b", "\u0007\n"])
def test_a_name_that_no_one_can_see_is_refused_and_nothing_changes(cast, film, program, name):
    body = {"name": name, "tags": ["films"], "hidden": True}
    got = program(cast.member).patch(f"{TORRENTS}/{film.pk}", body, content_type="application/json")
    assert problem(got) == (422, "invalid")
    film.refresh_from_db()
    assert (film.name, film.tags, film.hidden) == ("A film", [], False)


def test_an_empty_list_or_an_unknown_operation_is_refused(cast, film, program):
    client = program(cast.member)
    assert problem(post(client, "/operations", operation="pause", ids=[])) == (422, "invalid")
    assert problem(post(client, "/operations", operation="explode", ids=[film.pk])) == (422, "invalid")
