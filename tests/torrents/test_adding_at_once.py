"""Two adds of one torrent at the same moment, by a person with two TorBox accounts: it goes to one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.api.factories import make_token, program_with
from tests.api.qbittorrent.programs import OK, Program
from tests.factories import make_account, make_hash, make_key, make_user, sign_in
from torrents.models import CreateCall, Torrent
from torrents.services.outbox.budget import PER_HOUR

pytestmark = pytest.mark.django_db(transaction=True)
HASH, OTHERS = make_hash("first"), [make_hash("second"), make_hash("third")]
LOCKS = {"postgresql": "FOR UPDATE", "sqlite": "BEGIN IMMEDIATE"}
Add = Callable[[list[str]], None]


@pytest.fixture
def person():
    """A person with an account that takes one more torrent this hour, and a newer one that takes many."""
    person = make_user("mara")
    busy = make_account(person, make_key("busy"), "Busy")
    make_account(person, make_key("quiet"), "Quiet")
    CreateCall.objects.bulk_create(CreateCall(account=busy, at=timezone.now()) for _ in range(PER_HOUR - 1))
    return person


def by_qbittorrent(person) -> Add:
    program = Program(person)

    def add(hashes: list[str]) -> None:
        assert program("torrents/add", urls="\n".join(hashes)) == OK

    program.info()  # so that the use of its token is noted
    return add


def by_rest(person) -> Add:
    client = program_with(make_token(person))

    def add(hashes: list[str]) -> None:
        body = {"hashes": hashes}
        assert client.post("/api/v1/torrents", body, content_type="application/json").status_code == 202

    client.get("/api/v1/torrents")
    return add


def by_browser(person) -> Add:
    client = sign_in(Client(), person)

    def add(hashes: list[str]) -> None:
        answer = client.post(reverse("torrents:add"), {"text": "\n".join(hashes), "seed": 1})
        assert answer.status_code < 400

    client.get(reverse("torrents:list"))  # so that the visit is noted
    return add


@contextmanager
def before_it_locks(act: Callable[[], None], *, after: int) -> Iterator[list[str]]:
    """Run something in another thread, right before this one locks anything `after` other locks. Yield the locks."""
    seen: list[str] = []

    def watch(execute, sql, params, many, context):
        if LOCKS[connection.vendor] in sql:
            seen.append(sql)
            if len(seen) == after + 1:
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(closing_connections, act).result()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def closing_connections(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        connections.close_all()


@pytest.mark.parametrize("way", [by_qbittorrent, by_rest, by_browser])
def test_one_torrent_in_two_adds_at_once_goes_to_one_account(person, way):
    add, other = way(person), way(person)
    # The browser's paste is remembered first.
    remembering = int(way is by_browser and connection.vendor == "sqlite")
    with before_it_locks(lambda: other([HASH, *OTHERS]), after=remembering) as locks:
        add([HASH])
    assert len(locks) > remembering
    assert Torrent.objects.filter(info_hash=HASH).count() == 1
    assert Torrent.objects.count() == 3
