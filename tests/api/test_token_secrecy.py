"""A token is nowhere but in the one answer that shows it, and a stolen database yields none that works."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from api import tokens as pure
from api.authentication import _basic, checked
from api.models import ApiToken, Category, LinkToAdd
from api.pages.manage import NewToken
from api.services import tokens
from tests import factories
from tests.api.access import for_programs
from tests.api.factories import MadeToken, basic, make_token, program_with, program_with_basic
from tests.care.households import backed_up, rows_of
from tests.evidence import Evidence, listening
from torrents import tasks
from torrents.models import Torrent
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db
FORM = {"name": "Sonarr", "scopes": ["read", "add", "manage", "links", "qbittorrent"], "expires": "never"}
TOKEN = re.compile(r"tbw_[A-Za-z0-9]{32}")
HTMX = {"HX-Request": "true"}
FAULTS = ["drop", "429", "403_key", "wrong_types"]


@pytest.fixture
def evidence() -> Iterator[Evidence]:
    with listening(Evidence(redacted=True)) as evidence:
        yield evidence


@pytest.fixture
def torrent(sim, cast) -> Torrent:
    seeded = {"key": cast.key, "name": "Film", "files": {"Film/film.mkv": 900}, "state": "completed"}
    sim.control.seed(torrents=[seeded])
    refreshing.refresh(cast.account, fresh=True)
    Torrent.objects.update(added_by=cast.member)
    return Torrent.objects.get()


@pytest.fixture
def token(cast, torrent) -> MadeToken:
    return make_token(cast.member)


def use_everything(token: MadeToken, evidence: Evidence, **sent: str) -> None:
    """Call every address in every way that a token may come."""
    name, form = token.person.username, {"hashes": "all", "category": "Films", **sent}
    session = Client()
    session.post("/qbittorrent/api/v2/auth/login", {"username": name, "password": token.text})
    assert session.cookies["SID"].value
    for program in (program_with(token), program_with_basic(name, token.text), session):
        program.raise_request_exception = False
        for address in for_programs():
            for method in ("get", "post"):
                answer = getattr(program, method)(address.path, form)
                said = b"".join(answer) if answer.streaming else answer.content
                evidence.said.append(f"{answer.headers} {said!r}")


def leaks(evidence: Evidence, token: MadeToken) -> list[str]:
    """Return what holds the token, the secret half of it, or it as the password of HTTP Basic."""
    evidence.look_around()
    secrets = [token.text, token.text[12:], basic(token.person.username, token.text).partition(" ")[2]]
    return [found[:300] for secret in secrets for found in evidence.holds(secret)]


def test_the_search_finds_what_is_written_down(token, evidence):
    logging.getLogger("anything").info("calling with %s", token.text[4:])  # which no pattern redacts
    assert leaks(evidence, token)


def test_using_a_token_leaves_it_nowhere(token, evidence):
    use_everything(token, evidence)
    tasks.refresh_account.delay(token.person.pk)
    assert len(evidence.said) > 200
    assert not leaks(evidence, token)


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_of_torbox_leave_it_nowhere(sim, token, evidence, kind):
    sim.control.every(1, [kind])
    use_everything(token, evidence)
    sim.control.every(0)
    assert not leaks(evidence, token)


def test_a_token_that_does_not_work_leaves_no_trace_either(token, evidence):
    use_everything(token, evidence)
    tokens.revoke(token.row)
    for _ in range(25):
        program_with(token).get("/api/v1/torrents")
        program_with_basic("member", token.text).get("/dav/")
        Client().post("/qbittorrent/api/v2/auth/login", {"username": "member", "password": token.text})
    assert not leaks(evidence, token)


def test_a_token_in_an_address_is_redacted_in_the_log(token, evidence):
    """No program should do that, but some let people enter any address."""
    for path in ("/api/v1/nothing", "/qbittorrent/nothing", "/dav/nothing", "/nothing"):
        Client().get(f"{path}/{token.text}", {"token": token.text, "apikey": token.text})
    assert any("/api/v1/nothing" in said for said in evidence.said)
    assert not leaks(evidence, token)


def test_making_one_leaves_it_only_in_the_answer(cast, evidence):
    browser = factories.sign_in(Client(), cast.member)
    for headers in ({}, HTMX):
        answer = browser.post("/me/api/new/", FORM, headers=headers)
        (text,) = TOKEN.findall(answer.content.decode())
        assert "no-store" in answer["Cache-Control"]
        assert text not in str(answer.headers) + str(answer.cookies) + answer.wsgi_request.get_full_path()
        assert not list(get_messages(answer.wsgi_request))
        assert text not in str([session.get_decoded() for session in Session.objects.all()])
        row = ApiToken.objects.latest("pk")
        for name in ("list", "activity", "export_mine"):
            evidence.read(browser.get(reverse(f"torrents:{name}")))
        for path in ("/me/api/", "/me/api/new/", f"/me/api/{row.pk}/revoke/", "/me/", "/me/links/"):
            evidence.read(browser.get(path, headers=headers))
        assert not leaks(evidence, MadeToken(row, text))


def test_a_fault_of_ours_leaves_it_nowhere(token, evidence, settings):
    settings.TORBOX_API_URL = "nonsense"
    use_everything(token, evidence)
    assert any("Traceback" in said for said in evidence.said)
    assert not leaks(evidence, token)


def test_a_fault_while_debugging_does_not_show_it(token, settings):
    settings.DEBUG, settings.TORBOX_API_URL = True, "nonsense"
    for program in (program_with(token), program_with_basic("member", token.text)):
        program.raise_request_exception = False
        for address in for_programs():
            answer = program.get(address.path)
            said = b"".join(answer) if answer.streaming else answer.content
            assert token.text.encode() not in said


def test_objects_and_tracebacks_do_not_show_it(token, rf, settings):
    row = ApiToken.objects.get()
    said = [repr(row), str(row), repr(vars(row)), repr(token), repr(NewToken(row, token.text))]
    settings.SECRET_KEY = None  # so that hashing it fails
    for act in (
        lambda: tokens.find(token.text),
        lambda: pure.hash_of(token.text),
        lambda: checked(rf.get("/"), token.text, name="member"),
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
            act()
        said += [repr(caught.value), *traceback.format_exception(caught.value)]
    assert _basic("Basic nonsense") == ("", "")
    assert token.text not in "".join(said) and token.text[12:] not in "".join(said)


def test_a_stolen_database_yields_no_token_that_works(token, settings):
    """Neither what is stored nor anything made of it is accepted, whatever the thief knows of the code."""
    row = ApiToken.objects.get()
    letters = pure.ALPHABET
    guesses = [row.token_hash, row.prefix, row.key_mark, f"tbw_{row.prefix}{row.token_hash[:24]}"]
    guesses += [f"tbw_{row.token_hash[:32]}", f"tbw_{row.prefix}" + letters[0] * 24]
    for guess in guesses:
        assert program_with(guess).get("/api/v1/torrents").status_code == 401
        assert program_with_basic("member", guess).get("/dav/").status_code == 401
    settings.SECRET_KEY = "what a thief has instead, who also knows a token of their own"
    assert pure.hash_of(token.text) != row.token_hash


def test_a_token_of_one_instance_opens_no_other(token, settings):
    """A thief who puts a hash of their own into a copy of the database needs its SECRET_KEY."""
    mine = settings.SECRET_KEY
    settings.SECRET_KEY = "that of the thief's own instance"
    theirs = make_token(token.person, name="Theirs")
    settings.SECRET_KEY = mine
    assert tokens.find(theirs.text) is None and tokens.find(token.text)


@pytest.mark.django_db(transaction=True)
def test_a_backup_has_no_token(token):
    rows = rows_of(backed_up(with_keys=True))
    assert rows["api.ApiToken"] and token.text not in str(rows) and token.text[12:] not in str(rows)


def test_the_export_of_my_data_has_my_tokens_but_nothing_that_opens_them(token, cast):
    make_token(cast.owner, name="Theirs")
    for person in (cast.owner, cast.member):
        LinkToAdd.objects.create(person=person, url=f"https://tracker.example/{person.username}")
        Category.objects.create(person=person, name=f"of {person.username}")
    program_with(token).get("/api/v1/torrents", REMOTE_ADDR="192.168.1.20")
    export = factories.sign_in(Client(), cast.member).get("/me/export/").content.decode()
    kept = json.loads(export)["api"]
    (mine,) = kept["tokens"]
    assert mine["name"] == "Script" and mine["last_used_from"] == "192.168.1.20"
    assert [one["name"] for one in kept["categories"]] == ["of member"]
    assert [one["url"] for one in kept["links_to_add"]] == ["https://tracker.example/member"]
    row = token.row
    assert not [secret for secret in (token.text, row.token_hash, row.prefix) if secret in export]
