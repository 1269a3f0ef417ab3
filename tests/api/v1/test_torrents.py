"""The list of torrents and one torrent, for programs."""

from __future__ import annotations

import pytest

from tests.factories import make_torrent

pytestmark = pytest.mark.django_db


def test_a_program_lists_what_its_person_sees(cast, program):
    made = make_torrent(cast.account, "Sintel", added_by=cast.member)
    got = program(cast.viewer).get("/api/v1/torrents").json()
    assert got["total"] == 1 and got["next_cursor"] is None
    (item,) = got["items"]
    assert (item["id"], item["name"], item["status"]) == (made.pk, "Sintel", "ready")
    assert item["added_by"] == {"id": cast.member.pk, "name": "Member"}
    assert program(cast.outsider).get("/api/v1/torrents").json()["items"] == []


def test_a_program_gets_one_torrent(cast, program):
    made = make_torrent(cast.account, "Sintel")
    assert program(cast.viewer).get(f"/api/v1/torrents/{made.pk}").json()["hash"] == made.info_hash
    got = program(cast.outsider).get(f"/api/v1/torrents/{made.pk}")
    assert (got.status_code, got.json()["code"]) == (404, "not_found")
