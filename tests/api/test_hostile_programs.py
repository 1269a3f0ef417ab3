"""Requests that no program makes, with a right token, to every address for programs: none breaks the server."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from api import limits
from tests.api.access import ForPrograms, for_programs
from tests.api.factories import make_token, program_with
from tests.factories import make_torrent
from tests.test_hostile_requests import HEADERS, ODD, PARTS, VALUES, form, turns, unreadable

pytestmark = pytest.mark.django_db
ADDRESSES = for_programs()
FIELDS = (
    "account_id", "category", "cursor", "deleteFiles", "filter", "hash", "hashes", "id", "ids", "include", "indexes",
    "limit", "live", "location", "name", "newName", "offset", "password", "priority", "q", "ratioLimit", "reverse", "rid",
    "savePath", "savepath", "seedingTimeLimit", "since", "sort", "tag", "tags", "torrents", "urls", "username", "value",
    "wait",
)  # fmt: skip
DEPTHS = ("0", "1", "infinity", "-1", "٣", "", "9" * 500)
XML = (
    b"",
    b"<",
    b"<a/>" * 20_000,
    b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    b"\xff\xfe<\0a\0/\0>\0",
    '<propfind xmlns="DAV:"><prop><é xmlns="\u202e"/></prop></propfind>'.encode(),
)


def values(start: int) -> dict[str, str]:
    """Return a different value for each field, and others for each `start`."""
    known = list(VALUES.values())
    return {name: known[(start + number) % len(known)] for number, name in enumerate(FIELDS)}


@pytest.fixture
def program(cast, sim) -> Client:
    make_torrent(cast.account, "Film", added_by=cast.owner)
    program = program_with(make_token(cast.owner))
    program.raise_request_exception = False
    return program


def answered(program: Client, address: ForPrograms, method: str, **more) -> int:
    """Return the status of an answer, and undo its changes."""
    with transaction.atomic():
        got = program.generic(method, address.path, **more)
        b"".join(got)
        transaction.set_rollback(True)
    cache.clear()
    limits.forget()
    return got.status_code


def broken(status: int) -> bool:
    """Return whether an answer is an error that isn't TorBox's."""
    return status == 500 or status > 503


def test_no_form_breaks_any_address(program):
    bodies = [*ODD, *unreadable(), (PARTS, b""), ("application/json", b'{"a": NaN}'), ("é", b"a")]
    wrong = [
        (address.path, method, kind, body[:60], status)
        for number, address in enumerate(ADDRESSES)
        for kind, body in [*turns(bodies, number, 3), form(values(number)), form(values(number + 5))]
        for method in ("POST", "PATCH")
        if broken(status := answered(program, address, method, data=body, content_type=kind))
    ]
    assert not wrong


def test_no_query_breaks_any_address(program):
    queries = ["%zz%ff&=&&%", "a&" * 2500, "hashes=%00", "hashes=" + "|".join(["a" * 40] * 1000)]
    wrong = [
        (address.path, query[:60], status)
        for number, address in enumerate(ADDRESSES)
        for query in [
            *turns(queries, number, 2),
            *(form(values(number + 3 * turn))[1].decode() for turn in range(3)),
        ]
        if broken(status := answered(program, address, "GET", QUERY_STRING=query))
    ]
    assert not wrong


def test_no_header_breaks_any_address(program):
    signed_in = "SID=" + quote("é\0") + "; SID=1-2.3.4; =;"
    headers = [*HEADERS[:-1], {"cookie": signed_in}, {"cookie": "SID=" + "9" * 4000}, {"origin": "null"}]
    wrong = [
        (address.path, more, status)
        for number, address in enumerate(ADDRESSES)
        for more in turns(headers, number, 4)
        for method in ("GET", "POST")
        if broken(status := answered(program, address, method, headers=more))
    ]
    assert not wrong


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "É"])
def test_no_method_breaks_any_address(program, method):
    wrong = [
        (address.path, status)
        for number, address in enumerate(ADDRESSES)
        for depth, body in zip(turns([*DEPTHS], number, 2), turns([*XML], number, 2), strict=True)
        if broken(status := answered(program, address, method, data=body, headers={"depth": depth}))
    ]
    assert not wrong


@pytest.mark.parametrize(
    "below", ["/api/v1/", "/api/v1/torrents/", "/qbittorrent/api/v2/", "/dav/", "/dav/by-tag/"]
)
@pytest.mark.parametrize(
    "end", ["%00", "%ff", "%ED%A0%80", "a" * 3000, "..%2f..%2fetc", "٣", "9" * 30, "//", "%2e%2e/"]
)
def test_no_path_breaks_anything(program, below, end):
    for method in ("GET", "POST", "PROPFIND"):
        with transaction.atomic():
            assert program.generic(method, f"{below}{end}").status_code < 500
            transaction.set_rollback(True)
