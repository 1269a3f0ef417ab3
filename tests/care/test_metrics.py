"""The metrics for Prometheus: correct numbers from the database, protected by a token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import CallTotal, TorBoxAccount, UpstreamCall
from saving.models import Job
from tests.factories import make_account, make_key, make_torrent
from tests.saving.factories import make_job
from torrents.models import AddRequest, ControlRequest, EditRequest, Heartbeat, Torrent
from torrents.services.sync import refreshing
from torrents.services.upkeep import pruning
from torrents.states import Status

TOKEN = "a token nobody guesses"


@pytest.fixture
def read(db, settings):
    """Return every sample as {name{labels}: value}."""
    settings.METRICS_TOKEN = TOKEN

    def samples() -> dict[str, float]:
        answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}", "host": "web:8000"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {named(sample): sample.value for family in families for sample in family.samples}

    return samples


def named(sample) -> str:
    labels = ",".join(sample.labels.values())
    return sample.name.removeprefix("torboxweb_") + (f"{{{labels}}}" if labels else "")


def test_metrics_are_off_without_a_token_and_need_it_otherwise(db, client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer something"}).status_code == 401
    assert client.get(f"/metrics?token={TOKEN}").status_code == 401
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain")


def test_calls_are_counted_by_endpoint_and_outcome_and_links_separately(cast, sim, read, sign_in):
    sim.control.seed(torrents=[{"key": cast.key, "files": {"a.mkv": 9}, "state": "completed"}])
    assert refreshing.refresh(cast.account, fresh=True)
    torrent = Torrent.objects.get()
    sign_in(cast.owner).get(f"/torrents/{torrent.pk}/download/")
    sim.control.fail("mylist", kind="500")
    refreshing.refresh(cast.account, fresh=True)
    found = read()
    assert found["upstream_calls_total{requestdl,ok}"] == found["links_requested_total"] == 1
    assert found["upstream_calls_total{mylist,failed}"] == 1
    assert found["upstream_calls_total{mylist,ok}"] == sim.control.count("mylist", cast.key) - 1


def test_counts_never_decrease_when_the_rows_of_calls_are_pruned(cast, read):
    now = timezone.now()
    for minutes in (1, 59, 61, 600, 2000):
        at = now - timedelta(minutes=minutes)
        UpstreamCall.objects.create(account=cast.account, endpoint="mylist", at=at, outcome="ok")
    for _ in range(3):
        assert read()["upstream_calls_total{mylist,ok}"] == 5
        pruning.prune()
    assert CallTotal.objects.get().count == 3 and UpstreamCall.objects.count() == 4


def test_a_call_in_progress_counts_when_it_is_complete(cast, read):
    call = UpstreamCall.objects.create(account=cast.account, endpoint="mylist")
    assert not [name for name in read() if "mylist" in name]
    UpstreamCall.objects.filter(pk=call.pk).update(outcome="ok")
    assert read()["upstream_calls_total{mylist,ok}"] == 1


def test_the_outbox_has_a_depth_and_an_age(cast, read):
    past = timezone.now() - timedelta(minutes=10)
    for number, state in enumerate(["waiting", "waiting", "unsure", "done"]):
        torrent = make_torrent(cast.account, f"Wish {number}", remote_id=None, status=Status.WAITING)
        AddRequest.objects.create(torrent=torrent, state=state, created_at=past)
    ControlRequest.objects.create(torrent=torrent, operation="pause")
    found = read()
    assert found["outbox_requests{add,waiting}"] == 2 and found["outbox_requests{add,unsure}"] == 1
    assert found["outbox_requests{control,waiting}"] == 1
    assert 600 <= found["outbox_oldest_seconds{add}"] < 700 and found["outbox_oldest_seconds{control}"] < 60


def test_edits_of_deleted_torrents_are_not_in_the_outbox(cast, read):
    past = timezone.now() - timedelta(minutes=10)
    for number, removed_at in enumerate([None, past]):
        torrent = make_torrent(cast.account, f"Film {number}", removed_at=removed_at)
        EditRequest.objects.create(torrent=torrent, name="New", created_at=past)
    assert read()["outbox_requests{edit,waiting}"] == 1


def test_the_lag_is_that_of_the_most_overdue_list_that_may_be_read(cast, read):
    now = timezone.now()
    TorBoxAccount.objects.update(next_refresh_at=now - timedelta(minutes=5), refreshed_at=now)
    for name, fields in {
        "refused": {"health": "rejected"},
        "silent": {"probe_at": now + timedelta(1)},
    }.items():
        due = now - timedelta(hours=1)
        make_account(cast.owner, make_key(name), name, next_refresh_at=due, **fields)
    found = read()
    assert 300 <= found["refresh_lag_seconds"] < 400
    assert found["accounts{ok}"] == 2 and found["accounts{rejected}"] == 1


def test_heartbeats_and_the_queue_are_included(read):
    Heartbeat.sign("worker nas")
    found = read()
    assert found["heartbeat_age_seconds{worker nas}"] < 60 and found["queue_messages"] >= 0


def test_metrics_cost_nine_queries_whatever_the_amount_of_data(cast, read, django_assert_num_queries):
    with django_assert_num_queries(9):
        read()
    for number in range(20):
        account = make_account(cast.owner, make_key(f"more {number}"))
        torrent = make_torrent(account)
        AddRequest.objects.create(torrent=torrent)
        UpstreamCall.objects.create(account=account, endpoint=f"endpoint{number}", outcome="ok")
    with django_assert_num_queries(9):
        read()


def test_they_name_no_person_account_or_torrent(cast, client, settings):
    settings.METRICS_TOKEN = TOKEN
    make_torrent(cast.account, "A private film")
    text = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()
    assert not [word for word in ("private", "Family", "Owner", "owner", cast.key, TOKEN) if word in text]


def test_jobs_that_save_to_disk_are_counted_by_state_only_where_saving_is_on(cast, read, settings, tmp_path):
    assert not [name for name in read() if name.startswith("sav")]
    settings.SAVE_DIR = tmp_path
    film = make_torrent(cast.account, "Film")
    now = timezone.now()
    for state, total, done, ended_at in (
        ("running", 1000, 400, None),
        ("failed", 500, 0, None),
        ("saved", 300, 300, now),
        ("paused", 700, 100, now),  # canceled
    ):
        make_job(film, state=state, ended_at=ended_at)
        Job.objects.filter(state=state).update(bytes_total=total, bytes_done=done)
    found = read()
    states = {name: count for name, count in found.items() if name.startswith("saving_jobs") and count}
    assert states == {"saving_jobs{running}": 1, "saving_jobs{failed}": 1, "saving_jobs{saved}": 1}
    assert found["saving_bytes_left"] == 1100 and found["saved_bytes"] == 800
