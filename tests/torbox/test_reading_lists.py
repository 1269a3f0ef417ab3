"""Lists over several pages, single items, and the shapes of nothing."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.torbox.support import Reply, Server, client_of, example, ok, refusal
from torbox import Client, Malformed, NotFound, Queued, Torrent, Unchanged, Unreadable

AUTH_ID = "00000000-0000-4000-8000-000000000001"


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "hash": f"{number:040x}", "name": f"torrent {number}"} | changes


def rows(*numbers: int) -> Reply:
    return ok([row(number) for number in numbers])


def ids(client: Client, page_size: int) -> list[int]:
    return [torrent.id for torrent in client.list_torrents(page_size=page_size)]


def test_the_recorded_list_is_read(server: Server, client: Client) -> None:
    server.will(example("mylist.json"))
    torrents = {torrent.id: torrent for torrent in client.list_torrents()}
    assert sorted(torrents) == list(range(1001, 1010))
    assert torrents[1009].eta is None
    assert torrents[1005].magnet == ""
    assert {torrent.auth_id for torrent in torrents.values()} == {AUTH_ID}
    assert AUTH_ID not in repr(torrents)
    assert [file.id for file in torrents[1008].files or ()] == [10, 8, 11]


def test_pages_are_read_until_one_is_short(server: Server, client: Client) -> None:
    server.will(rows(9, 8), rows(7, 6), rows(5))
    assert ids(client, 2) == [9, 8, 7, 6, 5]
    assert [request.query["offset"] for request in server.requests] == [["0"], ["2"], ["4"]]


def test_a_full_last_page_costs_one_more_question(server: Server, client: Client) -> None:
    server.will(rows(9, 8), ok([]))
    assert ids(client, 2) == [9, 8]


def test_the_row_too_many_is_trimmed(server: Server, client: Client) -> None:
    server.will(rows(9, 8, 7), rows(7, 6, 5), rows(5))
    assert ids(client, 2) == [9, 8, 7, 6, 5]


def test_an_item_seen_twice_is_kept_as_seen_last(server: Server, client: Client) -> None:
    server.will(ok([row(2), row(1, name="before")]), ok([row(1, name="after")]))
    assert [torrent.name for torrent in client.list_torrents(page_size=2)] == ["torrent 2", "after"]


def test_a_server_that_ignores_the_offset_does_not_keep_us(server: Server, client: Client) -> None:
    server.will(rows(2, 1))
    assert ids(client, 2) == [2, 1]
    assert len(server.requests) == 2


def test_there_is_a_last_row_whatever_the_server_says(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torbox.listing.MAX_ROWS", 6)
    server.will(rows(1, 2), rows(3, 4), rows(5, 6), rows(7, 8))
    assert ids(client, 2) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "bad", [None, 5, {}, {"id": 1}, row(1, hash="short"), row(7, id="x"), row(2, hash=None)]
)
def test_a_row_that_cannot_be_told_from_others_is_left_out(server: Server, client: Client, bad: Any) -> None:
    server.will(rows(4, 3), ok([bad, row(5)]), ok([]))
    assert ids(client, 2) == [4, 3, 5]


def test_a_row_that_was_left_out_is_told_with_its_field_and_its_id(server: Server, client: Client) -> None:
    server.will(ok([row(3), row(2, hash="ab" * 32), row(7, id="x"), None]))
    told = [one for one in client.list_changes({}) if isinstance(one, Unreadable)]
    assert [(one.field, one.id) for one in told] == [("hash", 2), ("id", None), ("data", None)]


def test_a_page_of_nothing_but_odd_rows_is_not_the_last_one(server: Server, client: Client) -> None:
    server.will(rows(9, 8), ok([row(6, id="x"), row(5, id="y")]), rows(7))
    assert ids(client, 2) == [9, 8, 7]


def test_a_row_of_the_queue_costs_itself_only(server: Server, client: Client) -> None:
    server.will(ok([row(2, hash=None), row(1, created_at=5)]))
    left_out, kept = client.list_queued()
    assert left_out == Unreadable("hash", 2, left_out.digest)  # type: ignore[union-attr]
    assert isinstance(kept, Queued) and (kept.id, kept.unread) == (1, ("created_at",))


@pytest.mark.parametrize("data", [{}, "rows", 5, True])
def test_only_what_is_no_list_at_all_is_malformed(server: Server, client: Client, data: Any) -> None:
    server.will(ok(data))
    with pytest.raises(Malformed):
        client.list_changes({})


def test_an_empty_account_may_be_null(server: Server, client: Client) -> None:
    server.will(ok(None))
    assert client.list_torrents() == ()
    assert client.list_queued() == ()


def test_one_page_is_never_longer_than_asked(server: Server, client: Client) -> None:
    server.will(rows(3, 2, 1))
    assert len(client.list_page(limit=2, offset=4)) == 2
    assert server.last.query == {"offset": ["4"], "limit": ["2"]}


@pytest.mark.parametrize("reply", [ok(None), ok([]), ok({}), refusal("ITEM_NOT_FOUND", status=404)])
def test_an_unknown_item_is_not_found_in_every_dialect(server: Server, client: Client, reply: Reply) -> None:
    server.will(reply)
    with pytest.raises(NotFound):
        client.get_torrent(1)


def test_a_single_item_may_come_in_a_list(server: Server, client: Client) -> None:
    server.will(rows(4))
    assert client.get_torrent(4).id == 4


def test_the_recorded_single_item_is_read(server: Server, client: Client) -> None:
    server.will(example("mylist_single.json"))
    torrent = client.get_torrent(1001)
    assert torrent.download_present
    assert torrent.files
    assert torrent.files[0].path == "Big Buck Bunny/Big Buck Bunny.en.srt"


@pytest.mark.parametrize("reply", [rows(5), rows(4, 5), ok(row(5))])
def test_another_item_than_asked_is_malformed(server: Server, client: Client, reply: Reply) -> None:
    server.will(reply)
    with pytest.raises(Malformed):
        client.get_torrent(4)


def test_the_queue_is_read(server: Server, client: Client) -> None:
    server.will(example("other.json", "getqueued"))
    (queued,) = client.list_queued()
    assert (queued.id, queued.name, queued.type) == (501, "Sintel", "torrent")


def test_the_user_is_read_without_secrets(server: Server, client: Client) -> None:
    server.will(example("user_me.json"))
    user = client.user()
    assert (user.plan_name, user.slots, user.max_item_size) == ("Essential", 4, 200 * 2**30)
    assert "example.org" not in repr(user)


def test_pages_too_large_for_one_answer_are_asked_for_in_small_ones(server: Server, client: Client) -> None:
    server.will(
        Reply(body=gzip.compress(b" " * (65 * 2**20), 9), headers={"Content-Encoding": "gzip"}), rows(3, 2)
    )
    with client_of(server.url, timeout=(1, 5), body_deadline=30) as patient:
        assert [torrent.id for torrent in patient.list_torrents()] == [3, 2]
    assert [request.query["limit"] for request in server.requests] == [["1000"], ["200"]]


def test_somebody_is_told_before_each_page(server: Server, client: Client) -> None:
    server.will(rows(9, 8), rows(7))
    told: list[int] = []
    client.list_torrents(page_size=2, before_page=lambda: told.append(len(server.requests)))
    assert told == [0, 1]


def test_a_row_that_is_as_it_was_noted_comes_back_unread(server: Server, client: Client) -> None:
    server.will(rows(2, 1), ok([row(2), row(1, seeds=7)]), ok([row(2), row(1, seeds=7)]))
    first = client.list_torrents()
    known = {torrent.id: (torrent.info_hash, torrent.digest) for torrent in first}
    same, other = client.list_changes(known)
    assert same == Unchanged(2, f"{2:040x}")
    assert isinstance(other, Torrent) and other.seeds == 7 and other.digest != first[1].digest
    assert all(isinstance(torrent, Torrent) for torrent in client.list_changes({}))


def test_a_row_is_the_same_only_with_the_same_id_and_every_field_the_same(
    server: Server, client: Client
) -> None:
    server.will(rows(1), ok([row(1, id="1"), row(3), row(4, unheard_of=[1])]))
    (one,) = client.list_torrents()
    known = dict.fromkeys((1, 3, 4), (one.info_hash, one.digest))
    assert all(isinstance(torrent, Torrent) for torrent in client.list_changes(known))


def test_a_changed_row_with_an_odd_value_is_read_without_it(server: Server, client: Client) -> None:
    server.will(rows(2, 1), ok([row(2), row(1, size=[])]))
    known = {torrent.id: (torrent.info_hash, torrent.digest) for torrent in client.list_torrents()}
    same, changed = client.list_changes(known)
    assert isinstance(same, Unchanged)
    assert isinstance(changed, Torrent) and (changed.size, changed.unread) == (0, ("size",))
