"""Who may use WebDAV, and with which methods."""

from __future__ import annotations

import pytest
from django.test import Client

from api import limits
from api.scopes import Scope
from tests.api.dav.client import propfind
from tests.api.factories import make_token, program_with, program_with_basic
from tests.factories import make_torrent, sign_in
from tests.refusals import read_only
from torrents.models import Activity

pytestmark = pytest.mark.django_db
FILE = "/dav/by-name/Film/part 0.mkv"


@pytest.fixture
def film(cast):
    return make_torrent(cast.account, "Film")


def test_a_client_without_a_token_is_asked_for_one(cast):
    got = propfind(Client())
    assert got.status_code == 401
    assert got["WWW-Authenticate"] == 'Basic realm="TorBox Web", charset="UTF-8"'


def test_a_person_s_browser_session_counts_for_nothing(cast):
    browser = Client()
    sign_in(browser, cast.member)
    assert propfind(browser).status_code == 401


def test_a_name_and_a_token_are_enough(cast, film):
    token = make_token(cast.member)
    assert propfind(program_with_basic("member", token.text)).status_code == 207
    assert propfind(program_with_basic("owner", token.text)).status_code == 401


def test_too_many_wrong_tokens_are_refused_for_a_minute(cast):
    client = program_with_basic("member", "tbw_" + "x" * 32)
    statuses = {propfind(client).status_code for _ in range(25)}
    assert statuses == {401, 429}


def test_options_need_no_token(cast):
    got = Client().generic("OPTIONS", "/dav/by-name/")
    assert got.status_code == 200
    assert (got["DAV"], got["Allow"]) == ("1", "OPTIONS, PROPFIND, HEAD, GET")


@pytest.mark.parametrize(
    "method",
    ["PUT", "DELETE", "MKCOL", "MOVE", "COPY", "PROPPATCH", "LOCK", "UNLOCK", "POST", "PATCH", "REPORT"],
)
def test_everything_else_is_refused(cast, film, program, method):
    got = program(cast.member).generic(method, FILE, "x")
    assert got.status_code == 405 and got["Allow"] == "OPTIONS, PROPFIND, HEAD, GET"


def test_a_token_that_only_reads_lists_and_describes_but_downloads_nothing(cast, film, sim):
    reading = program_with(make_token(cast.member, Scope.READ))
    assert propfind(reading, "/dav/by-name/").status_code == 207
    assert reading.head(FILE).status_code == 200
    assert reading.get(FILE).status_code == 403
    assert sim.control.count("requestdl") == 0


def test_a_token_for_links_alone_lists_nothing(cast, film):
    assert propfind(program_with(make_token(cast.member, Scope.LINKS))).status_code == 403


def test_head_describes_a_file_without_asking_torbox(cast, film, program, sim):
    got = program(cast.member).head(FILE)
    assert (got["Content-Length"], got["Content-Type"]) == ("1000", "video/x-matroska")
    assert got["Accept-Ranges"] == "bytes" and got["ETag"] and got["Last-Modified"]
    assert sim.control.count("requestdl") == 0


def test_get_leads_to_the_file_and_asks_torbox_once_for_all_seeks(cast, at_torbox, program, sim):
    at_torbox({"a film.mkv": 5000}, name="Film")
    player = program(cast.member)
    path = "/dav/by-name/Film/a film.mkv"
    addresses = {player.get(path, headers={"range": "bytes=100-"})["Location"] for _ in range(3)}
    assert len(addresses) == 1
    assert sim.control.count("requestdl") == 1
    assert Activity.objects.filter(kind=Activity.Kind.LINK_TAKEN, person=cast.member).count() == 1


def test_the_answers_are_in_no_cache_and_set_no_cookie(cast, at_torbox, program):
    at_torbox({"a film.mkv": 5000}, name="Film")
    got = program(cast.member).get("/dav/by-name/Film/a film.mkv")
    assert got.status_code == 302
    assert "no-store" in got["Cache-Control"] and not got.cookies


def test_when_torbox_is_down_a_client_hears_when_to_try_again(cast, at_torbox, program, sim):
    at_torbox({"a film.mkv": 5000}, name="Film")
    sim.control.fail("requestdl", kind="status", status=503, times=10)
    got = program(cast.member).get("/dav/by-name/Film/a film.mkv")
    assert got.status_code == 503 and int(got["Retry-After"]) > 0


def test_a_client_that_asks_too_often_is_held_back(cast, film):
    token = make_token(cast.member)
    with pytest.raises(limits.LimitReached):
        for _ in range(2 * limits.Limit.REQUESTS.value):
            limits.count(token.row)
    got = propfind(program_with(token), depth="0")
    assert got.status_code == 429 and int(got["Retry-After"]) >= 1


def test_a_database_that_cannot_be_written_still_lists(cast, film, program):
    client = program(cast.member)
    with read_only():
        assert propfind(client, "/dav/by-name/").status_code == 207


def test_without_webdav_there_is_nothing(cast, film, program, settings):
    settings.API_PROTOCOLS = ["rest"]
    assert propfind(program(cast.member)).status_code == 404


def test_someone_who_opens_it_in_a_browser_reads_what_it_is(cast, program):
    got = program(cast.member).get("/dav/")
    assert got.status_code == 200 and b"/dav/" in got.content
