"""The answer of every operation to each kind of person, with every scope. An operation that isn't in the table fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.models import User
from api.scopes import Scope
from tests.api.factories import make_token, program_with
from tests.api.v1.operations import PEOPLE, Described, described, ids_of
from tests.factories import make_account, make_key, make_torrent, make_user

pytestmark = pytest.mark.django_db
# operation: (answers in the order of PEOPLE, body). The path names the rows of `household`.
TABLE: dict[str, tuple[str, dict[str, Any] | None]] = {
    "list_torrents": ("200 200 200 200 200 200 200", None),
    "get_torrent": ("404 200 200 200 200 200 404", None),
    "count_torrents": ("200 200 200 200 200 200 200", None),
    "list_files": ("404 200 200 200 200 200 404", None),
    "list_changes": ("200 200 200 200 200 200 200", None),
    "list_tags": ("200 200 200 200 200 200 200", None),
    "list_activity": ("200 200 200 200 200 200 200", None),
    "list_accounts": ("200 200 200 200 200 200 200", None),
    "get_queue": ("200 200 200 200 200 200 200", None),
    "get_usage": ("404 404 404 404 404 200 404", None),
    "list_folders": ("200 200 200 200 200 200 200", None),
    "list_jobs": ("200 200 200 200 200 200 200", None),
    "get_job": ("404 200 200 200 200 200 404", None),
    "preview_torrents": ("409 409 409 200 200 200 409", {"hashes": ["a" * 40]}),
    "add_torrents": ("409 409 409 202 202 202 409", {"hashes": ["a" * 40]}),
    "operate": ("200 200 200 200 200 200 200", {"operation": "pause", "ids": ["torrent_id"]}),
    "tag_torrents": ("200 200 200 200 200 200 200", {"ids": ["torrent_id"], "add": ["film"]}),
    "change_torrent": ("404 404 404 404 200 200 404", {"name": "Another name"}),
    "delete_torrent": ("404 404 404 404 202 202 404", None),
    "get_download": ("404 404 404 404 404 404 404", {}),
    "get_downloads": ("404 200 200 200 200 200 404", {}),
    "list_links": ("200 200 200 200 200 200 200", None),
    "make_link": ("404 201 201 201 201 201 404", {"torrent_id": "torrent_id"}),
    "revoke_link": ("404 404 404 404 404 200 404", None),
    "check_cached": ("409 200 200 200 200 200 409", {"hashes": ["a" * 40]}),
    "look_up": ("409 404 404 404 404 404 409", {"hash": "a" * 40}),
    "export_magnet": ("404 200 200 200 200 200 404", None),
    "export_torrent_file": ("404 404 404 404 404 404 404", None),
    "save_torrents": (
        "202 202 202 202 202 202 202",
        {"torrent_ids": ["torrent_id"], "folder_id": "folder_id"},
    ),
    "operate_jobs": ("200 200 200 200 200 200 200", {"operation": "pause", "ids": ["job_id"]}),
    "get_me": ("200 200 200 200 200 200 200", None),
    "get_status": ("200 200 200 200 200 200 200", None),
}
OPERATIONS = list(described())


def call(program: Client, one: Described, ids: dict[str, object]) -> Any:
    """Call an operation, and undo its changes."""
    path = one.path.replace("int:", "").format(**ids)
    body = _filled(TABLE[one.id][1], ids)
    with transaction.atomic():
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        got = getattr(program, one.method)(path, **sent)
        transaction.set_rollback(True)
    return got


def _filled(body: Any, ids: dict[str, object]) -> Any:
    """Return a body with ids in place of their names."""
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return ids.get(body, body)


def test_every_operation_is_in_the_table():
    assert {one.id for one in OPERATIONS} == set(TABLE)


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_gets_the_answer_in_the_table(household, person):
    program, ids = program_with(make_token(household.people[person])), ids_of(household.torrent)
    column = PEOPLE.index(person)
    got = {one.id: call(program, one, ids).status_code for one in OPERATIONS}
    assert got == {name: int(answers.split()[column]) for name, (answers, _) in TABLE.items()}


def test_a_token_needs_the_scope_of_each_operation(household):
    ids = ids_of(household.torrent)
    for one in OPERATIONS:
        others = [scope for scope in Scope if scope != one.scope]
        got = call(program_with(make_token(household.owner, *others)), one, ids)
        expected = (403, one.scope) if one.scope else (200, None)
        assert (one.id, got.status_code, got.json().get("params", {}).get("scope")) == (one.id, *expected)


def test_nothing_is_answered_without_a_token_or_for_a_suspended_person(household):
    token = make_token(household.owner)
    User.objects.filter(pk=household.owner.pk).update(is_active=False)
    for one in OPERATIONS:
        cache.clear()  # there are more operations than wrong tokens a minute
        for program in (Client(), program_with(token)):
            assert (one.id, call(program, one, ids_of(household.torrent)).status_code) == (one.id, 401)


def test_rows_of_another_household_are_not_found(household):
    stranger = make_account(make_user("stranger", User.Role.OWNER), make_key("stranger"), "Theirs")
    ids = ids_of(make_torrent(stranger, "Theirs"))
    program = program_with(make_token(household.owner))
    for one in OPERATIONS:
        if "{" in one.path:
            assert (one.id, call(program, one, ids).status_code) == (one.id, 404)


def test_every_operation_describes_its_answers():
    for one in OPERATIONS:
        always = {400, 401, 403, 422, 429, 503}
        assert always <= one.statuses, one.id
        assert "{" not in one.path or 404 in one.statuses, one.id
