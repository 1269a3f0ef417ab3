"""Programs ask what is cached, look torrents up, and export them."""

from __future__ import annotations

import base64
from contextlib import ExitStack, suppress

import pytest

from tests.api.v1.test_problems import problem
from tests.factories import make_torrent
from tests.torbox.test_torrent_files import info, torrent
from torbox import magnets, torrentfiles
from torrents.models import AddRequest
from torrents.services.actions import looking_up

pytestmark = pytest.mark.django_db
API = "/api/v1"


def post(program, path: str, **body):
    return program.post(f"{API}{path}", body, content_type="application/json")


@pytest.fixture
def work(sim):
    return sim.control.make_work("A film", {"a film.mkv": 5000})


def test_what_torbox_has_is_cached(cast, program, sim, work):
    sim.control.cache([work.info_hash])
    got = post(program(cast.member), "/cached", hashes=[work.info_hash.upper(), "f" * 40], files=True).json()
    assert [one["hash"] for one in got["items"]] == [work.info_hash, "f" * 40]
    assert (got["items"][0]["cached"], got["items"][0]["name"]) == (True, "A film")
    assert [file["size"] for file in got["items"][0]["files"]] == [5000]
    assert got["items"][1] == {"hash": "f" * 40, "cached": False, "name": "", "size": 0, "files": []}


def test_a_hash_that_comes_again_and_again_is_answered_once(cast, program, sim, work):
    """Its files may be many thousands."""
    sim.control.cache([work.info_hash])
    hashes = [work.info_hash, work.info_hash.upper()] * 500
    got = post(program(cast.member), "/cached", hashes=hashes, files=True).json()
    assert [one["hash"] for one in got["items"]] == [work.info_hash]


def test_someone_without_an_account_cannot_ask(cast, program):
    assert problem(post(program(cast.outsider), "/cached", hashes=["f" * 40])) == (409, "no_account")
    assert problem(post(program(cast.outsider), "/lookup", hash="f" * 40)) == (409, "no_account")


def test_an_account_that_someone_does_not_see_is_not_found(cast, program):
    got = post(program(cast.outsider), "/cached", hashes=["f" * 40], account_id=cast.account.pk)
    assert problem(got) == (404, "not_found")


def test_when_torbox_is_down_the_problem_says_so(cast, program, sim):
    sim.control.fail("checkcached", kind="status", status=503, times=10)
    got = post(program(cast.member), "/cached", hashes=["f" * 40])
    assert problem(got) in ((503, "torbox_down"), (502, "torbox_trouble"))


def test_a_lookup_needs_a_hash_or_a_file(cast, program):
    assert problem(post(program(cast.member), "/lookup")) == (422, "invalid")
    assert problem(post(program(cast.member), "/lookup", file="bm90aGluZw==")) == (422, "invalid")


def test_lookups_leave_threads_for_others(cast, program, sim, work):
    """A lookup holds a thread for up to 20 seconds, so a program can't have them all."""
    client = program(cast.member)
    with ExitStack() as running:
        with suppress(looking_up.TooManyLookups):
            while True:
                running.enter_context(looking_up.lane())
        got = post(client, "/lookup", hash=work.info_hash)
    assert problem(got) == (503, "busy") and int(got.headers["Retry-After"]) > 0
    assert "token" not in got.json()["detail"], "others may have sent the requests"
    assert post(client, "/lookup", hash=work.info_hash).status_code == 200


def test_a_torrent_is_exported_as_a_magnet_link(cast, program):
    row = make_torrent(cast.account, "A film")
    got = program(cast.member).get(f"{API}/torrents/{row.pk}/magnet").json()
    assert magnets.parse(got["uri"]).info_hash == row.info_hash
    assert got["source"] in ("torbox", "kept", "built")


def test_a_torrent_is_exported_as_the_file_that_it_was_added_with(cast, program):
    data = torrent(info())
    row = make_torrent(cast.account, "A film", info_hash=torrentfiles.parse(data).info_hash)
    AddRequest.objects.create(torrent=row, torrent_file=data)
    got = program(cast.member).get(f"{API}/torrents/{row.pk}/torrent-file").json()
    assert base64.b64decode(got["content"]) == data and got["name"] == "A film.torrent"


def test_without_any_file_there_is_nothing_to_export(cast, program):
    row = make_torrent(cast.account, "A film")
    got = program(cast.member).get(f"{API}/torrents/{row.pk}/torrent-file")
    assert problem(got) == (404, "nothing_to_export")
