"""Our rows follow TorBox's list, and TorBox is asked no more than it likes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import TorBoxAccount
from tests.factories import give_files, make_account, make_key, make_torrent
from torrents import tasks
from torrents.models import Activity, Torrent
from torrents.services.sync import refreshing
from torrents.states import Status

HASHES = [f"{number:040x}" for number in range(1, 20)]


def read(cast, *, fresh: bool = True) -> bool:
    cast.account.refresh_from_db()
    return refreshing.refresh(cast.account, fresh=fresh)


def seed(sim, cast, state: str, number: int = 1, **more) -> str:
    sim.control.seed(torrents=[{"key": cast.key, "hash": HASHES[number], "state": state, **more}])
    return HASHES[number]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("metadata", Status.METADATA),
        ("downloading", Status.DOWNLOADING),
        ("stalled", Status.STALLED),
        ("failed", Status.FAILED),
        ("storing", Status.STORING),
        ("seeding", Status.READY),
        ("completed", Status.READY),
        ("cached", Status.READY),
        ("paused", Status.PAUSED),
        ("expired", Status.GONE),
        ("queued", Status.QUEUED),
    ],
)
def test_every_state_of_torbox_has_its_word(cast, sim, state, status):
    seed(sim, cast, state)
    assert read(cast)
    assert Torrent.objects.get().status == status


def test_a_downloading_torrent_moves_and_becomes_ready(cast, sim):
    seed(sim, cast, "downloading", progress=0.2, download_seconds=100)
    read(cast)
    before = Torrent.objects.get()
    sim.control.advance(30)
    read(cast)
    moved = Torrent.objects.get()
    assert before.progress < moved.progress < 1 and moved.revision > before.revision
    sim.control.advance(600)
    read(cast)
    assert Torrent.objects.get().downloadable
    assert Activity.objects.filter(torrent=moved, kind=Activity.Kind.READY).exists()


def test_reading_what_has_not_changed_writes_no_row(cast, sim):
    for number in range(10):
        seed(sim, cast, "completed", number)
    read(cast)
    revision = TorBoxAccount.objects.get(pk=cast.account.pk).revision
    with CaptureQueriesContext(connection) as queries:
        read(cast)
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not [sql for sql in written if "torrents_" in sql]
    assert TorBoxAccount.objects.get(pk=cast.account.pk).revision == revision


def test_what_changed_here_after_a_reading_is_mended_by_the_next_though_the_list_is_the_same(cast, sim):
    seed(sim, cast, "completed")
    read(cast)
    row = Torrent.objects.get()
    Torrent.objects.update(missing_since=timezone.now())
    read(cast)
    row.refresh_from_db()
    assert row.missing_since is None
    Torrent.objects.update(removed_at=timezone.now())
    read(cast)
    row.refresh_from_db()
    assert row.removed_at is None and row.downloadable


def test_one_that_changed_among_many_that_did_not_is_the_only_one_written(cast, sim):
    for number in range(5):
        seed(sim, cast, "completed", number)
    seed(sim, cast, "downloading", 9)
    read(cast)
    before = dict(Torrent.objects.values_list("pk", "revision"))
    sim.control.advance(30)
    read(cast)
    after = dict(Torrent.objects.values_list("pk", "revision"))
    assert len([pk for pk in before if after[pk] != before[pk]]) == 1 and before.keys() == after.keys()


def test_files_keep_their_rows_while_the_list_of_files_is_the_same(cast, sim):
    seed(sim, cast, "seeding")
    read(cast)
    before = set(Torrent.objects.get().files.values_list("pk", flat=True))
    sim.control.advance(60)
    read(cast)
    assert before and set(Torrent.objects.get().files.values_list("pk", flat=True)) == before


def test_the_search_finds_files_by_what_the_last_list_says(cast, sim, sign_in):
    seed(sim, cast, "seeding")
    read(cast)
    row, client = Torrent.objects.get(), sign_in(cast.owner)
    path = row.files.latest("size").path
    url = reverse("torrents:list")

    def found(query: str) -> list[Torrent]:
        return client.get(url, {"q": query}).context["listing"].rows

    assert found(path.upper()) == found(path[-12:]) == [row]
    give_files(row, ["From an older list.mkv"])
    Torrent.objects.update(files_digest="", list_digest="")
    read(cast)
    assert found("from an older") == [] and found(path) == [row]


def test_a_torrent_that_is_missing_once_is_not_gone(cast, sim):
    info_hash = seed(sim, cast, "completed", age=86400)
    read(cast)
    sim.control.drop_from_list(cast.key, info_hash, times=1)
    read(cast)
    row = Torrent.objects.get()
    assert row.status == Status.READY and row.missing_since
    read(cast)
    row.refresh_from_db()
    assert row.status == Status.READY and row.missing_since is None


def test_a_torrent_that_is_missing_twice_is_gone_and_can_be_added_again(cast, sim, sign_in, time_machine):
    info_hash = seed(sim, cast, "completed", age=86400)
    read(cast)
    sim.control.remove(cast.key, info_hash)
    read(cast)
    read(cast)
    assert Torrent.objects.get().status == Status.READY, "two lists of the same minute are one sighting"
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    read(cast)
    row = Torrent.objects.get()
    assert row.status == Status.GONE
    sign_in(cast.owner).post(reverse("torrents:retry", args=[row.pk]))
    row.refresh_from_db()
    assert row.status == Status.WAITING


@pytest.mark.parametrize("kind", ["drop", "truncate"])
def test_a_broken_answer_changes_no_row(cast, sim, kind):
    seed(sim, cast, "completed")
    read(cast)
    before = Torrent.objects.values().get()
    sim.control.fail("mylist", kind=kind, times=9)
    assert not read(cast)
    assert Torrent.objects.values().get() == before


def test_the_old_id_of_a_queued_torrent_is_followed_to_the_new_one(cast, sim):
    sim.control.account(cast.key, plan=0, monthly_limit=None)
    seed(sim, cast, "downloading", 1, download_seconds=60)
    info_hash = seed(sim, cast, "queued", 2)
    read(cast)
    queued = Torrent.objects.get(info_hash=info_hash)
    assert queued.queued_id and queued.remote_id is None
    sim.control.advance(4000)
    read(cast)
    started = Torrent.objects.get(info_hash=info_hash)
    assert started.pk == queued.pk and started.remote_id and started.queued_id is None


def test_two_workers_do_not_read_the_same_list(cast, sim):
    assert cast.account.take_lease("refresh")
    assert not read(cast)
    assert sim.control.count("mylist", cast.key) == 0


def test_an_outage_is_said_with_since_when_and_ends_by_itself(cast, sim, sign_in):
    seed(sim, cast, "completed")
    read(cast)
    sim.stop()
    assert not read(cast)
    page = sign_in(cast.owner).get(reverse("torrents:list")).content.decode()
    assert "TorBox hasn’t responded since" in page and Torrent.objects.get().name in page
    sim.restart()
    assert read(cast)
    assert "hasn’t responded" not in sign_in(cast.owner).get(reverse("torrents:list")).content.decode()


def test_a_failing_account_is_asked_less_and_less(cast, sim):
    sim.stop()
    waits = []
    for _ in range(4):
        read(cast)
        cast.account.refresh_from_db()
        waits.append((cast.account.probe_at - timezone.now()).total_seconds())
        assert refreshing.due_account_ids() == []
        TorBoxAccount.objects.filter(pk=cast.account.pk).update(probe_at=timezone.now())
    assert waits == sorted(waits) and waits[-1] > 30
    sim.restart()
    assert read(cast)
    cast.account.refresh_from_db()
    assert (cast.account.failures, cast.account.probe_at) == (0, None)


def test_after_an_act_only_that_torrent_is_read(cast, sim, at_torbox):
    row = at_torbox("downloading", hash=HASHES[1])
    sim.control.reset_calls()
    refreshing.refresh_one(row)
    calls = sim.control.calls()
    assert sim.control.count("mylist", cast.key, bypass=True) == sim.control.count() == 1, calls


def test_refresh_now_waits_ten_seconds_between_two(cast, sim, sign_in):
    client = sign_in(cast.owner)
    for _ in range(2):
        client.post(reverse("torrents:refresh"))
        for account_id in refreshing.due_account_ids():
            tasks.refresh_account(account_id)
    assert sim.control.count("mylist", cast.key, bypass=True) == 1


def test_refresh_now_answers_at_once_says_that_it_is_asking_and_ends_an_outage(cast, sim, sign_in):
    sim.stop()
    read(cast)
    sim.restart()
    seed(sim, cast, "completed")
    assert refreshing.due_account_ids() == [], "it is left in peace until its next probe"
    sim.control.fail("mylist", kind="delay", delay=0.5)
    answer = sign_in(cast.owner).post(reverse("torrents:refresh"), headers={"HX-Request": "true"})
    assert "Trying again now" in answer.content.decode()
    assert sim.control.count("mylist", cast.key) == 0
    for account_id in refreshing.due_account_ids():
        tasks.refresh_account(account_id)
    assert Torrent.objects.count() == 1
    assert "Updated just now" in sign_in(cast.owner).get(reverse("torrents:list")).content.decode()


def test_two_people_who_share_one_key_share_its_budget_evenly(cast, sim, two_people):
    home = two_people()
    for number, client in enumerate(home.clients):
        text = "\n".join(f"{number + 1}{one:039x}" for one in range(40))
        client.post(reverse("torrents:add"), {"text": text, "seed": "1"})
    home.run(3540, step=60)
    assert sim.control.count("createtorrent", cast.key) == 60
    sent = Torrent.objects.exclude(sent_at=None)
    assert [sent.filter(added_by=one).count() for one in (cast.owner, cast.member)] == [30, 30]


@pytest.mark.parametrize("state", ["completed", "queued"])
def test_a_deleted_torrent_stays_away_while_old_lists_still_show_it(
    cast, sim, at_torbox, settings, sign_in, state
):
    settings.UNDO_SECONDS = 0
    sim.control.options(list_cache_seconds=600, queue_cache_seconds=600)
    row = at_torbox(state, hash=HASHES[1])
    sign_in(cast.owner).post(reverse("torrents:remove", args=[row.pk]))
    tasks.send_controls(cast.account.pk)
    read(cast, fresh=False)
    row.refresh_from_db()
    assert row.removed_at and not Torrent.objects.listed().exists()


def test_a_deleted_torrent_that_torbox_has_under_a_new_id_was_added_elsewhere(
    cast, sim, at_torbox, settings, sign_in
):
    settings.UNDO_SECONDS = 0
    row = at_torbox("completed", hash=HASHES[1])
    sign_in(cast.owner).post(reverse("torrents:remove", args=[row.pk]))
    tasks.send_controls(cast.account.pk)
    seed(sim, cast, "completed", 1)
    read(cast)
    row.refresh_from_db()
    assert row.removed_at is None


def test_a_deletion_that_did_not_last_shows_again_after_a_quarter_of_an_hour(
    cast, sim, at_torbox, settings, sign_in, time_machine
):
    settings.UNDO_SECONDS = 0
    row = at_torbox("completed", hash=HASHES[1], age=86400)
    answer = {"success": True, "error": None, "detail": "Deleted.", "data": None}
    sim.control.fail("controltorrent", kind="body", body=answer)
    sign_in(cast.owner).post(reverse("torrents:remove", args=[row.pk]))
    tasks.send_controls(cast.account.pk)
    read(cast)
    assert not Torrent.objects.listed().exists()
    time_machine.move_to(timezone.now() + timedelta(minutes=16))
    read(cast)
    row.refresh_from_db()
    assert row.removed_at is None and row.remote_id


def test_outsiders_are_not_read_for(cast, sim):
    other = make_account(cast.outsider, make_key("elsewhere"), label="Elsewhere")
    make_torrent(other)
    assert read(cast)
    assert Torrent.objects.filter(account=other).count() == 1


def test_what_is_read_past_the_cache_counts_also_when_torbox_s_own_time_goes_back(cast, sim):
    sim.control.options(updated_at="backward")
    seed(sim, cast, "downloading", download_seconds=100)
    assert read(cast)
    sim.control.advance(200)
    assert read(cast)
    assert Torrent.objects.get().status == Status.READY


def test_a_time_of_torbox_that_goes_back_holds_a_cached_list_up_for_as_long_as_it_may_be_old(
    cast, sim, time_machine
):
    sim.control.options(updated_at="backward")
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)
    seed(sim, cast, "downloading", download_seconds=100)
    assert read(cast)
    for minutes, status in ((5, Status.DOWNLOADING), (6, Status.READY)):
        sim.control.advance(60 * minutes)
        time_machine.shift(timedelta(minutes=minutes))
        assert read(cast, fresh=False)
        assert Torrent.objects.get().status == status


@pytest.mark.parametrize("rows", ["foreign", "mixed"])
@pytest.mark.parametrize("fresh", [True, False])
def test_the_list_of_another_account_is_refused(cast, sim, sign_in, rows, fresh):
    other = make_key("the neighbors")
    auth_id = next(a["auth_id"] for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    TorBoxAccount.objects.update(auth_id=auth_id)
    sim.control.seed(accounts=[{"key": other, "plan": "pro"}])
    sim.control.seed(torrents=[{"key": other, "hash": HASHES[5], "state": "completed"}])
    seed(sim, cast, "completed")
    assert read(cast)
    before = Torrent.objects.values().get()
    sim.control.options(list_rows=rows)
    sim.control.advance(700)  # so that its cache has it, too
    assert not read(cast, fresh=fresh)
    assert Torrent.objects.values().get() == before
    page = sign_in(cast.owner).get(reverse("torrents:list")).content.decode()
    assert "TorBox sent another account’s torrents for" in page
    sim.control.options(list_rows="own")
    assert read(cast)
    assert TorBoxAccount.objects.get().health == TorBoxAccount.Health.OK
