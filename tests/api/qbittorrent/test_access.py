"""Every call of the qBittorrent API, for each kind of person: who may make it, and with which token."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Share, User
from api.qbittorrent.urls import CHANGES, READS
from api.scopes import Scope
from tests.api.factories import make_token, program_with
from tests.api.qbittorrent.calls import OPEN
from tests.api.qbittorrent.programs import BELOW
from tests.factories import make_account, make_key, make_torrent, make_user

pytestmark = pytest.mark.django_db
PEOPLE = ("outsider", "guest", "viewer", "adder", "manager", "account_owner", "instance_owner")
# Reads that are about one torrent. The others answer everyone, with what they see.
ABOUT_ONE = ("files", "pieceHashes", "pieceStates", "properties", "trackers", "webseeds", "torrentPeers")
OF_A_TORRENT = {call for call in READS if call.endswith(ABOUT_ONE)}


@pytest.fixture
def household(cast):
    """Make a torrent that the account's owner added, and everyone who may ask for it."""
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    cast.owner.refresh_from_db()
    guest, manager = make_user("guest", User.Role.GUEST), make_user("manager")
    for person, level in {guest: Share.Level.VIEW, manager: Share.Level.MANAGE}.items():
        Share.objects.create(account=cast.account, user=person, level=level)
    people = (
        cast.outsider,
        guest,
        cast.viewer,
        cast.member,
        manager,
        cast.owner,
        make_user("house", User.Role.OWNER),
    )
    cast.people = dict(zip(PEOPLE, people, strict=True))
    cast.torrent = make_torrent(cast.account, "Sintel", added_by=cast.owner)
    return cast


def status(program: Client, call: str, info_hash: str) -> int:
    """Make a call, and undo what it changes."""
    with transaction.atomic():
        got = program.post(f"{BELOW}{call}", {"hash": info_hash, "hashes": info_hash})
        transaction.set_rollback(True)
    return got.status_code


@pytest.mark.parametrize("person", PEOPLE)
def test_reads_answer_with_what_the_person_sees(household, person):
    program = program_with(make_token(household.people[person], Scope.QBITTORRENT))
    sees = person not in ("outsider", "instance_owner")
    for call in READS:
        expected = 404 if call in OF_A_TORRENT and not sees else 200
        assert (call, status(program, call, household.torrent.info_hash)) == (call, expected)


def test_no_call_is_made_without_a_token_with_another_scope_or_for_a_suspended_person(household):
    others = make_token(household.owner, *(scope for scope in Scope if scope != Scope.QBITTORRENT))
    suspended = make_token(household.people["manager"])
    User.objects.filter(pk=household.people["manager"].pk).update(is_active=False)
    for call in {*READS, *CHANGES} - {*OPEN}:
        for program in (Client(), program_with(others), program_with(suspended)):
            assert (call, status(program, call, household.torrent.info_hash)) == (call, 403)


def test_a_torrent_of_another_household_is_not_found(household):
    stranger = make_account(make_user("stranger", User.Role.OWNER), make_key("stranger"), "Theirs")
    theirs = make_torrent(stranger, "Theirs")
    program = program_with(make_token(household.owner))
    for call in OF_A_TORRENT:
        assert (call, status(program, call, theirs.info_hash)) == (call, 404)
    for call in ("torrents/info", "sync/maindata", "torrents/tags", "torrents/count"):
        assert "Theirs" not in program.get(f"{BELOW}{call}").content.decode()


def test_every_call_answers_in_text_or_json_and_none_is_kept_by_a_cache(household):
    program = program_with(make_token(household.owner))
    for call in READS:
        got = program.get(f"{BELOW}{call}", {"hash": household.torrent.info_hash})
        assert got["Content-Type"] in ("application/json", "text/plain; charset=utf-8"), call
        assert "no-store" in got["Cache-Control"] and not got.cookies, call
