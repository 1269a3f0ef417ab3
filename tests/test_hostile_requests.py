"""Requests that no browser makes, to every URL: each gets a response, and none breaks the server."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import make_passkey, make_user, sign_in
from tests.test_permissions import (
    PEOPLE,
    TABLE,
    arguments,
    client_of,
    household,
    known_of,
    patterns,
)
from torbox_web.checks import INTEGER, TEXT

__all__ = ["household"]
pytestmark = pytest.mark.django_db
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
SURROGATE = (
    '{"id": "\\ud800", "rawId": "\\ud800", "response": {"clientDataJSON": "\\ud800"}, "type": "public-key"}'
)
FIELDS = (
    "account", "action", "answer", "api_key", "appearance", "chosen", "code", "confirm", "credential", "days", "hash",
    "heir", "hidden", "ids", "kept", "kind", "level", "login", "matching", "name", "next", "operation", "page", "passkey",
    "password", "password1", "password2", "person", "q", "removed", "role", "seed", "shown_name", "since", "sort",
    "status", "text", "timeout", "title", "torrent", "uncached", "url", "username", "what", "who", "without",
)  # fmt: skip
VALUES = {
    "not ascii": "é YQ==",
    "a lone surrogate in JSON": SURROGATE,
    "deep JSON": "[" * 5_000,
    "a huge number": "9" * 5000,
    "below zero": "-1",
    "digits of another script": "٣²",
    "an exponent": "1e999",
    "an address that is none": "http://[",
    "a time that is none": "9999-99-99T99:99:99+99:99",
    "text turned around": "\u202e\u2066\ud7ff",
}
"""Values that no person types."""


def values(start: int) -> dict[str, str]:
    """Return a different value for each field, and others for each `start`."""
    known = list(VALUES.values())
    return {name: known[(start + number) % len(known)] for number, name in enumerate(FIELDS)}


def form(fields: dict[str, str]) -> tuple[str, bytes]:
    return FORM, "&".join(f"{name}={quote(value)}" for name, value in fields.items()).encode()


def parts(fields: dict[str, str]) -> tuple[str, bytes]:
    """Return the same as multipart, with a file with a hostile name."""
    head = "--b\r\nContent-Disposition: form-data; name="
    made = [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    file = f'{head}"files"; filename="{fields["name"][:500]}"\r\n\r\nx\r\n--b--\r\n'
    return PARTS, "".join([*made, file]).encode()


def unreadable() -> Iterator[tuple[str, bytes]]:
    """Return content types with bodies that can't be parsed or stored."""
    for charset in ("utf-7", "utf-16", "idna", "base64", "nonsense", "latin-1", "utf-8; charset=utf-7"):
        yield f"{FORM}; charset={charset}", b"login=+AD4-&text=x"
        yield f"{PARTS}; charset={charset}", parts({"name": "x"})[1]
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * 500}",
    ):
        yield kind, parts({"name": "x"})[1]
    yield FORM, form({"name": "\0"})[1]
    yield PARTS, parts({"name": "\0"})[1]
    yield FORM, b"&".join(b"x%d=1" % number for number in range(2500))


ODD: list[tuple[str, bytes]] = [
    (PARTS, b'--b\r\nContent-Disposition: form-data; name="files"; filename="a'),
    (
        PARTS,
        b"--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=a\r\n\r\n!!!\r\n--b--",
    ),
    (FORM, b"text=%&login=%e&password=%zz%ff&text=%u1234&=&&;;=%"),
    (FORM, b"\xff\xfe"),
    ("application/json", b"[" * 5_000),
    ("", b"login=a"),
]
"""Content types with valid or invalid bodies."""
HEADERS: list[dict[str, str]] = [
    {"cookie": 'torbox-web-session="\\000aaaaaaaaaaaa"; torbox-web-csrf="\\000"'},
    {"cookie": f"torbox-web-session={'a' * 4000}"},
    {"host": "é"},
    {"host": "[::1"},
    {"referer": "http://[", "hx-request": "true", "hx-current-url": "http://["},
    {"hx-request": "true", "hx-current-url-uri-autoencoded": "true", "hx-current-url": "%ff%zz["},
    {"accept": "application/json;q=x", "accept-language": "-" * 5000, "accept-encoding": ";;q=x"},
    {"x-forwarded-for": ",,,[", "user-agent": "é" * 5000, "x-request-id": "é" * 5000},
    {"origin": "http://[", "if-modified-since": "9" * 5000, "if-none-match": '"', "range": "bytes=9-1"},
    {"authorization": "Bearer é", "sec-purpose": "é", "content-length": "-1"},
]


@pytest.fixture
def paths(household) -> dict[str, str]:
    """Return the paths of all URLs by name."""
    known = known_of(household.torrent)
    return {name: reverse(name, kwargs=arguments(part, known)) for name, part in patterns()}


def answered(cookies, method: str, path: str, **more) -> int:
    """Return the status of a response, and undo its changes."""
    client = Client(raise_request_exception=False)
    client.cookies.update(cookies)
    with transaction.atomic():
        got = client.generic(method, path, **more)
        transaction.set_rollback(True)
    cache.clear()  # rate limits, which would end the test
    return got.status_code


