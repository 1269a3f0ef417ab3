"""Programs get download links, and make lasting ones."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from links.models import LastingLink, LinkPolicy
from links.services import policy
from tests.api.v1.test_problems import problem
from tests.factories import make_torrent
from tests.links.conftest import at_torbox
from tests.links.factories import make_share
from torrents.models import Activity
from torrents.states import Status

__all__ = ["at_torbox"]
pytestmark = pytest.mark.django_db
API = "/api/v1"


def post(program, place: str, **body):
    return program.post(f"{API}{place}", body, content_type="application/json")


@pytest.fixture
def film(at_torbox):
    return at_torbox({"a film.mkv": 5000, "subs/en.srt": 100})


def test_a_link_leads_to_the_bytes_of_a_file(cast, film, program, sim):
    file = film.files.get(path__endswith=".mkv")
    got = post(program(cast.member), f"/torrents/{film.pk}/download", file_id=file.pk).json()
    assert got["name"] == "a film.mkv" and got["start_until"].endswith("Z")
    assert requests.get(got["url"], timeout=10).content == sim.control.expected_bytes(
        film.info_hash, file.path
    )
    event = Activity.objects.get(kind=Activity.Kind.LINK_TAKEN)
    assert event.person == cast.member


def test_without_a_file_it_is_a_zip(cast, film, program):
    got = post(program(cast.member), f"/torrents/{film.pk}/download").json()
    assert got["name"] == "An open film.zip"


def test_several_files_get_a_link_each_or_a_reason(cast, film, program, sim):
    gone = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "No such file.", "data": None}
    sim.control.fail("requestdl", status=404, body=gone)
    got = post(program(cast.member), f"/torrents/{film.pk}/downloads").json()
    first, second = got["items"]
    assert first["url"] is None and first["problem"]["code"] == "not_at_torbox" and first["problem"]["detail"]
    assert second["url"].startswith("http") and second["problem"] is None


def test_there_are_no_links_before_a_torrent_is_ready(cast, program):
    row = make_torrent(cast.account, "Later", status=Status.DOWNLOADING)
    for path in ("download", "downloads"):
        got = post(program(cast.member), f"/torrents/{row.pk}/{path}")
        assert problem(got) == (409, "not_ready")


def test_a_lasting_link_works_until_it_is_revoked(cast, film, program, client):
    owner = program(cast.member)
    until = (timezone.now() + timedelta(days=3)).isoformat()
    made = post(owner, "/links", torrent_id=film.pk, expires_at=until, max_uses=3, password="open sesame")
    assert made.status_code == 201
    body = made.json()
    assert body["has_password"] and "sesame" not in made.content.decode()
    path = "/" + body["url"].split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert [one["id"] for one in owner.get(f"{API}/links").json()["items"]] == [body["id"]]
    assert owner.delete(f"{API}/links/{body['id']}").json()["revoked_at"]
    assert client.get(path).status_code == 410


def test_a_link_can_lead_to_a_folder_only_if_there_is_one(cast, film, program):
    owner = program(cast.member)
    assert (
        post(owner, "/links", torrent_id=film.pk, part="folder", path="An open film/subs").status_code == 201
    )
    got = post(owner, "/links", torrent_id=film.pk, part="folder", path="nothing")
    assert problem(got) == (422, "invalid")


@pytest.mark.parametrize(
    "until",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_that_cannot_be_shown_everywhere_is_refused(cast, film, program, until):
    got = post(program(cast.member), "/links", torrent_id=film.pk, expires_at=until)
    assert problem(got) == (422, "invalid") and not LastingLink.objects.exists()
    assert [one["field"] for one in got.json()["errors"]] == ["expires_at"]


def test_links_of_others_are_not_found(cast, film, program):
    make_share(cast.owner, film)
    link = LastingLink.objects.get()
    member = program(cast.member)
    assert member.get(f"{API}/links").json()["items"] == []
    assert problem(member.delete(f"{API}/links/{link.pk}")) == (404, "not_found")


def test_where_links_are_off_none_are_made(cast, film, program):
    policy.set_policy(LinkPolicy.MadeBy.NOBODY)
    got = post(program(cast.member), "/links", torrent_id=film.pk)
    assert problem(got) == (409, "links_off")
