"""Every address for programs: nobody without a right token gets anything, and no one more than they see in the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Share, TorBoxAccount, User
from api.scopes import Protocol, Scope
from api.services import tokens
from api.tokens import new_token
from saving.models import Job
from tests.api.access import ForPrograms, for_programs
from tests.api.factories import make_token, program_with, program_with_basic
from tests.factories import PASSWORD, make_torrent, make_user, sign_in, tag
from torrents.models import AddRequest, Batch, ControlRequest, EditRequest, Torrent, TorrentTag

pytestmark = pytest.mark.django_db
ADDRESSES = for_programs()
METHODS = ("get", "post", "put")
NAME, FILE = "Xanadu secret film", "Xanadu secret file"
KEPT = (Torrent, TorrentTag, AddRequest, ControlRequest, EditRequest, Batch, Job, TorBoxAccount, Share, User)
# Everything that a call may ask for. The torrent is that of the household.
FORM = {
    "urls": "magnet:?xt=urn:btih:" + "c" * 40,
    "category": "Films",
    "tags": "Films",
    "name": "Another name",
    "value": "true",
    "deleteFiles": "true",
    "id": "0",
    "priority": "0",
    "location": "/save",
}


@pytest.fixture
def household(cast):
    """Make a torrent, and people who may only look at it."""
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    cast.owner.refresh_from_db()
    guest = make_user("guest", User.Role.GUEST)
    Share.objects.create(account=cast.account, user=guest, level=Share.Level.MANAGE)
    cast.guest, cast.house = guest, make_user("house", User.Role.OWNER)
    cast.torrent = tag(make_torrent(cast.account, NAME, added_by=cast.owner), "Xanadu tag")
    cast.torrent.files.update(path=f"{NAME}/{FILE}.mkv")
    return cast


def call(program: Client, address: ForPrograms, method: str, form: dict[str, str] | None = None):
    """Call an address, and undo its changes unless that is what a test looks for."""
    program.raise_request_exception = False
    return getattr(program, method)(address.path, form or {})


def all_calls(household) -> list[dict[str, str]]:
    """Return forms that ask for everything, and for the torrent of the household by its hash."""
    info_hash = household.torrent.info_hash
    return [FORM | {"hashes": hashes, "hash": info_hash} for hashes in ("all", info_hash)]


def without_any(household) -> Client:
    return Client()


def with_a_session(household) -> Client:
    return sign_in(Client(), household.owner)


def with_a_wrong_token(household) -> Client:
    return program_with(new_token())


def with_an_expired_token(household) -> Client:
    return program_with(make_token(household.owner, expires_at=timezone.now() - timedelta(seconds=1)))


def with_a_revoked_token(household) -> Client:
    token = make_token(household.owner)
    tokens.revoke(token.row)
    return program_with(token)


def of_a_suspended_person(household) -> Client:
    token = make_token(household.member)
    User.objects.filter(pk=household.member.pk).update(is_active=False)
    return program_with(token)


def with_a_password(household) -> Client:
    return program_with_basic("owner", PASSWORD)


STRANGERS: list[Callable[..., Client]] = [
    without_any, with_a_session, with_a_wrong_token, with_an_expired_token, with_a_revoked_token,
    of_a_suspended_person, with_a_password,
]  # fmt: skip


def test_there_are_addresses_of_every_protocol():
    assert {address.protocol for address in ADDRESSES} == set(Protocol)
    assert len(ADDRESSES) > 80


def test_no_session_and_so_no_form_s_secret_is_asked_for():
    """The cookies of the web app count for nothing there (test_authentication.py)."""
    for address in ADDRESSES:
        view = address.pattern.callback
        assert getattr(view, "csrf_exempt", False), f"No program has the form's secret for {address.path}."
        assert getattr(view, "login_required", True) is False, f"No program signs in at {address.path}."


@pytest.mark.once
@pytest.mark.parametrize("stranger", STRANGERS, ids=[one.__name__ for one in STRANGERS])
def test_nothing_is_answered_without_a_token_that_works(household, stranger):
    program, got = stranger(household), {}
    before = everything()
    for address in ADDRESSES:
        for method in METHODS:
            answer = call(program, address, method, FORM if method == "post" else None)
            cache.clear()  # the count of wrong tokens
            assert NAME not in said(answer), address.path
            got[address.path, method] = answer.status_code
    refused = {key: status for key, status in got.items() if status not in (401, 403, 405)}
    opens = {address.path for address in ADDRESSES if address.opens}
    assert {path for path, _ in refused} <= opens, refused
    assert everything() == before


@pytest.mark.once
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_without_the_scope_of_an_address_gets_nothing(household, method):
    scope = {Protocol.QBITTORRENT: Scope.QBITTORRENT, Protocol.WEBDAV: Scope.READ}
    before = everything()
    for protocol, needed in scope.items():
        program = program_with(make_token(household.owner, *(one for one in Scope if one != needed)))
        of_protocol = [one for one in ADDRESSES if one.protocol == protocol and not one.opens]
        got = {one.path: call(program, one, method, FORM).status_code for one in of_protocol}
        assert {path for path, status in got.items() if status not in (403, 405)} == set(), got
    assert everything() == before


@pytest.mark.parametrize("person", ["outsider", "house"])
def test_someone_without_access_sees_and_changes_nothing(household, sim, person):
    """An owner of the instance has no access to a TorBox account that isn't shared with them."""
    program = program_with(make_token(getattr(household, person)))
    before = everything()
    for address in ADDRESSES:
        for form in all_calls(household):
            for method in ("get", "post"):
                answer = call(program, address, method, form)
                assert answer.status_code < 500 and "Xanadu" not in said(answer), address.path
    assert everything() == before
    assert sim.control.calls()["total"] == 0


