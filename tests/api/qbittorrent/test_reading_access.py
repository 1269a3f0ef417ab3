"""What reads answer to each kind of person. The calls that change something are in test_access.py."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from api.qbittorrent.urls import READS
from api.scopes import Scope
from tests.api.factories import make_token, program_with
from tests.api.qbittorrent.programs import BELOW
from tests.api.v1.conftest import household as household  # noqa: PLC0414 - a fixture
from tests.api.v1.operations import PEOPLE
from tests.factories import make_account, make_key, make_torrent, make_user

pytestmark = pytest.mark.django_db
# Reads that are about one torrent. The others answer everyone, with what they see.
ABOUT_ONE = (
    "export",
    "files",
    "pieceHashes",
    "pieceStates",
    "properties",
    "trackers",
    "webseeds",
    "torrentPeers",
)
NOTHING_TO_EXPORT = "torrents/export"  # TorBox doesn't have the torrent
OF_A_TORRENT = {call for call in READS if call.endswith(ABOUT_ONE)}


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
        expected = 404 if call in OF_A_TORRENT and not sees else 409 if call == NOTHING_TO_EXPORT else 200
        assert (call, status(program, call, household.torrent.info_hash)) == (call, expected)


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
    for call in set(READS) - {NOTHING_TO_EXPORT}:
        got = program.get(f"{BELOW}{call}", {"hash": household.torrent.info_hash})
        assert got["Content-Type"] in ("application/json", "text/plain; charset=utf-8"), call
        assert "no-store" in got["Cache-Control"] and not got.cookies, call
