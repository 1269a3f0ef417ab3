"""While the database refuses, pages still load, and forms get an explanation that keeps the pasted text."""

from __future__ import annotations

import re
import runpy
import socket
import time
from html import unescape
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import TorBoxAccount, User
from accounts.store_errors import Reason, is_refusal, reason_of
from care import health
from notifications.events import Kind
from notifications.models import Notification
from tests import factories
from tests.factories import PASSWORD, make_hash, make_torrent
from tests.refusals import locked, read_only
from torbox_web.postgresql import base
from torrents.models import Torrent

pytestmark = pytest.mark.django_db(transaction=True)

MAGNET = f"magnet:?xt=urn:btih:{make_hash('wanted')}&dn=wanted"
PAGES = [
    "/",
    "/changes/?since=0",
    "/activity/",
    "/status/",
    "/people/",
    "/me/",
    "/me/security/",
    "/me/sessions/",
    "/add/",
    "/deleted/",
    "/notifications/",
    "/notifications/panel/",
    "/me/notifications/",
]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def owner(cast, client):
    """A signed-in owner. Pages haven't stored anything about them yet."""
    factories.sign_in(client, cast.owner)
    make_torrent(cast.account)
    TorBoxAccount.objects.update(seen_at=None)
    return cast.owner


@pytest.fixture(params=["read-only", "locked"])
def refusing(request, owner):
    with read_only() if request.param == "read-only" else locked("accounts_torboxaccount"):
        yield


@pytest.fixture
def refuses(owner):
    with read_only():
        yield


@pytest.mark.parametrize("page", PAGES)
def test_every_page_loads_quickly_although_nothing_can_be_stored(client, refusing, page):
    began = time.monotonic()
    assert client.get(page).status_code == 200
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("refusal", ["read-only", "locked"])
def test_what_a_person_was_told_about_can_be_opened_although_it_stays_unread(client, owner, refusal):
    torrent = Torrent.objects.get()
    about = {"account": torrent.account, "torrent": torrent, "kind": Kind.READY}
    note = Notification.objects.create(person=owner, source="activity:1", **about)
    page = reverse("torrents:detail", args=[torrent.pk])
    began = time.monotonic()
    with read_only() if refusal == "read-only" else locked("notifications_notification"):
        assert client.get(f"/notifications/{note.pk}/").headers["Location"] == page
        assert client.get(page).status_code == 200
    assert time.monotonic() - began < 4
    client.get(page)
    assert not Notification.objects.unread().exists()


def test_a_page_stores_what_it_could_not_once_the_database_accepts_it(client, owner):
    with read_only():
        client.get("/")
    assert User.objects.get(pk=owner.pk).last_seen_at is None
    client.get("/")
    assert User.objects.get(pk=owner.pk).last_seen_at and TorBoxAccount.objects.get().seen_at


def test_an_add_is_503_with_an_explanation_and_a_form_that_sends_all_of_it_again(client, refuses):
    given = {"text": MAGNET, "seed": "2", "only_if_cached": "on", "allow_zip_shown": "1"}
    answer = client.post("/add/", given)
    page = answer.content.decode()
    assert answer.status_code == 503 and answer["Retry-After"] and answer["Cache-Control"] == "no-store"
    assert "The database isn’t accepting changes" in page and "Nothing was added" in page
    assert MAGNET in unescape(page)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert {name: fields[name] for name in given if name != "text"} == {
        name: value for name, value in given.items() if name != "text"
    }


def test_the_form_of_the_503_adds_once_the_database_accepts_it(client, owner):
    data = (
        b"d8:announce3:foo4:infod6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee"
    )

    with read_only():
        page = client.post("/add/", {"text": MAGNET, "files": SimpleUploadedFile("a.torrent", data)})
    text = page.content.decode()
    again: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text):
        again.setdefault(name, []).append(unescape(value))
    again["text"] = [unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)[1])]
    action = re.search(r'<form method="post" action="([^"]+)">', text)[1]
    before = Torrent.objects.count()
    assert client.post(action, again).status_code == 302
    assert Torrent.objects.count() == before + 2


def test_a_share_from_a_phone_is_kept_for_the_preview(client, refuses):
    answer = client.post("/share/", {"text": "see", "url": MAGNET})
    assert answer.status_code == 503
    page = unescape(answer.content.decode())
    assert f"see\n{MAGNET}" in page and 'action="/preview/"' in page


def test_htmx_gets_only_the_sentence_and_keeps_its_form(client, refuses):
    answer = client.post("/add/", {"text": MAGNET}, headers={"HX-Request": "true"})
    assert answer.status_code == 503 and answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == (
        "The database isn’t accepting changes. Nothing was saved. Try again in a minute."
    )