def turns(of: list, number: int, count: int) -> list:
    """Return a few of many, others for each URL, so that all are used."""
    return [of[(number * count + turn) % len(of)] for turn in range(count)]


def broken(name: str, status: int) -> bool:
    """Return whether a response is an error that isn't caused by the missing TorBox or worker."""
    return status >= 500 and not (status == 502 or (name == "care:ready" and status == 503))


@pytest.mark.parametrize(("kind", "body"), list(unreadable()))
def test_unreadable_requests_are_refused_with_one_sentence_and_one_log_line(caplog, kind, body):
    mara = make_user("mara", User.Role.OWNER)
    for client, path in (
        (Client(), "/sign-in/"),
        (sign_in(Client(), mara), "/add/"),
        (sign_in(Client(), mara), "/share/"),
    ):
        caplog.clear()
        answer = client.generic("POST", path, body, content_type=kind)
        assert answer.status_code in (400, 413) and "nothing was changed" in answer.content.decode()
        assert len(caplog.records) == 1
        toast = client.generic("POST", path, body, content_type=kind, headers={"hx-request": "true"})
        assert "nothing was changed" in toast.headers["HX-Trigger"]


SAID = [
    ("/preview/", {"kept": "é YQ=="}),
    ("/add/", {"kept": "é YQ=="}),
    ("/sign-in/?next=http://[", {"login": "mara", "next": "http://["}),
    ("/me/confirm/?next=http://[", {"password": "x", "next": "http://["}),
    *(
        (path, {"credential": VALUES[what]})
        for path in ("/sign-in/passkey/", "/me/confirm/passkey/", "/me/passkeys/add/")
        for what in ("a lone surrogate in JSON", "deep JSON", "a huge number")
    ),
]


@pytest.mark.parametrize(("path", "fields"), SAID)
def test_requests_that_once_broke_the_server_get_a_response(path, fields):
    mara = make_user("mara")
    make_passkey(mara)
    for client in (Client(), sign_in(Client(), mara)):
        client.get(path, headers={"accept": "application/json"})
        assert client.post(path, fields).status_code < 500


@pytest.mark.parametrize("person", ["anonymous", "account_owner", "instance_owner"])
def test_no_body_breaks_any_address(household, paths, person):
    wrong = [
        (name, body[:60], status)
        for number, (name, cookies) in enumerate(reached(household, person, "post"))
        for kind, body in [
            *turns(ODD, number, 2),
            *(form(values(number + 4 * turn)) for turn in range(3)),
            parts(values(number)),
        ]
        if broken(name, status := answered(cookies, "POST", paths[name], data=body, content_type=kind))
    ]
    assert not wrong


@pytest.mark.parametrize("person", ["anonymous", "account_owner", "instance_owner"])
def test_no_query_breaks_any_page(household, paths, person):
    queries = ["%zz%ff&=&&%", "a&" * 2500, "account=%00"]
    wrong = [
        (name, query[:60], status)
        for number, (name, cookies) in enumerate(reached(household, person, "get"))
        for query in [
            *turns(queries, number, 1),
            *(form(values(number + 4 * turn))[1].decode() for turn in range(3)),
        ]
        if broken(name, status := answered(cookies, "GET", paths[name], QUERY_STRING=query))
    ]
    assert not wrong


@pytest.mark.parametrize("person", ["anonymous", "account_owner", "instance_owner"])
def test_no_header_breaks_any_page(household, paths, person):
    wrong = [
        (name, headers, status)
        for number, (name, cookies) in enumerate(reached(household, person, "get"))
        for headers in turns(HEADERS, number, 3)
        if broken(name, status := answered(cookies, "GET", paths[name], headers=headers))
    ]
    assert not wrong


@pytest.mark.once
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "É"])
def test_no_method_breaks_any_address(household, paths, method):
    cookies = client_of("account_owner", household).cookies
    wrong = [
        (name, status)
        for name, path in paths.items()
        if broken(name, status := answered(cookies, method, path, data=b"a=b", content_type=FORM))
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("9" * 18, "%00"),
        ("9" * 30, "%ff"),
        ("0", "%ED%A0%80"),
        ("00000", "a" * 3000),
        ("1", "..%2f"),
        ("1", "٣"),
    ],
)
def test_no_path_breaks_any_address(household, number, text):
    cookies = client_of("account_owner", household).cookies
    paths = [
        (name, INTEGER.sub(number, TEXT.sub(text, f"/{part.pattern}")))
        for name, part in patterns()
        if part.pattern.converters
    ]
    assert not [
        (name, path, status)
        for name, path in paths
        for method in ("GET", "POST")
        if broken(name, status := answered(cookies, method, path))
    ]


def reached(household, person: str, method: str) -> Iterator[tuple[str, SimpleCookie]]:
    """Yield the URLs that answer this person, with cookies. For an instance owner, only those closed to everyone else."""
    cookies = client_of(person, household).cookies
    for name, rows in TABLE.items():
        statuses = {row[0]: dict(zip(PEOPLE, row[1].split(), strict=True)) for row in rows}.get(method, {})
        others = {statuses.get("account_owner"), "404"} if person == "instance_owner" else {"404"}
        if statuses.get(person, "405") not in {"405", "in"} and (
            person != "instance_owner" or others == {"404"}
        ):
            yield name, cookies
