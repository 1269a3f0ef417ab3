"""The list of torrents and one torrent, for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Share, TorBoxAccount
from localization import locales, pseudo
from tests.api.v1.test_problems import problem
from tests.factories import make_hash, make_torrent, tag
from torrents.selection import SORTS

pytestmark = pytest.mark.django_db
TORRENTS = "/api/v1/torrents"


def test_a_program_lists_what_its_person_sees(cast, program):
    made = make_torrent(cast.account, "Sintel", added_by=cast.member)
    got = program(cast.viewer).get(TORRENTS).json()
    assert got["total"] == 1 and got["next_cursor"] is None
    (item,) = got["items"]
    assert (item["id"], item["name"], item["status"]) == (made.pk, "Sintel", "ready")
    assert item["added_by"] == {"id": cast.member.pk, "name": "Member"}
    assert program(cast.outsider).get(TORRENTS).json()["items"] == []


def test_a_program_gets_one_torrent(cast, program):
    made = make_torrent(cast.account, "Sintel")
    assert program(cast.viewer).get(f"{TORRENTS}/{made.pk}").json()["hash"] == made.info_hash
    got = program(cast.outsider).get(f"{TORRENTS}/{made.pk}")
    assert (got.status_code, got.json()["code"]) == (404, "not_found")


def test_a_list_that_has_not_changed_is_not_sent_again(cast, program):
    make_torrent(cast.account, "Sintel")
    client = program(cast.viewer)
    first = client.get(TORRENTS)
    known = {"if-none-match": first.headers["ETag"]}
    again = client.get(TORRENTS, headers=known)
    assert (again.status_code, again.content) == (304, b"") and again.headers["ETag"] == first.headers["ETag"]
    assert client.get(f"{TORRENTS}?sort=name", headers=known).status_code == 200
    assert client.get(TORRENTS, headers=known | {"accept-language": "de"}).status_code == 200
    assert program(cast.owner).get(TORRENTS, headers=known).status_code == 200
    TorBoxAccount.objects.update(revision=F("revision") + 1, shown_revision=F("shown_revision") + 1)
    assert client.get(TORRENTS, headers=known).status_code == 200


def test_a_list_changes_with_what_the_person_may_do(cast, program):
    make_torrent(cast.account, "Sintel")
    client = program(cast.viewer)
    first = client.get(TORRENTS)
    assert [one["may_control"] for one in first.json()["items"]] == [False]
    Share.objects.filter(user=cast.viewer).update(level=Share.Level.MANAGE)
    again = client.get(TORRENTS, headers={"if-none-match": first.headers["ETag"]})
    assert [one["may_control"] for one in again.json()["items"]] == [True]


@pytest.mark.parametrize("sort", [name for name in SORTS if name != "queue"])
def test_pages_have_every_torrent_once_in_the_order_of_the_list(cast, program, sort):
    now = timezone.now()
    for number in range(9):
        make_torrent(
            cast.account,
            f"Film {number // 2}",
            info_hash=make_hash(str(number)),
            sort_name=f"film {number // 2}",
            size=number // 3,
            progress=(number // 2) / 7,
            added_at=now - timedelta(minutes=number // 2),
            removal_at=now + timedelta(days=number // 2) if number % 3 else None,
        )
    client = program(cast.owner)
    whole = [one["id"] for one in client.get(TORRENTS, {"sort": sort}).json()["items"]]
    assert len(whole) == 9
    assert [one["id"] for one in pages_of(client, TORRENTS, sort=sort, limit=2)] == whole


def test_pages_neither_repeat_nor_skip_torrents_while_others_come_and_go(cast, program):
    now = timezone.now()
    made = [make_torrent(cast.account, f"Film {n}", added_at=now - timedelta(hours=n)) for n in range(6)]
    client = program(cast.owner)
    first = client.get(TORRENTS, {"limit": 3}).json()
    make_torrent(cast.account, "New", added_at=now)
    made[0].delete()
    made[2].delete()  # the one that the cursor is about
    rest = client.get(TORRENTS, {"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [one["name"] for one in rest["items"]] == ["Film 3", "Film 4", "Film 5"]
    assert rest["next_cursor"] is None


BROKEN = [
    "x",
    "é",
    "W10",
    "WyJuZXdlc3QiLDEsMV0",
    "W1tdLHt9LG51bGxd",
    "WyJuZXdlc3QiLCIyMDI2LTAyLTMxVDAwOjAwWiIsMV0",
    "WyJuZXdlc3QiLCIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ",  # the year 1, and before that in UTC
    "WyJuZXdlc3QiLCI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwIiwxXQ",
]


@pytest.mark.parametrize("cursor", BROKEN)
def test_a_broken_cursor_is_refused(cast, program, cursor):
    assert problem(program(cast.owner).get(TORRENTS, {"cursor": cursor})) == (422, "cursor")


def test_a_cursor_of_another_order_is_refused(cast, program):
    for name in ("A", "B"):
        make_torrent(cast.account, name)
    client = program(cast.owner)
    cursor = client.get(TORRENTS, {"limit": 1, "sort": "name"}).json()["next_cursor"]
    assert problem(client.get(TORRENTS, {"limit": 1, "sort": "oldest", "cursor": cursor})) == (422, "cursor")


def test_a_program_filters_and_searches_like_the_list(cast, program):
    ready = tag(make_torrent(cast.account, "Sintel", folded_name="sintel"), "Films", "Short")
    make_torrent(cast.account, "Tears of Steel", folded_name="tears of steel", status="failed")
    client = program(cast.owner)

    def names(**query) -> list[str]:
        return [one["name"] for one in client.get(TORRENTS, query).json()["items"]]

    assert names(filter="ready") == ["Sintel"] and names(filter="failed") == ["Tears of Steel"]
    assert names(search="steel") == ["Tears of Steel"] and names(search=ready.info_hash[:9]) == ["Sintel"]
    assert names(tag=["Films", "Short"]) == ["Sintel"] and names(tag=["Films", "Long"]) == []
    assert len(names(account=cast.account.pk)) == 2


def test_an_account_that_the_person_does_not_see_is_not_found(cast, program):
    assert problem(program(cast.outsider).get(TORRENTS, {"account": cast.account.pk})) == (404, "not_found")


def test_hidden_torrents_are_those_of_who_added_them_and_of_the_owner(cast, program):
    hidden = make_torrent(cast.account, "Secret", hidden=True, added_by=cast.member)
    for person, seen in {cast.owner: 1, cast.member: 1, cast.viewer: 0}.items():
        client = program(person)
        assert client.get(TORRENTS).json()["total"] == seen
        assert client.get(f"{TORRENTS}/{hidden.pk}").status_code == (200 if seen else 404)


def test_what_is_saved_cannot_be_listed_where_saving_is_off(cast, program):
    assert problem(program(cast.owner).get(TORRENTS, {"filter": "saving"})) == (409, "saving_off")


def test_the_order_of_the_queue_is_for_what_is_saved(cast, program, save_dir):
    client = program(cast.owner)
    assert client.get(TORRENTS, {"filter": "saving", "sort": "queue"}).status_code == 200
    assert problem(client.get(TORRENTS, {"sort": "queue"})) == (422, "invalid")


def test_a_torrent_that_waits_says_why_in_a_code_and_in_the_language_of_the_program(cast, program):
    row = make_torrent(
        cast.account,
        status="waiting",
        reason="no_slot",
        reason_params={"used": 5, "limit": 5},
        remote_id=None,
    )
    client = program(cast.owner)
    why = client.get(f"{TORRENTS}/{row.pk}").json()["why"]
    assert (why["code"], why["params"]) == ("no_slot", {"used": 5, "limit": 5})
    assert why["detail"] == "No free slot on TorBox (5 of 5 in use)."


def test_sentences_are_in_the_language_that_the_program_accepts(cast, program, settings, tmp_path):
    settings.LOCALE_PATHS = [pseudo.compile_all(settings.BASE_DIR, tmp_path)]
    settings.LANGUAGES = [("en", "English"), ("en-xa", "Accents")]
    row = make_torrent(cast.account, status="waiting", reason="queue_full", remote_id=None)
    client = program(cast.owner)
    got = client.get(f"{TORRENTS}/{row.pk}", headers={"accept-language": "en-XA"})
    assert got.json()["why"]["detail"] == pseudo.accented("TorBox’s queue is full.")
    locales.activate("en")


def test_a_torrent_without_an_adder_is_not_the_person_s_own(cast, program):
    made = make_torrent(cast.account, "Sintel", added_by=None)
    client = program(cast.member)
    assert client.get(f"{TORRENTS}/{made.pk}").json()["may_control"] is False
    assert [one["may_control"] for one in client.get(TORRENTS).json()["items"]] == [False]


def test_values_that_could_not_be_read_are_named(cast, program):
    made = make_torrent(cast.account, "Sintel", unread="ratio,seeds")
    assert program(cast.owner).get(f"{TORRENTS}/{made.pk}").json()["unread"] == ["ratio", "seeds"]


def test_a_long_list_takes_a_fixed_number_of_queries(cast, program, django_assert_num_queries):
    client = program(cast.owner)
    client.get(TORRENTS)  # notes the use of the token
    for number in range(30):
        make_torrent(cast.account, f"Film {number}", added_by=(cast.member, cast.owner)[number % 2])
    with django_assert_num_queries(5):  # the token, its person, the accounts, the torrents, and their number
        assert len(client.get(TORRENTS).json()["items"]) == 30


def pages_of(client, path: str, **query) -> Iterator[dict]:
    """Yield the items of all pages."""
    cursor = ""
    while cursor is not None:
        page = client.get(path, query | {"cursor": cursor}).json()
        yield from page["items"]
        cursor = page["next_cursor"]
