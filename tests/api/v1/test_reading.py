"""What programs read besides torrents: files, tags, activity, accounts, saving, and whether all works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TorBoxAccount
from api.scopes import Scope
from tests.api.factories import make_token, program_with
from tests.api.v1.test_problems import problem
from tests.api.v1.test_torrents import pages_of
from tests.factories import give_files, make_torrent, tag
from tests.saving.factories import make_folder, make_job
from torrents.models import Activity, AddRequest, Heartbeat, Usage, UsageDay
from torrents.saving_states import SavingState

pytestmark = pytest.mark.django_db
FILES = ["Sintel/b.mkv", "Sintel/a/ä \u2028.srt", "Sintel/c 100%.txt"]


class TestFiles:
    def test_files_come_in_pages(self, cast, program):
        film = make_torrent(cast.account, "Sintel")
        give_files(film, FILES)
        client, path = program(cast.viewer), f"/api/v1/torrents/{film.pk}/files"
        whole = client.get(path).json()["items"]
        assert {one["path"] for one in whole} == {*FILES}
        assert list(pages_of(client, path, limit=1)) == whole

    def test_files_that_have_not_changed_are_not_sent_again(self, cast, program):
        film = make_torrent(cast.account, "Sintel", files_digest="a" * 32)
        client, path = program(cast.viewer), f"/api/v1/torrents/{film.pk}/files"
        known = {"if-none-match": client.get(path).headers["ETag"]}
        assert client.get(path, headers=known).status_code == 304
        film.files_digest = "b" * 32
        film.save()
        assert client.get(path, headers=known).status_code == 200


def test_tags_come_with_how_many_torrents_have_them(cast, program):
    tag(make_torrent(cast.account, "Sintel"), "Films", "Short")
    tag(make_torrent(cast.account, "Tears of Steel"), "Films")
    tag(make_torrent(cast.account, "Secret", hidden=True, added_by=cast.member), "Secret")
    got = program(cast.viewer).get("/api/v1/tags").json()["items"]
    assert got == [{"name": "Films", "torrents": 2}, {"name": "Short", "torrents": 1}]


def test_each_tab_has_its_number(cast, program):
    make_torrent(cast.account, "Sintel", folded_name="sintel")
    make_torrent(cast.account, "Tears of Steel", status="failed")
    client = program(cast.viewer)
    counts = client.get("/api/v1/counts").json()
    assert (counts["all"], counts["ready"], counts["failed"], counts["waiting"]) == (2, 1, 1, 0)
    assert client.get("/api/v1/counts", {"search": "sintel"}).json()["all"] == 1


class TestActivity:
    @pytest.fixture
    def events(self, cast) -> list[Activity]:
        film = make_torrent(cast.account, "Sintel")
        secret = make_torrent(cast.account, "Secret", hidden=True, added_by=cast.member)
        Activity.record(film, Activity.Kind.ADDED, person=cast.member)
        Activity.record(film, Activity.Kind.FAILED, code="timed_out", upstream_detail="timed out")
        Activity.record(film, Activity.Kind.CONTROLLED, person=cast.owner, code="pause")
        Activity.record(secret, Activity.Kind.ADDED, person=cast.member)
        return list(Activity.objects.all())

    def test_events_are_codes_with_a_sentence(self, cast, program, events):
        got = program(cast.viewer).get("/api/v1/activity").json()
        assert [one["kind"] for one in got["items"]] == ["controlled", "failed", "added"]
        paused, failed, added = got["items"]
        assert (paused["code"], paused["detail"]) == ("pause", "Paused by Owner")
        assert (failed["code"], failed["upstream_detail"]) == ("timed_out", "timed out")
        assert added["person"] == {"id": cast.member.pk, "name": "Member"}

    def test_events_come_in_pages(self, cast, program, events):
        client = program(cast.viewer)
        whole = client.get("/api/v1/activity").json()["items"]
        assert list(pages_of(client, "/api/v1/activity", limit=1)) == whole
        assert problem(client.get("/api/v1/activity", {"cursor": "x"})) == (422, "cursor")

    def test_events_can_be_filtered(self, cast, program, events):
        client = program(cast.viewer)

        def kinds(**query) -> list[str]:
            return [one["kind"] for one in client.get("/api/v1/activity", query).json()["items"]]

        assert kinds(kind="failed") == ["failed"]
        assert kinds(person=cast.member.pk) == ["added"]
        assert kinds(torrent=events[-1].torrent_id) == ["controlled", "failed", "added"]
        assert problem(client.get("/api/v1/activity", {"torrent": events[0].torrent_id})) == (
            404,
            "not_found",
        )
        assert problem(client.get("/api/v1/activity", {"kind": "x"})) == (422, "invalid")


class TestAccounts:
    def test_an_account_shows_its_plan_to_its_owner_only(self, cast, program):
        TorBoxAccount.objects.update(plan=2, plan_name="Pro")
        own = program(cast.owner).get("/api/v1/accounts").json()["items"][0]
        shared = program(cast.viewer).get("/api/v1/accounts").json()["items"][0]
        assert (own["level"], own["plan"]["name"]) == ("own", "Pro")
        assert (shared["level"], shared["plan"], shared["health"]) == ("view", None, "ok")

    def test_no_answer_holds_an_api_key(self, cast, program):
        text = program(cast.owner).get("/api/v1/accounts").content.decode()
        assert cast.key not in text and cast.account.last_four not in text.replace(cast.account.label, "")

    def test_the_queue_says_what_waits_and_what_is_left(self, cast, program):
        film = make_torrent(cast.account, "Sintel", status="waiting", remote_id=None)
        AddRequest.objects.create(torrent=film)
        (limits,) = program(cast.member).get("/api/v1/queue").json()["items"]
        assert (limits["waiting"], limits["adds_left"], limits["adds_an_hour"]) == (1, 60, 60)
        assert program(cast.viewer).get("/api/v1/queue").json()["items"] == []

    def test_usage_is_for_the_owner_of_the_account(self, cast, program):
        today = timezone.now().date()
        Usage.objects.create(account=cast.account, asked_at=timezone.now(), read_at=timezone.now())
        for back in (0, 1, 40):
            UsageDay.objects.create(account=cast.account, day=today - timedelta(days=back), downloaded=10)
        path = f"/api/v1/accounts/{cast.account.pk}/usage"
        got = program(cast.owner).get(path).json()
        assert (got["downloaded"], len(got["days"]), got["expected"]) == (20, 3, False)
        assert program(cast.member).get(path).status_code == 404


class TestSaving:
    def test_jobs_are_those_of_torrents_that_the_person_sees(self, cast, program, save_dir):
        film = make_torrent(cast.account, "Sintel")
        job = make_job(film, make_folder("Films"), cast.member, state=SavingState.FAILED, cause="key")
        client = program(cast.member)
        (got,) = client.get("/api/v1/saving/jobs").json()["items"]
        assert got == client.get(f"/api/v1/saving/jobs/{job.pk}").json()
        assert (got["state"], got["cause"], got["folder"], got["may_control"]) == (
            "failed",
            "key",
            "Films",
            True,
        )
        assert got["detail"]
        assert not program(cast.viewer).get(f"/api/v1/saving/jobs/{job.pk}").json()["may_control"]
        assert program(cast.outsider).get("/api/v1/saving/jobs").json()["items"] == []

    def test_jobs_can_be_filtered_and_come_in_pages(self, cast, program, save_dir):
        folder, now = make_folder("Films"), timezone.now()
        film = make_torrent(cast.account, "Sintel")
        make_job(film, folder, cast.owner, state=SavingState.SAVED, ended_at=now, created_at=now)
        other = make_torrent(cast.account, "Other")
        make_job(other, folder, cast.owner, created_at=now - timedelta(hours=1))
        client = program(cast.owner)

        def states(**query) -> list[str]:
            return [one["state"] for one in client.get("/api/v1/saving/jobs", query).json()["items"]]

        assert states() == ["saved", "waiting"]
        assert states(unfinished=True) == ["waiting"] == states(state="waiting") == states(torrent=other.pk)
        assert len(list(pages_of(client, "/api/v1/saving/jobs", limit=1))) == 2

    def test_folders_are_those_that_the_person_may_use(self, cast, program, save_dir):
        make_folder("Films")
        make_folder("Private", for_everyone=False)
        names = [one["name"] for one in program(cast.member).get("/api/v1/saving/folders").json()["items"]]
        assert names == ["Films"]

    @pytest.mark.parametrize("path", ["folders", "jobs", "jobs/1"])
    def test_where_saving_is_off_there_is_nothing(self, cast, program, path):
        assert problem(program(cast.owner).get(f"/api/v1/saving/{path}")) == (409, "saving_off")


def test_every_token_may_ask_what_it_may_do(cast):
    token = make_token(cast.member, Scope.QBITTORRENT, Scope.ADD, name="Sonarr")
    got = program_with(token).get("/api/v1/me").json()
    assert got["person"] == {"id": cast.member.pk, "name": "Member", "role": "member", "may_add": True}
    assert (got["token"]["name"], got["token"]["scopes"], got["token"]["expires_at"]) == (
        "Sonarr",
        ["add", "qbittorrent"],
        None,
    )


def test_the_status_says_whether_the_worker_runs_and_torbox_works(cast, program):
    client = program(cast.viewer)
    assert client.get("/api/v1/status").json()["ok"] is False
    Heartbeat.sign("worker here")
    got = client.get("/api/v1/status").json()
    assert got["ok"] and got["worker"]["running"] and got["accounts"][0]["health"] == "ok"
    TorBoxAccount.objects.update(health="unreachable")
    assert client.get("/api/v1/status").json()["ok"] is False


def test_times_are_in_utc(cast, program):
    made = make_torrent(cast.account, "Sintel")
    assert program(cast.owner).get(f"/api/v1/torrents/{made.pk}").json()["added_at"].endswith("Z")
