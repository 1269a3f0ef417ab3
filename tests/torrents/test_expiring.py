"""What TorBox removes soon: the status and the tab of such torrents, and what postpones their removal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from accounts.clients import client_for
from accounts.models import TorBoxAccount
from links.services import downloading
from links.services.downloading import Wanted
from tests.factories import make_account, make_hash, make_key, make_torrent
from torrents.models import Torrent
from torrents.models.torrents import LISTS_LAG
from torrents.removal import KEPT_FOR
from torrents.services.actions import adding, editing, keeping
from torrents.services.sync import refreshing
from torrents.states import Status

LIST, DAY = "torrents:list", 86_400
BEFORE = [("torrents", "0014_own_sentences")]


@pytest.fixture
def clock(sim, time_machine):
    """Stand still, at TorBox and here, and return what lets time pass for both."""
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)

    def passes(**span: float) -> None:
        time_machine.shift(timedelta(**span))
        sim.control.advance(timedelta(**span).total_seconds())

    return passes


def removed_in(days: float, **columns):
    return {"removal_at": timezone.now() + timedelta(days=days)} | columns


def read(cast) -> None:
    cast.account.refresh_from_db()
    assert refreshing.refresh(cast.account, fresh=True)
    cast.account.refresh_from_db()


def shown(client, **query) -> str:
    return client.get(reverse(LIST), query).content.decode()


def status_of(page: str) -> tuple[str, str, str]:
    """Return tone, words, and tooltip of the status of the first row."""
    found = re.search(
        r'<span class="status" data-tone="(\w+)"\s*(?:title="([^"]*)")?\s*>([^<]*)</span>', page
    )
    assert found
    return found[1], found[3], found[2] or ""


def tabs(client, **query) -> dict[str, int]:
    return {tab.key: tab.count for tab in client.get(reverse(LIST), query).context["listing"].tabs}


def names(client, **query) -> list[str]:
    return [
        row.name for row in client.get(reverse(LIST), {"tab": "expiring"} | query).context["listing"].rows
    ]


def test_the_date_of_torbox_is_stored_with_each_list(cast, at_torbox, clock):
    row = at_torbox(age=27 * DAY)
    assert (row.removal_at, row.removal_estimated) == (row.expires_at, False)
    assert abs(row.removal_at - timezone.now() - timedelta(days=3)) < timedelta(hours=1)
    moving = at_torbox("downloading", hash=make_hash("moving"), download_seconds=9_000)
    assert moving.removal_at is None


@pytest.mark.django_db(transaction=True)
def test_rows_of_an_earlier_version_get_their_date_from_a_list_that_did_not_change(cast, at_torbox, request):
    at_torbox(age=27 * DAY)
    with client_for(cast.account) as client:
        (item,) = client.list_torrents(fresh=True)
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old = executor.loader.project_state(BEFORE).apps.get_model("torrents", "Torrent")
    earlier = {"row_digest": "0" * 32, "list_digest": f"01234567{item.digest}"}
    assert old.objects.update(**earlier) == 1
    call_command("migrate", verbosity=0)
    assert Torrent.objects.get().removal_at is None
    read(cast)
    row = Torrent.objects.get()
    assert row.removal_at and row.removal_at == row.expires_at
    revision = cast.account.revision
    read(cast)
    assert cast.account.revision == revision, "it is read again once, not each time"


def test_a_status_in_the_last_week_says_when_the_torrent_expires(cast, sign_in, clock):
    make_torrent(cast.account, **removed_in(10))
    client = sign_in(cast.owner)
    assert status_of(shown(client)) == ("ready", "Ready", "")
    clock(days=4)
    tone, words, why = status_of(shown(client))
    assert (tone, words) == ("waiting", "Expiring in 6 days")
    assert re.fullmatch("TorBox removes it on .+, unless someone downloads it first.", why)
    clock(days=5, hours=21)
    assert status_of(shown(client))[1] == "Expiring in 3 hours"
    clock(hours=12)
    assert status_of(shown(client))[1] == "Expiring soon"
    clock(days=3)
    assert status_of(shown(client))[1] == "Ready", "the date was wrong"


def test_an_estimate_is_told_as_one(cast, sign_in, clock):
    make_torrent(cast.account, **removed_in(3, removal_estimated=True))
    tone, words, why = status_of(shown(sign_in(cast.owner)))
    assert (tone, words) == ("waiting", "Expiring in about 3 days")
    assert "30 days after their last download. By our estimate, that’s on " in why


def test_a_torrent_that_expires_can_be_downloaded_as_ever(cast, sign_in):
    row = make_torrent(cast.account, **removed_in(3))
    page = shown(sign_in(cast.owner))
    assert reverse("links:download_file", args=[row.pk, row.files.get().pk]) in page


def test_the_tab_holds_ready_torrents_of_the_last_week_which_are_still_ready(cast, sign_in):
    for name, columns in {
        "Soon": removed_in(3),
        "Late": removed_in(-1),
        "Later": removed_in(8),
        "Wrong": removed_in(-5),
        "Gone": removed_in(3, status=Status.GONE),
        "Deleted": removed_in(3, removed_at=timezone.now()),
        "Undated": {},
    }.items():
        make_torrent(cast.account, name, **columns)
    client = sign_in(cast.owner)
    assert tabs(client) == {"all": 6, "downloading": 0, "ready": 5, "waiting": 0, "failed": 1, "expiring": 2}
    assert sorted(names(client)) == ["Late", "Soon"]


def test_the_tab_shows_only_while_it_holds_something_or_is_open(cast, sign_in):
    make_torrent(cast.account, **removed_in(30))
    client = sign_in(cast.owner)
    assert "expiring" not in tabs(client) and "tab-expiring" not in shown(client)
    assert tabs(client, tab="expiring")["expiring"] == 0
    assert "Nothing here right now" in shown(client, tab="expiring")


def test_search_sort_pages_and_selection_work_within_the_tab(cast, sign_in):
    for number in range(60):
        make_torrent(cast.account, f"Film {number:02}", file_count=0, **removed_in(3))
    make_torrent(cast.account, "Film 99", **removed_in(20))
    make_torrent(cast.account, "A book", **removed_in(3))
    client = sign_in(cast.owner)
    assert names(client, sort="name", page="2") == [f"Film {number}" for number in range(49, 60)]
    assert names(client, q="film", sort="name", page="2") == [f"Film {number}" for number in range(50, 60)]
    found = tabs(client, q="film", tab="expiring")
    assert (found["all"], found["ready"], found["expiring"]) == (61, 61, 60)
    everything = client.get(reverse(LIST), {"tab": "expiring", "q": "book"}).context["listing"].matching
    assert [row.name for row in everything] == ["A book"]


def test_each_person_counts_what_they_see(cast, sign_in):
    elsewhere = make_account(cast.owner, make_key("elsewhere"), "Elsewhere")
    make_torrent(cast.account, "Shared", **removed_in(3))
    make_torrent(cast.account, "Hidden", **removed_in(3, hidden=True, added_by=cast.owner))
    make_torrent(elsewhere, "Elsewhere", **removed_in(3))
    assert sorted(names(sign_in(cast.owner))) == ["Elsewhere", "Hidden", "Shared"]
    assert tabs(sign_in(cast.owner))["expiring"] == 3
    assert names(sign_in(cast.viewer)) == ["Shared"] and tabs(sign_in(cast.viewer))["expiring"] == 1
    assert "expiring" not in tabs(sign_in(cast.outsider))


def test_an_open_page_learns_of_a_torrent_that_expires_by_time_alone(cast, sign_in, at_torbox, clock):
    at_torbox(age=22 * DAY)
    client = sign_in(cast.owner)
    listing = client.get(reverse(LIST)).context["listing"]
    assert listing.counts["expiring"] == 0
    before = Torrent.objects.get().revision
    clock(days=1, hours=1)
    read(cast)
    assert Torrent.objects.get().revision == before, "TorBox's list is as it was"
    answer = client.get(listing.changes_url)
    assert answer.status_code == 200 and answer.context["listing"].counts["expiring"] == 1


def test_a_download_moves_the_date_and_open_pages_learn_of_it(cast, sign_in, at_torbox, clock):
    row, client = at_torbox(age=27 * DAY), sign_in(cast.viewer)
    listing = client.get(reverse(LIST)).context["listing"]
    assert status_of(shown(client))[1] == "Expiring in 3 days"
    assert client.get(reverse("links:download_zip", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    now = timezone.now()
    assert (row.taken_at, row.removal_at, row.removal_estimated) == (now, now + KEPT_FOR, True)
    answer = client.get(listing.changes_url)
    assert answer.status_code == 200 and answer.context["listing"].counts["expiring"] == 0
    assert status_of(answer.content.decode())[1] == "Ready"


def test_once_torbox_has_counted_the_download_its_new_date_is_certain(cast, sign_in, at_torbox, clock):
    row = at_torbox(age=27 * DAY)
    link = sign_in(cast.viewer).get(reverse("links:download_zip", args=[row.pk]))["Location"]
    clock(minutes=1)
    assert requests.get(link, timeout=5).ok
    read(cast)
    row.refresh_from_db()
    assert (row.removal_at, row.removal_estimated) == (row.expires_at, False)
    assert abs(row.removal_at - timezone.now() - KEPT_FOR) < timedelta(seconds=1)


def test_copied_links_move_the_dates_of_all_their_torrents(cast, sim, at_torbox, clock):
    rows = [at_torbox(age=27 * DAY, hash=make_hash(name)) for name in ("one", "two", "three")]
    sim.control.fail(
        "requestdl",
        status=404,
        body={"success": False, "error": "ITEM_NOT_FOUND", "detail": "", "data": None},
    )
    downloading.links_for(person=cast.viewer, wanted=[Wanted(row) for row in rows], user_ip=None)
    taken = Torrent.objects.filter(taken_at=timezone.now())
    assert taken.count() == 2 and all(row.removal_estimated for row in taken)
    assert not Torrent.objects.get(taken_at=None).removal_estimated


def test_a_player_that_asks_again_and_again_writes_once_an_hour(cast, at_torbox, clock):
    row = at_torbox(age=27 * DAY)
    for _ in range(3):
        downloading.link_for(person=cast.viewer, torrent=Torrent.objects.get(pk=row.pk))
        clock(minutes=10)
    row.refresh_from_db()
    first, revision = timezone.now() - timedelta(minutes=30), row.revision
    assert row.taken_at == first
    clock(hours=1)
    downloading.link_for(person=cast.viewer, torrent=row)
    row.refresh_from_db()
    assert row.taken_at == timezone.now() and row.revision > revision


def test_a_date_that_torbox_repeats_after_a_download_counts_again(cast, at_torbox, clock):
    """Its clock may count something else as a download. Its lists lag, so an early one proves nothing."""
    row = at_torbox(age=27 * DAY)
    Torrent.objects.filter(pk=row.pk).update(taken_at=timezone.now())
    row.refresh_from_db()
    row.settle_removal()
    row.save()
    clock(minutes=2)
    read(cast)
    row.refresh_from_db()
    assert row.removal_estimated
    clock(seconds=LISTS_LAG.total_seconds())
    read(cast)
    row.refresh_from_db()
    assert (row.removal_at, row.removal_estimated) == (row.expires_at, False)
    revision = cast.account.revision
    clock(minutes=20)
    read(cast)
    assert cast.account.revision == revision, "it is compared once, not with each list"


def test_a_kept_torrent_never_expires(cast, sign_in, clock):
    row = make_torrent(cast.account, active=True, airlocked=True, file_count=3)
    row.settle_removal()
    row.save()
    for _ in range(3):
        client = sign_in(cast.owner)
        page = shown(client)
        assert status_of(page)[1] == "Ready" and "</i>Kept</span>" in page
        assert "3 files · seeding" in page and "expiring" not in tabs(client)
        clock(days=15)


def test_keep_is_offered_to_whoever_controls_a_torrent_that_expires_where_the_plan_has_airlock(cast, sign_in):
    TorBoxAccount.objects.update(plan=2)
    row = make_torrent(cast.account, active=True, added_by=cast.owner, **removed_in(3))
    keep = f'formaction="{reverse("torrents:keep", args=[row.pk])}"'
    page = shown(sign_in(cast.owner))
    assert keep in page and "1 file · seeding" in page and ">seeding</span>" not in page
    page = shown(sign_in(cast.viewer))
    assert keep not in page and ">seeding</span>" in page and "1 file · seeding" not in page
    assert keep not in shown(sign_in(cast.member)), "someone else added it"
    for column in (removed_in(20), {"pending": "delete", **removed_in(3)}):
        Torrent.objects.update(**column)
        assert keep not in shown(sign_in(cast.owner))
    Torrent.objects.update(pending="")
    TorBoxAccount.objects.update(plan=0)
    assert keep not in shown(sign_in(cast.owner)), "the free plan has no AirLock"


def test_keeping_a_torrent_takes_its_date_at_once_and_undoing_gives_it_back(cast, sign_in, at_torbox, clock):
    row, client = at_torbox(age=27 * DAY), sign_in(cast.owner)
    batch = keeping.keep(person=cast.owner, torrents=[row], kept=True)
    row.refresh_from_db()
    assert (row.airlocked, row.removal_at) == (True, None) and "expiring" not in tabs(client)
    assert editing.undo(person=cast.owner, batch_id=batch.pk) == 1
    row.refresh_from_db()
    assert (row.airlocked, row.removal_at) == (False, row.expires_at)


def test_the_page_of_a_torrent_says_when_it_is_removed_and_how_we_know(cast, sign_in, clock):
    certain = make_torrent(cast.account, "Certain", **removed_in(20))
    estimated = make_torrent(cast.account, "Estimated", **removed_in(3, removal_estimated=True))
    kept = make_torrent(cast.account, "Kept", airlocked=True)
    ended = make_torrent(cast.account, "Ended", **removed_in(3, status=Status.GONE))
    client = sign_in(cast.viewer)
    pages = {
        row.name: client.get(reverse("torrents:detail", args=[row.pk])).content.decode()
        for row in (certain, estimated, kept, ended)
    }
    assert "unless someone downloads it first" in pages["Certain"]
    assert re.search(r"<bdi>Around \w+ \d+ \(estimate\)</bdi>", pages["Estimated"])
    assert "By our estimate" in pages["Estimated"]
    assert "Expiring in about 3 days" in pages["Estimated"]
    assert "Kept with AirLock" in pages["Kept"]
    assert "Removal" not in pages["Ended"]


def test_a_torrent_that_is_added_again_has_no_date_until_it_is_ready(cast):
    row = make_torrent(cast.account, status=Status.FAILED, **removed_in(2))
    adding.add_again(person=cast.owner, torrent=row)
    row.refresh_from_db()
    assert (row.status, row.removal_at) == (Status.WAITING, None)


def test_after_30_days_torbox_removes_it_and_the_row_says_so(cast, sign_in, at_torbox, clock):
    row, client = at_torbox(age=DAY), sign_in(cast.owner)
    for days, words in ((1, "Ready"), (24, "Expiring in 4 days"), (3, "Expiring in 1 day")):
        clock(days=days)
        read(cast)
        assert status_of(shown(client))[1] == words
    clock(days=2)
    read(cast)
    row.refresh_from_db()
    assert (row.status, row.removal_at) == (Status.GONE, None)
    assert "expiring" not in tabs(client)


def test_too_few_seeds_to_finish_is_stalled_and_says_that_torbox_continues(cast, sign_in, at_torbox):
    row = at_torbox("incomplete", progress=0.4)
    assert (row.status, row.reason) == (Status.STALLED, "")
    page = shown(sign_in(cast.owner))
    assert status_of(page)[:2] == ("waiting", "Stalled")
    assert "Too few seeds to finish. TorBox continues when there are more." in page
