"""An API key is never in a log, page, header, queue message, traceback, or table, whatever is done or fails.

tests/api/test_token_secrecy.py has the same for tokens of the API.
"""

from __future__ import annotations

import logging
import traceback

import pytest
from django.urls import reverse

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount
from tests.evidence import Evidence, listening
from tests.factories import make_key, make_user, sign_in
from torrents import tasks
from torrents.models import Torrent
from torrents.services.sync import refreshing

FAULTS = [
    "drop",
    "truncate",
    "html502",
    "500",
    "500_envelope",
    "429",
    "403_key",
    "403_plan",
    "422",
    "wrong_types",
    "empty",
]
PAGES = ["list", "add", "check", "lookup", "everything"]


@pytest.fixture
def evidence():
    with listening(Evidence()) as evidence:
        yield evidence


class Person:
    """A person who uses the app, and keeps the responses."""

    def __init__(self, client, evidence: Evidence) -> None:
        self.client, self.evidence = client, evidence
        client.raise_request_exception = False

    def get(self, name: str, *args, **query):
        return self._kept(self.client.get(reverse(name, args=args), query))

    def post(self, name: str, *args, **data):
        htmx = self.client.post(reverse(name, args=args), data, headers={"HX-Request": "true"})
        self.evidence.read(htmx)
        return self._kept(self.client.post(reverse(name, args=args), data))

    def _kept(self, response):
        self.evidence.read(response)
        return response

    def does_everything(self, torrent: Torrent) -> None:
        for page in PAGES:
            self.get(f"torrents:{page}")
        for page in ("detail", "files"):
            self.get(f"torrents:{page}", torrent.pk)
        for page in ("download_zip", "export_magnet", "export_file"):
            self.get(f"links:{page}", torrent.pk)
        self.post("torrents:refresh")
        self.post("torrents:preview", text=torrent.info_hash[::-1])
        self.post("torrents:lookup", hash=torrent.info_hash)
        self.post("torrents:check", text=torrent.info_hash)
        self.post("links:link_zip", torrent.pk)
        self.post("links:links", torrent.pk)
        self.post("torrents:refresh_one", torrent.pk)
        self.post("torrents:everything", operation="reannounce")
        self.post("torrents:add", text="%040x" % len(self.evidence.said), seed="1")  # noqa: UP031
        self.post("torrents:control", torrent.pk, "reannounce")


def work_off(account_id: int) -> None:
    TorBoxAccount.objects.update(probe_at=None)
    for task in (tasks.send_adds, tasks.send_controls, tasks.refresh_account):
        task.delay(account_id)  # into the queue folder
        task(account_id)


@pytest.fixture
def household(db, sim, client, evidence):
    """Make a person who connected a key by typing it, with a torrent at TorBox."""
    key, other = make_key("typed in"), make_key("typed wrongly")
    sim.control.seed(
        accounts=[{"key": key}],
        torrents=[{"key": key, "name": "Film", "files": {"a.mkv": 9}, "state": "completed"}],
    )
    person = Person(client, evidence)
    sign_in(client, make_user("mara"))
    person._kept(client.post(reverse("accounts:connect"), {"api_key": other}))
    person._kept(client.post(reverse("accounts:connect"), {"api_key": key}))
    account = TorBoxAccount.objects.get()
    refreshing.refresh(account, fresh=True)
    return person, account, key, other


def test_the_search_finds_an_existing_key(db, evidence):
    logged, queued, stored = (make_key(where) for where in ("a log", "the queue", "a table"))
    logging.getLogger("anything").debug("connecting with %s", logged)
    tasks.refresh_account.delay(queued)
    make_user("careless", email=stored)
    evidence.look_around()
    assert all(evidence.holds(key) for key in (logged, queued, stored))
    assert not evidence.holds(make_key("nowhere"))


def test_everyday_use_leaves_no_key_anywhere(household, sim, evidence):
    person, account, key, other = household
    person.does_everything(Torrent.objects.get())
    work_off(account.pk)
    for page in ("accounts:account", "accounts:replace_key", "accounts:disconnect"):
        person.get(page, account.pk)
    evidence.look_around()
    assert len(evidence.said) > 60
    assert not evidence.holds(key) and not evidence.holds(other)


@pytest.mark.parametrize("kind", FAULTS)
def test_failures_of_torbox_leave_no_key_anywhere(household, sim, evidence, kind):
    person, account, key, _ = household
    sim.control.every(1, [kind])
    person.does_everything(Torrent.objects.get())
    work_off(account.pk)
    sim.control.every(0)
    person.get("torrents:list")
    evidence.look_around()
    assert not evidence.holds(key)


def test_objects_and_tracebacks_do_not_show_the_key(household, sim, evidence):
    _, account, key, _ = household
    sim.control.fail("requestdl", kind="drop")
    with client_for(account) as client:
        said = [repr(client), repr(vars(account)), repr(account)]
        with pytest.raises(torbox.TorBoxError) as caught:
            client.request_download(torrent_id=1)
        said += [repr(caught.value), *traceback.format_exception(caught.value)]
    assert key not in "".join(said)


def test_the_debug_page_does_not_show_the_key(db, client, settings, evidence):
    settings.DEBUG, settings.TORBOX_API_URL = True, "nonsense"
    key, person = make_key("typed"), Person(client, evidence)
    sign_in(client, make_user("mara"))
    page = person._kept(client.post(reverse("accounts:connect"), {"api_key": key}))
    assert page.status_code == 500 and b"Traceback" in page.content
    assert not evidence.holds(key)