@pytest.mark.parametrize("person", ["viewer", "guest"])
def test_someone_who_may_look_changes_nothing(household, sim, person):
    """The role of guest outweighs a share to manage."""
    program = program_with(make_token(getattr(household, person)))
    before = everything(besides=("touched_at", "revision", "shown_revision", "watched_until", "seen_at"))
    seen = []
    for address in ADDRESSES:
        for form in all_calls(household):
            answer = call(program, address, "post", form)
            assert answer.status_code < 500, address.path
            seen.append(said(answer))
    assert any(NAME in text for text in seen)
    assert (
        everything(besides=("touched_at", "revision", "shown_revision", "watched_until", "seen_at")) == before
    )


def test_whoever_may_change_something_does(household):
    """So the tests above would notice."""
    program, before = program_with(make_token(household.owner)), everything()
    for address in ADDRESSES:
        call(program, address, "post", all_calls(household)[0])
    assert {name for name, rows in everything().items() if rows != before[name]} >= {"Torrent", "AddRequest"}


def test_no_link_changes_anything(household):
    """A page, a mail, or a browser that looks ahead can make a program ask for an address."""
    program = program_with(make_token(household.owner))
    before = everything(besides=("watched_until", "seen_at", "fresh_wanted"))
    for address in ADDRESSES:
        if address.protocol == Protocol.QBITTORRENT:
            with transaction.atomic():
                call(program, address, "get", all_calls(household)[0])
    assert everything(besides=("watched_until", "seen_at", "fresh_wanted")) == before


def test_a_protocol_that_is_off_has_no_address(household, settings):
    settings.API_PROTOCOLS = []
    program = program_with(make_token(household.owner))
    for address in ADDRESSES:
        assert (address.path, call(program, address, "post").status_code) == (address.path, 404)


def said(answer) -> str:
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode("utf-8", "replace") + str(answer.headers)


def everything(besides: tuple[str, ...] = ()) -> dict[str, list[dict]]:
    """Return every row that a program could change, without columns that looking changes."""
    return {model.__name__: _rows(model, besides) for model in KEPT}


def _rows(model: type[models.Model], besides: tuple[str, ...]) -> list[dict]:
    names = [field.attname for field in model._meta.concrete_fields if field.name not in besides]
    return list(model._default_manager.order_by("pk").values(*names))
