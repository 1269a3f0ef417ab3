"""Rows of the list: cached markup is never outdated, and menus offer exactly what the user may do."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import Share, TorBoxAccount, User
from tests.factories import make_torrent, make_user
from torrents.models import Torrent
from torrents.pages.list import row_actions
from torrents.pages.list.row import Row
from torrents.states import Status

LIST = "torrents:list"
LEVELS = [None, *Share.Level.values]


def shown(client) -> str:
    return client.get(reverse(LIST)).content.decode()


def menu(client, row: Torrent) -> str:
    return client.get(reverse("torrents:menu", args=[row.pk])).content.decode()


def test_a_row_shows_changes_at_once(cast, sign_in):
    row = make_torrent(cast.account, "Moby Dick", status=Status.DOWNLOADING, progress=0.25)
    client = sign_in(cast.owner)
    assert "25%" in shown(client)
    Torrent.objects.filter(pk=row.pk).update(progress=0.75)
    assert "75%" in shown(client) and "25%" not in shown(client)
    Torrent.objects.filter(pk=row.pk).update(status=Status.READY, name="Moby-Dick; or, The Whale")
    page = shown(client)
    assert "Moby-Dick; or, The Whale" in page and "75%" not in page
    assert reverse("links:download_file", args=[row.pk, row.files.get().pk]) in page


def test_a_row_ages_without_a_change(cast, sign_in):
    client = sign_in(cast.owner)
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        make_torrent(cast.account)
        assert "just now" in shown(client)
        traveller.shift(timedelta(minutes=7))
        assert "7 minutes ago" in shown(client)


def test_the_menu_of_a_row_offers_each_person_what_they_may_do(cast, sign_in):
    row = make_torrent(cast.account)
    remove = reverse("torrents:remove", args=[row.pk])
    for _ in range(2):
        assert remove in menu(sign_in(cast.owner), row)
        assert remove not in menu(sign_in(cast.viewer), row)


def test_the_menu_of_a_row_offers_what_can_be_done_now(cast, sign_in):
    row, client = make_torrent(cast.account, status=Status.DOWNLOADING), sign_in(cast.owner)
    pause = reverse("torrents:control", args=[row.pk, "pause"])
    assert pause in menu(client, row)
    Torrent.objects.filter(pk=row.pk).update(status=Status.READY)
    assert pause not in menu(client, row)


def test_the_button_of_a_menu_leads_to_the_page_that_has_the_same_items(cast, sign_in):
    row, client = make_torrent(cast.account), sign_in(cast.owner)
    own_page = reverse("torrents:detail", args=[row.pk])
    button = re.search(r"<row-menu [^>]*><a [^>]*>", shown(client))
    assert button and f'href="{own_page}"' in button[0]
    page = client.get(own_page).content.decode()
    items = re.findall(r'id="(do-[^"]*)"', menu(client, row))
    assert len(items) > 2 and all(f'id="{item}"' in page for item in items)


def test_names_are_escaped_in_cached_markup(cast, sign_in):
    make_torrent(cast.account, "<b>bold</b> & “brave”")
    client = sign_in(cast.owner)
    for _ in range(2):
        assert "&lt;b&gt;bold&lt;/b&gt; &amp; “brave”" in shown(client) and "<b>bold" not in shown(client)


def test_rows_of_the_same_torrent_are_equal(cast):
    make_torrent(cast.account)
    first, second = (Row.of(Torrent.objects.for_display(cast.owner).get()) for _ in range(2))
    assert first == second and first.markup == second.markup


def test_a_cached_row_holds_no_text_that_changes_with_the_language(cast):
    make_torrent(cast.account, status=Status.DOWNLOADING, added_by=cast.owner, hidden=True, eta=90)
    row = Row.of(Torrent.objects.for_display(cast.owner).get(), account_shown=True)
    assert not [field.name for field in fields(row) if isinstance(getattr(row, field.name), Promise)]


def test_an_action_is_compared_without_translating_its_label():
    assert {field.name for field in fields(row_actions.Action) if not field.compare} == {"label"}


@pytest.mark.parametrize("role", User.Role.values)
@pytest.mark.parametrize("level", LEVELS)
def test_a_menu_offers_exactly_what_the_person_may_do(cast, role, level):
    person = make_user("person", role)
    account = cast.account
    if level:
        Share.objects.create(account=account, user=person, level=level)
    for adder, hidden in product((cast.owner, cast.member, person, None), (False, True)):
        make_torrent(account, f"{adder} {hidden}", added_by=adder, hidden=hidden)
    _offered_as_allowed(person)
    TorBoxAccount.objects.update(owner=person)
    _offered_as_allowed(person)


def _offered_as_allowed(person: User) -> None:
    seen = list(Torrent.objects.visible_to(person).for_display(person))
    may_control = set(Torrent.objects.controllable_by(person))
    may_hide = set(Torrent.objects.hideable_by(person))
    assert {row for row in seen if row.may_control} == may_control & set(seen)
    assert {row for row in seen if row.may_hide} == may_hide & set(seen)
