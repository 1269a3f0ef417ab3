"""What programs get when something is wrong: problem details with our codes."""

from __future__ import annotations

import pytest
from django.test import Client

from api.scopes import Scope
from tests.api.factories import program_with

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


def test_a_token_that_asks_too_often_is_told_when_to_try_again(cast, program):
    client = program(cast.owner)
    while (got := client.get("/api/v1/torrents/1")).status_code != 429:
        assert got.status_code == 404
    assert problem(got) == (429, "rate_limit") and int(got.headers["Retry-After"]) >= 1


def test_an_address_with_too_many_wrong_tokens_has_to_wait(db):
    client = program_with("tbw_" + "x" * 32)
    statuses = [client.get(TORRENTS).status_code for _ in range(21)]
    assert (statuses[0], statuses[-1]) == (401, 429)
    got = client.get(TORRENTS)
    assert problem(got) == (429, "too_many_attempts") and got.headers["Retry-After"] == "60"
