"""Changes of what a person sees, by a cursor."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounts.models import Share, TorBoxAccount, User
from api.v1 import waiting
from api.v1.change_cursor import MAX_CHANGES
from tests.api.factories import make_token, program_with
from tests.api.v1.test_problems import problem
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user
from torrents.models import Torrent
from torrents.models.writing import write_rows
from torrents.services.actions import controlling, hiding

pytestmark = pytest.mark.django_db
CHANGES = "/api/v1/changes"


def write(torrent: Torrent, **fields: Any) -> None:
    """Change a torrent like everything that changes one: under a new revision."""
    torrent.account.write(Torrent.objects.filter(pk=torrent.pk), **fields)


class Follower:
    """A program that keeps a copy of the torrents that its person sees, by the changes alone."""

    def __init__(self, client) -> None:
        self.client = client
        self.known: dict[int, str] = {}
        self.cursor = ""
        self.resets = 0

    def follow(self) -> dict[str, Any]:
        """Ask what has changed, and do as the documentation says."""
        got = self.client.get(CHANGES, {"since": self.cursor}).json()
        self.cursor = got["cursor"]
        if got["reset"]:
            self.resets += 1
            found = self.client.get("/api/v1/torrents", {"limit": 500}).json()["items"]
            self.known = {one["id"]: one["name"] for one in found}
        self.known |= {one["id"]: one["name"] for one in got["changed"]}
        for gone in got["gone"]:
            self.known.pop(gone, None)
        return got

    @property
    def names(self) -> set[str]:
        return set(self.known.values())


@pytest.fixture
def follower(cast, program) -> Follower:
    """Return a program of the viewer, who sees one torrent so far."""
    make_torrent(cast.account, "Sintel", added_by=cast.member)
    made = Follower(program(cast.viewer))
    made.follow()
    assert (made.names, made.resets) == ({"Sintel"}, 1)
    return made


def test_nothing_has_changed_at_first(follower):
    before = follower.cursor
    assert follower.follow() == {"cursor": before, "reset": False, "changed": [], "gone": []}


def test_new_changed_and_deleted_torrents_are_told(follower, cast):
    new = make_torrent(cast.account, "Tears of Steel", revision=0)
    write(new, status="downloading")
    write(Torrent.objects.get(name="Sintel"), name="Sintel (2010)")
    got = follower.follow()
    assert follower.names == {"Sintel (2010)", "Tears of Steel"} and len(got["changed"]) == 2
    controlling.remove(person=cast.owner, torrents=[new])
    assert follower.follow()["gone"] == [new.pk]
    assert follower.names == {"Sintel (2010)"} and follower.resets == 1


def test_a_torrent_that_came_and_went_between_two_answers_is_not_mentioned(follower, cast):
    brief = make_torrent(cast.account, "Brief", revision=0)
    write(brief, status="downloading")
    controlling.remove(person=cast.owner, torrents=[brief])
    got = follower.follow()
    assert (got["changed"], got["gone"], got["reset"]) == ([], [], False)


def test_what_someone_hides_is_gone_and_comes_back(follower, cast):
    sintel = Torrent.objects.select_related("account").get(name="Sintel")
    hiding.hide(sintel)
    got = follower.follow()
    assert (follower.names, got["gone"]) == (set(), [])
    hiding.show(sintel)
    follower.follow()
    assert follower.names == {"Sintel"}


def test_hidden_torrents_of_others_leave_no_trace(follower, cast):
    secret = make_torrent(cast.account, "Secret", hidden=True, added_by=cast.member)
    before = follower.cursor
    write(secret, name="Secret plan")
    got = follower.follow()
    assert got == {"cursor": before, "reset": False, "changed": [], "gone": []}
    controlling.remove(person=cast.owner, torrents=[secret])
    write(Torrent.objects.get(name="Sintel"), name="Other")
    got = follower.follow()
    assert (got["reset"], got["gone"], len(got["changed"])) == (False, [], 1)


def test_who_hides_a_torrent_follows_it(cast, program):
    mine = Follower(program(cast.member))
    mine.follow()
    write(make_torrent(cast.account, "Secret", hidden=True, added_by=cast.member), name="Plan")
    mine.follow()
    assert (mine.names, mine.resets) == ({"Plan"}, 1)


def test_undoing_a_deletion_and_clearing_the_list_start_again(follower, cast):
    sintel = Torrent.objects.get(name="Sintel")
    controlling.remove(person=cast.owner, torrents=[sintel])
    follower.follow()
    controlling.restore([sintel])
    follower.follow()
    assert follower.names == {"Sintel"}
    write(sintel, status="gone")
    follower.follow()
    controlling.clear([sintel])
    follower.follow()
    assert follower.names == set()


def test_an_account_more_or_less_starts_again(follower, cast):
    another = make_account(make_user("lender"), make_key("lender"), "Lent")
    make_torrent(another, "Lent film")
    share = Share.objects.create(account=another, user=cast.viewer, level=Share.Level.VIEW)
    assert follower.follow()["reset"] and follower.names == {"Sintel", "Lent film"}
    share.delete()
    assert follower.follow()["reset"] and follower.names == {"Sintel"}


def test_more_changes_than_fit_start_again(follower, cast):
    names = [f"Film {number}" for number in range(MAX_CHANGES + 1)]
    write_rows(
        cast.account, [Torrent(account=cast.account, name=name, info_hash=make_hash(name)) for name in names]
    )
    got = follower.follow()
    assert got["reset"] and got["changed"] == []
    cast.account.write(Torrent.objects.filter(name__in=names[1:]), status="failed")
    assert len(follower.follow()["changed"]) == MAX_CHANGES and follower.resets == 2


@pytest.mark.parametrize(
    "cursor", ["x", "é", "W10x", "e30", "W1sxXV0", "W1sxLC0xLDAsMCwwXV0", "W1sxLDEsMCwwLDAsMF1d"]
)
def test_a_broken_cursor_is_refused(cast, program, cursor):
    assert problem(program(cast.viewer).get(CHANGES, {"since": cursor})) == (422, "cursor")


def test_asking_again_takes_few_queries(follower, django_assert_num_queries):
    with django_assert_num_queries(4):  # the token, its person, their accounts, and the revisions of these
        follower.follow()


def test_looking_asks_for_no_live_readings_unless_the_program_wants_them(follower, cast):
    write(Torrent.objects.get(), status="downloading")
    follower.follow()
    assert TorBoxAccount.objects.get().watched_until is None
    follower.client.get(CHANGES, {"since": follower.cursor, "live": "true"})
    assert TorBoxAccount.objects.get().watched_until is not None


def test_a_program_that_finds_no_place_to_wait_is_answered_at_once(follower, settings):
    with waiting.PLACES.taken(-1), waiting.PLACES.taken(-2):
        got = follower.client.get(CHANGES, {"since": follower.cursor, "wait": 30})
    assert got.status_code == 200 and got.json()["cursor"] == follower.cursor
    assert got.headers["Retry-After"] == str(waiting.RETRY_SECONDS)


def test_a_token_waits_only_once(cast):
    places = waiting.Places(5)
    with places.taken(1) as first, places.taken(1) as second, places.taken(2) as other:
        assert (first, second, other) == (True, False, True)
    with places.taken(1) as again:
        assert again


class Asking(threading.Thread):
    """A program that waits for changes in a thread of its own."""

    def __init__(self, token, since: str) -> None:
        super().__init__()
        self.token, self.since, self.got = token, since, None

    def run(self) -> None:
        self.got = program_with(self.token).get(CHANGES, {"since": self.since, "wait": 30})
        connection.close()


def asking(token, cursor: str) -> Asking:
    """Return a program that waits by now."""
    thread = Asking(token, cursor)
    thread.start()
    while not waiting.PLACES.waiting:
        thread.join(0.01)
        assert thread.is_alive()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_program_that_waits_is_told_of_a_change(cast):
    sintel, token = make_torrent(cast.account, "Sintel"), make_token(cast.viewer)
    thread = asking(token, program_with(token).get(CHANGES).json()["cursor"])
    write(sintel, name="Sintel (2010)")
    thread.join(25)
    assert [one["name"] for one in thread.got.json()["changed"]] == ["Sintel (2010)"]
    assert "Retry-After" not in thread.got.headers


@pytest.mark.django_db(transaction=True)
def test_a_program_that_waits_is_answered_when_the_process_ends(cast):
    make_torrent(cast.account, "Sintel")
    token = make_token(cast.viewer)
    cursor = program_with(token).get(CHANGES).json()["cursor"]
    thread = asking(token, cursor)
    waiting.ENDING.set()
    thread.join(10)
    waiting.ENDING.clear()
    assert (thread.got.status_code, thread.got.json()["cursor"]) == (200, cursor)


@pytest.mark.parametrize("what", ["the token", "the person"])
@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_revoked_while_it_waits_learns_nothing(cast, what):
    make_torrent(cast.account, "Sintel")
    token = make_token(cast.viewer)
    thread = asking(token, program_with(token).get(CHANGES).json()["cursor"])
    (token.row if what == "the token" else User.objects.get(pk=cast.viewer.pk)).delete()
    TorBoxAccount.objects.update(shown_revision=F("shown_revision") + 1)
    thread.join(25)
    assert problem(thread.got) == (401, "unauthenticated")
