"""The answer of every call that changes something to each kind of person. One that isn't in the table fails a test."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from api.models import Category
from api.qbittorrent.urls import CHANGES, READS
from api.scopes import Scope
from saving.models import Job
from tests.api.factories import make_token, program_with
from tests.api.qbittorrent.programs import BELOW, Program
from tests.api.qbittorrent.rows import OPEN
from tests.api.v1.conftest import household as household  # noqa: PLC0414 - a fixture
from tests.api.v1.operations import PEOPLE
from tests.factories import sign_in
from tests.saving.factories import make_folder, make_job
from torrents.models import AddRequest, ControlRequest, EditRequest, Torrent

pytestmark = pytest.mark.django_db
MAGNET = "magnet:?xt=urn:btih:" + "a" * 40
# Who may change the torrent, which the account's owner added: managers and the owner. Those who don't see it name nothing
# that exists for them, and the others are told that they can't.
OF_TORRENT = "200 409 409 409 200 200 200"
EVERYONE = "200 200 200 200 200 200 200"
REFUSED = "409 409 409 409 409 409 409"
# call: (statuses in the order of PEOPLE, form). `{hash}` is the torrent's.
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "app/setPreferences": (EVERYONE, {"json": "{}"}),
    "app/shutdown": (REFUSED, {}),
    "torrents/add": (EVERYONE, {"urls": MAGNET, "category": "tv"}),
    "torrents/createCategory": (EVERYONE, {"category": "new"}),
    "torrents/createTags": (EVERYONE, {"tags": "new"}),
    "torrents/deleteTags": (EVERYONE, {"tags": "old"}),
    "torrents/editCategory": (REFUSED, {"category": "of another person"}),
    "torrents/removeCategories": (EVERYONE, {"categories": "of another person"}),
    "torrents/rename": ("404 409 409 409 200 200 404", {"hash": "{hash}", "name": "New"}),
    "torrents/setLocation": ("200 409 409 409 409 409 200", {"location": "/elsewhere"}),
    "torrents/setSavePath": ("200 409 409 409 409 409 200", {"path": "/elsewhere"}),
    "torrents/setDownloadPath": ("200 409 409 409 409 409 200", {"path": "/elsewhere"}),
    "torrents/setCategory": ("200 409 409 409 200 200 200", {"category": ""}),
    **dict.fromkeys(
        (
            "torrents/addTags",
            "torrents/removeTags",
            "torrents/setTags",
        ),
        (OF_TORRENT, {"tags": "new"}),
    ),
    **dict.fromkeys(
        (
            "torrents/bottomPrio",
            "torrents/decreasePrio",
            "torrents/delete",
            "torrents/increasePrio",
            "torrents/pause",
            "torrents/reannounce",
            "torrents/resume",
            "torrents/setForceStart",
            "torrents/setShareLimits",
            "torrents/start",
            "torrents/stop",
            "torrents/topPrio",
        ),
        (OF_TORRENT, {"value": "true", "ratioLimit": "0", "deleteFiles": "true"}),
    ),
    **dict.fromkeys(
        (
            "torrents/filePrio",
            "torrents/recheck",
            "torrents/setAutoManagement",
            "torrents/setDownloadLimit",
            "torrents/setSuperSeeding",
            "torrents/setUploadLimit",
            "torrents/toggleFirstLastPiecePrio",
            "torrents/toggleSequentialDownload",
        ),
        (EVERYONE, {}),
    ),
    **dict.fromkeys(
        (
            "transfer/setDownloadLimit",
            "transfer/setSpeedLimitsMode",
            "transfer/setUploadLimit",
            "transfer/toggleSpeedLimitsMode",
        ),
        (REFUSED, {}),
    ),
}
MAY_ADD = {"adder", "manager", "account_owner"}


def change(program: Program, call: str, torrent: Torrent) -> tuple[int, str]:
    """Make a call about a torrent."""
    form = {"hashes": torrent.info_hash} | TABLE[call][1]
    return program(
        call,
        **{
            name: value.format(hash=torrent.info_hash) if name == "hash" else value
            for name, value in form.items()
        },
    )


def changed() -> list[int]:
    """Return how many rows there are that a call could have made or changed."""
    counted = (AddRequest, ControlRequest, EditRequest, Job)
    return [Torrent.objects.listed().count(), *(model.objects.count() for model in counted)]


def test_every_change_is_in_the_table():
    assert set(TABLE) == set(CHANGES) - OPEN


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_gets_the_answer_in_the_table(household, person):
    Category.objects.create(
        person=household.people["outsider" if person != "outsider" else "viewer"], name="of another person"
    )
    program, column, got = Program(household.people[person]), PEOPLE.index(person), {}
    for call in TABLE:
        with transaction.atomic():
            got[call] = change(program, call, household.torrent)[0]
            transaction.set_rollback(True)
    assert got == {call: int(statuses.split()[column]) for call, (statuses, _) in TABLE.items()}


@pytest.mark.parametrize("person", ["outsider", "guest", "viewer", "adder", "instance_owner"])
def test_nobody_else_changes_anything_of_the_torrent(household, person):
    make_job(household.torrent, make_folder("Films"), household.owner)
    before, program = changed(), Program(household.people[person])
    for call in sorted(set(TABLE) - {"torrents/add"}):
        change(program, call, household.torrent)
    assert changed() == before
    household.torrent.refresh_from_db()
    assert household.torrent.name == "Sintel" and household.torrent.removed_at is None


@pytest.mark.parametrize("person", PEOPLE)
def test_only_those_add_who_may(household, person):
    program = Program(household.people[person])
    expected = (200, "Ok.") if person in MAY_ADD else (200, "Fails.")
    assert program("torrents/add", urls=MAGNET, category="tv") == expected
    assert AddRequest.objects.count() == (person in MAY_ADD)


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope != Scope.QBITTORRENT])
def test_a_token_for_something_else_is_no_use(household, scope):
    program = program_with(make_token(household.owner, scope))
    statuses = {program.post(f"{BELOW}{call}").status_code for call in (*READS, *CHANGES) if call not in OPEN}
    assert statuses == {403}


def test_neither_nothing_nor_the_session_of_a_person_is_any_use(household):
    browser = Client()
    sign_in(browser, household.owner)
    for client in (Client(), browser):
        calls = (f"{BELOW}{call}" for call in (*READS, *CHANGES) if call not in OPEN)
        assert {client.post(call, {"hashes": "all"}).status_code for call in calls} == {403}
    assert changed()[0] == 1 and not ControlRequest.objects.exists()
