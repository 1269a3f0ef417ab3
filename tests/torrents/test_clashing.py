"""Several people at the same torrents at the same moment: every request is answered, and the last one counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Share
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user, sign_in
from torrents.models import Torrent

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'", reason="SQLite lets one write at a time; nothing can clash there."
    ),
]
SESSIONS, ROUNDS, NAMES = 4, 40, [f"Film {number}" for number in range(6)]


@pytest.fixture
def household(sim, settings):
    """The owner and three people who manage the account, each with a browser; six torrents they all reach for."""
    settings.TORBOX_API_URL = sim.url
    key = make_key("clashing")
    sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"}])
    owner = make_user("owner", "owner")
    account = make_account(owner, key)
    managers = [make_user(f"manager{number}") for number in range(SESSIONS - 1)]
    for person in managers:
        Share.objects.create(account=account, user=person, level=Share.Level.MANAGE)
    rows = [
        make_torrent(account, name, remote_id=number, added_by=owner) for number, name in enumerate(NAMES, 1)
    ]
    clients = [
        sign_in(Client(raise_request_exception=False, REMOTE_ADDR=f"10.0.0.{number}"), person)
        for number, person in enumerate([owner, *managers])
    ]
    return account, rows, clients


def add(client: Client, account, rows: list[Torrent]) -> int:
    text = "\n".join(f"magnet:?xt=urn:btih:{make_hash(row.name)}&dn={row.name}" for row in rows)
    data = {"account": account.pk, "text": text, "seed": 1, "allow_zip": "on"}
    return client.post(reverse("torrents:add"), data).status_code


def bulk(action: str) -> Callable[..., int]:
    def act(client: Client, account, rows: list[Torrent]) -> int:
        data = {"action": action, "ids": ",".join(str(row.pk) for row in rows)}
        return client.post(reverse("torrents:bulk"), data).status_code

    return act


def one(name: str, *more: str) -> Callable[..., int]:
    def act(client: Client, account, rows: list[Torrent]) -> int:
        return client.post(reverse(f"torrents:{name}", args=[rows[0].pk, *more])).status_code

    return act


def restore(client: Client, account, rows: list[Torrent]) -> int:
    moment = Torrent.objects.filter(pk=rows[0].pk).values_list("removed_at", flat=True).first()
    query = {"removed": moment.isoformat()} if moment else {}
    return client.post(reverse("torrents:restore_several", query=query)).status_code


def share(client: Client, account, rows: list[Torrent]) -> int:
    found = Share.objects.filter(account=account).order_by("pk").last()
    address = reverse("accounts:share_change", args=[account.pk, found.pk])
    return client.post(address, {"level": Share.Level.MANAGE}).status_code


WHILE_LISTED = [
    bulk("delete"), bulk("pause"), bulk("resume"), one("hide"), one("show"), one("remove"), add, share,
]  # fmt: skip
WHILE_DELETED = [add, restore, restore, bulk("delete"), share]


def test_four_people_at_the_same_torrents_are_all_answered_and_the_last_wish_counts(household):
    account, rows, clients = household
    chance, statuses = random.Random(7), Counter[int]()
    barrier = Barrier(SESSIONS)

    def act(client: Client, what: Callable[..., int], mine: list[Torrent]) -> int:
        try:
            connection.ensure_connection()
            barrier.wait()
            return what(client, account, mine)
        finally:
            connection.close()

    with ThreadPoolExecutor(SESSIONS) as pool:
        for turn in range(ROUNDS):
            deleted = bool(turn % 2)
            acts = chance.choices(WHILE_DELETED if deleted else WHILE_LISTED, k=SESSIONS)
            orders = [chance.sample(rows, len(rows)) for _ in clients]
            statuses.update(pool.map(act, clients, acts, orders))
            last = add if deleted else bulk("delete")
            assert last(clients[0], account, rows) < 400
            assert Torrent.objects.filter(removed_at=None).count() == (len(rows) if deleted else 0)
    assert max(statuses) < 500, statuses
