"""The column with speed and seeds: each person shows or hides it in their own list."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests import factories
from tests.factories import make_torrent
from torrents.models import Torrent
from torrents.states import Status

SHOW = reverse("torrents:show_speed")
CELL = re.compile(r'<div class="row-speed if-wide">\s*(.*?)\s*(?:<div class="quiet">(.*?)</div>\s*)?</div>')


@pytest.fixture
def download(cast) -> Torrent:
    return make_torrent(
        cast.account, status=Status.DOWNLOADING, progress=0.5, download_speed=4_200_000, seeds=12, peers=3
    )


def shown(client, url: str = "/") -> str:
    return client.get(url).content.decode()


def cells(client, url: str = "/") -> list[tuple[str, str]]:
    return CELL.findall(shown(client, url))


def show(client, *, on: bool = True, **headers: str):
    return client.post(SHOW, {"shown": "1" if on else ""}, headers=headers)


def change(row: Torrent, **fields: object) -> None:
    Torrent.objects.filter(pk=row.pk).update(**fields)


def test_the_column_is_shown_to_the_person_who_asked_for_it_and_to_no_one_else(cast, download):
    owner, member = factories.sign_in(Client(), cast.owner), factories.sign_in(Client(), cast.member)
    before = shown(member)
    assert "row-speed" not in before and "with-speed" not in before
    show(owner)
    assert cells(owner) == [("4.2 MB/s", "12 seeds")]
    assert 'class="panel with-speed"' in shown(owner) and ">Speed</span>" in shown(owner)
    after = shown(member)
    assert "row-speed" not in after and "with-speed" not in after and ">Speed</span>" not in after


def test_hiding_the_column_brings_back_the_list_as_it_was(cast, download, sign_in):
    client, since = sign_in(cast.owner), "?since=x"
    before = client.get(reverse("torrents:changes") + since).content
    show(client)
    assert client.get(reverse("torrents:changes") + since).content != before
    show(client, on=False)
    assert client.get(reverse("torrents:changes") + since).content == before


def test_asking_twice_for_the_column_leaves_it_shown(cast, download, sign_in):
    client = sign_in(cast.owner)
    for _ in range(2):
        show(client)
    assert User.objects.get(pk=cast.owner.pk).shows_speed


def test_the_switch_leads_back_to_the_list_as_it_was_filtered(cast, sign_in):
    answer = show(sign_in(cast.owner), Referer="http://testserver/?tab=ready&q=film&page=2")
    assert answer.status_code == 302 and answer.url == "/?tab=ready&q=film&page=2"


def test_the_menu_says_whether_the_column_is_shown_and_switches_to_the_other(cast, download, sign_in):
    client = sign_in(cast.owner)
    switch = re.compile(r'name="shown" value="(1?)"\s+aria-pressed="(true|false)"')
    assert switch.findall(shown(client)) == [("1", "false")]
    show(client)
    assert switch.findall(shown(client)) == [("", "true")]


def test_live_updates_have_the_column_with_new_speeds(cast, download, sign_in):
    client = sign_in(cast.owner)
    show(client)
    change(download, download_speed=950_000, seeds=1)
    assert cells(client, reverse("torrents:changes") + "?since=x") == [("950 kB/s", "1 seed")]


@pytest.mark.parametrize(
    ("fields", "cell"),
    [
        ({"download_speed": 0, "seeds": 0}, ("0 kB/s", "0 seeds")),
        ({"unread": "download_speed"}, ("", "12 seeds")),
        ({"unread": "seeds"}, ("4.2 MB/s", "")),
        ({"status": Status.METADATA}, ("", "")),
        ({"status": Status.STALLED}, ("", "")),
        ({"status": Status.READY}, ("", "")),
        ({"status": Status.READY, "active": True, "upload_speed": 1_500_000}, ("↑ 1.5 MB/s", "")),
        ({"status": Status.READY, "active": True, "upload_speed": 0}, ("", "")),
        ({"status": Status.READY, "active": True, "upload_speed": 5, "unread": "upload_speed"}, ("", "")),
        ({"status": Status.READY, "active": False, "upload_speed": 1_500_000}, ("", "")),
    ],
)
def test_a_cell_says_what_moves_and_is_empty_otherwise(cast, download, sign_in, fields, cell):
    client = sign_in(cast.owner)
    show(client)
    change(download, **fields)
    assert cells(client) == [cell]


def test_the_column_costs_no_query(cast, sign_in):
    client = sign_in(cast.owner)
    for number in range(5):
        status = Status.READY if number % 2 else Status.DOWNLOADING
        make_torrent(cast.account, f"Film {number}", status=status, active=True, upload_speed=number)
    shown(client)
    with CaptureQueriesContext(connection) as without:
        shown(client)
    show(client)
    with CaptureQueriesContext(connection) as with_it:
        assert len(cells(client)) == 5
    assert len(with_it) == len(without)
