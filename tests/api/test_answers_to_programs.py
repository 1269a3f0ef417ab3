"""What programs get when something is off, missing, or broken: never a page of the web app."""

from __future__ import annotations

import pytest
from django.test import Client

from api.models import ApiToken
from tests.api.factories import make_token, program_with
from tests.factories import sign_in
from tests.refusals import read_only

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe_urls")]
REST, QBITTORRENT, WEBDAV = "/api/v1/", "/qbittorrent/", "/dav/"
WHOLE = {"rest": REST, "qbittorrent": QBITTORRENT, "webdav": WEBDAV}


@pytest.fixture
def program(cast) -> Client:
    program = program_with(make_token(cast.member))
    program.raise_request_exception = False
    return program


@pytest.mark.parametrize("below", WHOLE.values())
@pytest.mark.parametrize("path", ["nothing", "nothing/", "a/../..", "%00"])
def test_an_address_that_is_no_one_s_is_not_found(program, below, path):
    got = program.get(f"{below}{path}")
    assert got.status_code == 404
    assert "html" not in got["Content-Type"]


def test_problems_are_json_for_rest_and_a_line_of_text_for_others(program):
    problem = program.get("/api/v1/nothing")
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json() == {"type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found"}
    for path in ("/qbittorrent/nothing", "/dav/nothing"):
        got = program.get(path)
        assert (got["Content-Type"], got.content) == ("text/plain; charset=utf-8", b"Not Found\n")


def test_a_bug_says_no_more_than_that_it_broke(program):
    got = program.get("/api/v1/breaks")
    assert got.status_code == 500 and got.json()["code"] == "unavailable"
    assert program.get("/qbittorrent/breaks").content == b"Internal Server Error\n"


def test_a_body_that_cannot_be_read_is_a_problem_too(program):
    got = program.post(
        "/api/v1/who", b"a=%00", content_type="application/x-www-form-urlencoded; charset=utf-16"
    )
    assert got.status_code == 400 and got.json()["code"] == "malformed"
    assert program.post("/qbittorrent/who", {"name": "a\0b"}).content == b"Bad Request\n"


def test_a_body_that_is_too_large_is_a_problem_too(program, settings):
    settings.MAX_BODY = 100
    got = program.post("/api/v1/who", "a" * 200, content_type="application/json")
    assert got.status_code == 413 and got.json()["code"] == "too_large"


def test_a_host_that_is_not_ours_is_a_problem_too(program):
    got = program.get("/api/v1/who", headers={"host": "elsewhere.example"})
    assert (got.status_code, got["Content-Type"]) == (400, "application/problem+json")


def test_an_answer_without_a_token_keeps_what_to_send(db):
    got = Client().get("/api/v1/who")
    assert (got.status_code, got.json()["code"]) == (401, "unauthenticated")
    assert got["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/api/v1/who", "/api/v1/nothing", "/qbittorrent/who", "/dav/"])
def test_answers_stay_out_of_caches_and_search_engines(program, path):
    got = program.get(path)
    assert "no-store" in got["Cache-Control"] and got["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(("off", "below"), WHOLE.items())
def test_a_protocol_that_is_off_answers_as_an_address_that_does_not_exist(program, settings, off, below):
    settings.API_PROTOCOLS = [protocol for protocol in WHOLE if protocol != off]
    for path in WHOLE.values():
        whole = program.get(f"{path}who")
        assert whole.status_code == (404 if path == below else 200)
    gone, never = program.get(f"{below}who"), program.get(f"{below}nothing")
    assert (gone.content, gone.headers.get("Content-Type")) == (never.content, never["Content-Type"])
    assert program.get(below.rstrip("/")).status_code == 404


def test_all_protocols_can_be_off(program, settings):
    settings.API_PROTOCOLS = []
    for path in WHOLE.values():
        assert program.get(f"{path}who").status_code == 404
        assert Client().post(f"{path}who").status_code == 404


def test_only_whole_names_belong_to_a_protocol(program):
    for path in ("/api/v10/who", "/davos/", "/qbittorrents/", "/api/"):
        assert "html" in program.get(path)["Content-Type"]


def test_what_browsers_open_below_a_protocol_is_the_web_app_s(cast, client):
    """The description of the API is read with the session. It is a probe here, which takes tokens only."""
    browser = sign_in(client, cast.owner)
    assert browser.get("/api/v1/openapi.json").wsgi_request.user == cast.owner
    assert not browser.get("/api/v1/who").wsgi_request.user.is_authenticated


@pytest.mark.django_db(transaction=True)
def test_a_database_that_refuses_writes_stops_only_what_writes(program):
    with read_only():
        assert program.get("/api/v1/who").status_code == 200
        refused = program.post("/api/v1/writes")
        assert (refused.status_code, refused["Content-Type"]) == (503, "application/problem+json")
        assert int(refused["Retry-After"]) > 0
    assert ApiToken.objects.get().last_used_on is None
    program.get("/api/v1/who")
    assert ApiToken.objects.get().last_used_on
