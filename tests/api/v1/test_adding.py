"""Programs add torrents: once, however often they ask, and without waiting for TorBox."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from api.models import IdempotentAnswer
from tests.api.factories import make_token, program_with
from tests.api.v1.test_problems import problem
from tests.factories import make_account, make_key, make_torrent
from tests.torbox.test_torrent_files import info, torrent
from torrents.models import AddRequest, Torrent

pytestmark = pytest.mark.django_db
TORRENTS = "/api/v1/torrents"
HASH, OTHER = "a" * 40, "b" * 40


def add(program, key: str = "", **body):
    headers = {"idempotency-key": key} if key else {}
    return program.post(TORRENTS, body, content_type="application/json", headers=headers)


def test_torrents_are_added_from_all_that_people_paste(cast, program):
    file = torrent(info())
    got = add(
        program(cast.member),
        text=f"Look: magnet:?xt=urn:btih:{HASH}&dn=A+film and so on",
        magnets=[f"magnet:?xt=urn:btih:{OTHER}"],
        hashes=["c" * 40, "no hash"],
        files=[{"name": "a.torrent", "content": base64.b64encode(file).decode()}],
    )
    assert got.status_code == 202
    body = got.json()
    assert [one["result"] for one in body["items"]] == ["added"] * 4
    assert {one["torrent"]["status"] for one in body["items"]} == {"waiting"}
    assert [one["text"] for one in body["skipped"]] == ["no hash"] and body["skipped"][0]["detail"]
    assert Torrent.objects.filter(added_by=cast.member).count() == 4


def test_every_option_goes_along(cast, program):
    add(
        program(cast.member),
        hashes=[HASH],
        seed="no",
        allow_zip=False,
        name="My film",
        as_queued=True,
        only_if_cached=True,
        hidden=True,
        tags=["films"],
    )
    request = AddRequest.objects.get()
    assert (request.seed, request.allow_zip, request.name) == (3, False, "My film")
    assert request.as_queued and request.only_if_cached
    assert (request.torrent.hidden, request.torrent.tags) == (True, ["films"])


def test_what_is_there_already_stays_as_it_is(cast, program):
    row = make_torrent(cast.account, "A film")
    got = add(program(cast.member), hashes=[row.info_hash]).json()
    (item,) = got["items"]
    assert (item["result"], item["torrent"]["id"]) == ("existing", row.pk)
    assert not AddRequest.objects.exists()


def test_the_same_request_with_the_same_key_adds_nothing_again(cast, program):
    client = program(cast.member)
    first = add(client, key="k1", hashes=[HASH])
    Torrent.objects.all().delete()
    again = add(client, key="k1", hashes=[HASH])
    assert (again.status_code, again.json()) == (202, first.json())
    assert not Torrent.objects.exists()


def test_a_key_is_for_one_request_and_one_token(cast, program):
    client = program(cast.member)
    add(client, key="k1", hashes=[HASH])
    assert problem(add(client, key="k1", hashes=[OTHER])) == (409, "key_used")
    assert add(program(cast.member), key="k1", hashes=[OTHER]).status_code == 202
    assert Torrent.objects.count() == 2


def test_a_request_that_failed_can_be_sent_again_with_its_key(cast, program):
    assert problem(add(program(cast.outsider), key="k1", hashes=[HASH])) == (409, "nowhere_to_add")
    assert not IdempotentAnswer.objects.exists()


def test_a_torrent_goes_to_the_account_that_the_program_names(cast, program):
    mine = make_account(cast.member, make_key("mine"), "Mine")
    client = program(cast.member)
    add(client, hashes=[HASH], account_id=mine.pk)
    add(client, hashes=[OTHER], account_id=cast.account.pk)
    assert dict(Torrent.objects.values_list("info_hash", "account")) == {
        HASH: mine.pk,
        OTHER: cast.account.pk,
    }
    assert problem(add(program(cast.viewer), hashes=["c" * 40], account_id=mine.pk)) == (404, "not_found")


def test_a_preview_says_what_is_cached_and_changes_nothing(cast, program, sim):
    row = make_torrent(cast.account, "A film")
    sim.control.cache([HASH])
    got = program(cast.member).post(
        f"{TORRENTS}/preview", {"hashes": [HASH, row.info_hash]}, content_type="application/json"
    )
    items = got.json()["items"]
    assert [one["hash"] for one in items] == [HASH, row.info_hash]
    assert [one["torrent"] and one["torrent"]["id"] for one in items] == [None, row.pk]
    assert items[0]["cached"] is True
    assert Torrent.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"hash": [HASH]},
        {"hashes": HASH},
        {"files": [{"content": "not base64!"}]},
        {"tags": ["x" * 101]},
        {"seed": 1},
        {"hashes": [HASH], "account_id": 0},
    ],
)
def test_what_cannot_be_meant_is_refused_as_a_whole(cast, program, body):
    assert problem(add(program(cast.member), **body)) == (422, "invalid")
    assert not Torrent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_requests_with_one_key_at_the_same_time_add_once(cast):
    token = make_token(cast.member)

    def send(_: int) -> tuple[int, object]:
        try:
            got = add(program_with(token), key="k1", hashes=[HASH])
            return got.status_code, got.json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert [status for status, _ in answers] == [202] * 4
    assert all(body == answers[0][1] for _, body in answers)
    assert AddRequest.objects.count() == 1