def test_a_program_gets_json(client, refuses):
    answer = client.post("/refresh/", headers={"Accept": "application/json"})
    assert answer.status_code == 503 and "Nothing was saved" in answer.json()["error"]


def test_pasted_text_is_escaped(client, refuses):
    page = client.post("/add/", {"text": "</textarea><script>alert(1)</script>", "name": '"><b>'}).content
    assert b"<script>alert" not in page and b'"><b>' not in page


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/refresh/", {}),
        ("/me/profile/", {"display_name": "New"}),
        ("/people/invite/", {"role": "member"}),
        ("/torbox/connect/", {"api_key": "secret-of-mine"}),
        ("/me/password/", {"oldpassword": "secret-of-mine", "password1": "x", "password2": "x"}),
        ("/sign-out/", {}),
    ],
)
def test_other_requests_are_explained_too_and_repeat_no_secret(client, refuses, path, fields):
    answer = client.post(path, fields)
    assert answer.status_code in (200, 302, 422, 503), answer.status_code
    assert b"secret-of-mine" not in answer.content or answer.status_code != 503


def test_the_right_password_is_503_and_does_not_count_as_a_failed_attempt(transactional_db):
    factories.make_user("mara")
    stranger = Client(raise_request_exception=False)
    given = {"login": "mara", "password": PASSWORD}
    with read_only():
        answer = stranger.post("/sign-in/", given)
    assert answer.status_code == 503 and PASSWORD not in answer.content.decode()
    assert stranger.post("/sign-in/", given).status_code == 302


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own limits")
def test_web_processes_wait_at_most_fifteen_seconds(transactional_db, monkeypatch):
    hooks = runpy.run_path(str(Path(__file__).parents[1] / "gunicorn.conf.py"))
    monkeypatch.setattr(base.DatabaseWrapper, "limits", {})
    hooks["post_worker_init"](None)
    connection.close()
    with connection.cursor() as cursor:
        shown = [cursor.execute(f"SHOW {name}").fetchone()[0] for name in base.WEB]
    assert shown == ["8s", "15s"]
    waits = connection.get_connection_params()
    assert waits["connect_timeout"] + waits["tcp_user_timeout"] / 1000 < 15
    assert waits["keepalives_idle"] + waits["keepalives_interval"] * waits["keepalives_count"] < 15
    connection.close()


def test_a_server_that_accepts_and_never_answers_counts_as_slow_and_not_as_a_bug():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        there = {
            "HOST": "127.0.0.1",
            "PORT": mute.getsockname()[1],
            "NAME": "x",
            "USER": "x",
            "PASSWORD": "x",
        }
        habits = {"AUTOCOMMIT": True, "TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
        other = base.DatabaseWrapper(there | habits | {"OPTIONS": {"connect_timeout": 2}}, "other")
        with pytest.raises(OperationalError) as caught:
            other.ensure_connection()
    assert is_refusal(caught.value) and reason_of(caught.value) == Reason.SLOW


def test_a_bug_of_ours_stays_a_500(client, owner):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE torrents_activity RENAME TO elsewhere")
    try:
        assert client.get("/activity/").status_code == 500
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO torrents_activity")


def test_ready_says_locked_within_two_seconds(transactional_db, client):
    for probe in health.PARTS.values():
        probe.found_at = -float("inf")
    began = time.monotonic()
    with locked("torrents_heartbeat"):
        answer = client.get("/health/ready")
    assert time.monotonic() - began < 2.5
    assert answer.status_code == 503 and answer.json()["database"] == "locked"


def test_the_status_page_names_cause_and_remedy(client, refuses):
    page = unescape(client.get("/status/").content.decode())
    assert "The database is read-only. Nothing can be added or changed until this is fixed." in page
    assert "Make the file and its folder writable" in page


def test_a_preview_that_cannot_be_made_keeps_what_was_pasted(client, refuses, sim):
    """TorBox isn't called, since the call couldn't be counted."""
    answer = client.post(reverse("torrents:preview"), {"text": MAGNET})
    assert answer.status_code == 503 and MAGNET in unescape(answer.content.decode())
    assert sim.control.count() == 0


def test_the_cache_table_raises_when_writes_are_refused(transactional_db):
    table = caches["table" if "table" in caches.settings else "default"]
    assert table.add("a", 1) and not table.add("a", 2)
    with read_only():
        assert not table.add("a", 2)
        for write in (lambda: table.add("b", 1), lambda: table.set("b", 1)):
            with pytest.raises(OperationalError):
                write()
        assert table.get("a") == 1
