"""What programs get when something is wrong: problem details with our codes."""

from __future__ import annotations

import pytest
from django.test import Client

from api import limits
from api.limits import LimitReached
from api.scopes import Scope
from tests.api.factories import make_token, program_with
from torrents.models import Torrent
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db
TORRENTS = "/api/v1/torrents"


def problem(response) -> tuple[int, str]:
    """Return status and code of a problem, which is one by its media type."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code and body["title"]
    return response.status_code, body["code"]


@pytest.mark.parametrize(
    ("program", "error"), [(Client(), ""), (program_with("tbw_" + "x" * 32), ', error="invalid_token"')]
)
def test_without_a_token_that_works_nothing_is_shown(program, error):
    got = program.get(TORRENTS)
    assert problem(got) == (401, "unauthenticated")
    assert got.headers["WWW-Authenticate"] == f'Bearer realm="TorBox Web"{error}'


def test_a_session_of_the_web_app_counts_for_nothing(cast, sign_in):
    assert problem(sign_in(cast.owner).get(TORRENTS)) == (401, "unauthenticated")


def test_a_token_without_the_scope_is_told_which_one_it_lacks(cast, program):
    got = program(cast.owner, Scope.ADD, Scope.QBITTORRENT).get(TORRENTS)
    assert problem(got) == (403, "scope")
    assert got.json()["params"] == {"scope": "read"}
    assert 'error="insufficient_scope", scope="read"' in got.headers["WWW-Authenticate"]


def test_each_wrong_value_is_named(cast, program):
    got = program(cast.owner).get(TORRENTS, {"limit": "0", "sort": "color", "filter": "all"})
    assert problem(got) == (422, "invalid")
    errors = {one["field"]: (one["source"], one["code"], one["params"]) for one in got.json()["errors"]}
    assert errors == {"limit": ("query", "too_small", {"min": 1}), "sort": ("query", "not_one_of", {})}


def test_sentences_are_in_the_language_that_the_program_accepts(cast, program):
    got = program(cast.owner).get(f"{TORRENTS}/1", headers={"accept-language": "de"})
    assert problem(got) == (404, "not_found") and got.headers["Content-Language"] == "de"


@pytest.mark.parametrize("path", [f"{TORRENTS}/x", "/api/v1/nowhere", f"{TORRENTS}/99999999999999999999"])
def test_what_does_not_exist_is_a_problem_too(cast, program, path):
    assert problem(program(cast.owner).get(path)) == (404, "not_found")


def test_another_method_is_a_problem_that_names_the_right_ones(cast, program):
    got = program(cast.owner).delete(TORRENTS)
    assert problem(got) == (405, "method_not_allowed") and "GET" in got.headers["Allow"]


def test_a_nul_in_a_value_is_malformed(cast, program):
    assert problem(program(cast.owner).get(f"{TORRENTS}?search=%00")) == (400, "malformed")


def test_a_token_that_asks_too_often_is_told_when_to_try_again(cast):
    token = make_token(cast.owner)
    while (got := program_with(token).get("/api/v1/torrents/1")).status_code != 429:
        assert got.status_code == 404
        with pytest.raises(LimitReached):
            while True:
                limits.count(token.row)
    assert problem(got) == (429, "rate_limit") and int(got.headers["Retry-After"]) >= 1


def test_an_address_with_too_many_wrong_tokens_has_to_wait(db):
    client = program_with("tbw_" + "x" * 32)
    statuses = [client.get(TORRENTS).status_code for _ in range(21)]
    assert (statuses[0], statuses[-1]) == (401, 429)
    got = client.get(TORRENTS)
    assert problem(got) == (429, "too_many_attempts") and got.headers["Retry-After"] == "60"


BAD_BODIES = {
    "no JSON": b"{",
    "a number that JSON doesn't have": b'{"text": NaN}',
    "a NUL": b'{"text": "a\\u0000b"}',
    "a NUL in a name": b'{"a\\u0000b": 1}',
    "half a character": b'{"text": "\\ud800"}',
    "another encoding": '{"text": "ü"}'.encode("latin-1"),
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_a_body_that_cannot_be_read_is_malformed(cast, program, body):
    got = program(cast.owner).post(TORRENTS, body, content_type="application/json")
    assert problem(got) == (400, "malformed")


def test_a_body_that_is_not_an_object_is_invalid(cast, program):
    got = program(cast.owner).post(TORRENTS, "[]", content_type="application/json")
    assert problem(got) == (422, "invalid")


def test_a_field_that_does_not_exist_is_named(cast, program):
    got = program(cast.owner).post(TORRENTS, {"magnet": "x"}, content_type="application/json")
    assert problem(got) == (422, "invalid")
    (error,) = got.json()["errors"]
    assert (error["source"], error["field"], error["code"]) == ("body", "magnet", "unknown")


def test_a_form_with_files_is_another_media_type(cast, program):
    assert problem(program(cast.owner).post(TORRENTS, {"text": "x"})) == (415, "media_type")


@pytest.mark.parametrize("megabytes", [13, 65])
def test_a_body_that_is_too_large_is_refused(cast, program, megabytes):
    body = b'{"text": "' + b"x" * (megabytes * 1024**2) + b'"}'
    assert problem(program(cast.owner).post(TORRENTS, body, content_type="application/json")) == (
        413,
        "too_large",
    )


TROUBLES = {
    "unreachable": ({"kind": "drop"}, 503, "torbox_down", True),
    "throttled": ({"status": 429, "headers": {"retry-after": "7"}}, 503, "throttled", True),
    "unreadable": ({"status": 200, "body": "no JSON"}, 502, "torbox_trouble", False),
    "rejected": ({"status": 403, "body": {"success": False, "error": "BAD_TOKEN", "detail": "No.", "data": None}},
                 409, "key_rejected", False),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "status", "code", "waits"), TROUBLES.values(), ids=list(TROUBLES))
def test_troubles_of_torbox_have_codes_of_their_own(cast, sim, program, fault, status, code, waits):
    sim.control.seed(torrents=[{"key": cast.key, "name": "Sintel", "state": "completed"}])
    assert refreshing.refresh(cast.account, fresh=True)
    sim.control.fail("requestdl", times=9, **fault)
    path = f"{TORRENTS}/{Torrent.objects.get().pk}/download"
    got = program(cast.owner).post(path, {}, content_type="application/json")
    assert problem(got) == (status, code)
    assert ("Retry-After" in got.headers) == waits and got.json()["detail"]
