"""A worker without messages looks for due work by itself, so torrents are sent without a broker."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from notifications.models import Notification
from notifications.services import event_reader
from tests.factories import make_hash, make_torrent, sign_in
from tests.notifications.hooks import served
from tests.notifications.telling import make_hook
from torbox_web.celery import app
from torbox_web.queue import due_work
from torbox_web.queue.worker import LastMessage
from torrents.models import Activity, Heartbeat, Torrent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def looker():
    app.loader.import_default_modules()
    made = due_work.DueWork(app)
    yield made
    made.stop()
    if made.is_alive():
        made.join(5)
    made.threads.shutdown(wait=True)


def wait_for(reached) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if reached():
            return True
        time.sleep(0.05)
    return False


def test_due_work_is_done_and_the_worker_has_a_heartbeat(cast, sim, looker, settings):
    settings.UNDO_SECONDS = 0
    info_hash = make_hash("wanted")
    client = sign_in(Client(), cast.owner)
    client.post("/add/", {"text": f"magnet:?xt=urn:btih:{info_hash}&dn=wanted"})
    due = {name for name, _ids in due_work.due_work()}
    assert due >= {"torrents.tasks.send_adds", "torrents.tasks.refresh_account"}
    LastMessage.at = time.monotonic() - due_work.POLL_SECONDS
    looker.start()
    assert wait_for(lambda: sim.control.accepted(cast.key).get(info_hash) == 1)
    assert wait_for(lambda: Torrent.objects.get().remote_id or Torrent.objects.get().queued_id)
    assert Heartbeat.last("worker") is not None


def test_events_are_read_and_messages_sent(cast, looker, settings):
    old, new = make_torrent(cast.account, "Old"), make_torrent(cast.account, "New")
    with served() as hooks:
        settings.NOTIFICATION_ORIGINS = hooks.origins
        make_hook(cast.owner)
        Activity.record(old, Activity.Kind.READY)
        event_reader.read_events()
        Activity.record(new, Activity.Kind.READY)
        LastMessage.at = time.monotonic() - due_work.POLL_SECONDS
        looker.start()
        assert wait_for(lambda: hooks.titles[:1] == ["Old is ready"])
        assert wait_for(lambda: Notification.objects.filter(torrent=new).exists())


def test_regular_work_is_done_at_most_as_often_as_by_beat(looker):
    first = {name for name, _ids in looker._regular_work()}
    assert first == {
        "notifications.tasks.read_events",
        "notifications.tasks.look_at_states",
        "notifications.tasks.summarize",
        "notifications.tasks.prune",
        "links.tasks.prune",
        "api.tasks.prune",
        "api.tasks.fetch_links",
    }
    again = {"notifications.tasks.read_events", "api.tasks.fetch_links"}
    assert {name for name, _ids in looker._regular_work()} == again


def test_while_messages_arrive_the_worker_waits_for_them(cast, sim, looker):
    sign_in(Client(), cast.owner).post("/add/", {"text": f"magnet:?xt=urn:btih:{make_hash('wanted')}"})
    LastMessage.at = time.monotonic()
    looker.start()
    assert not wait_for_two_seconds(lambda: Heartbeat.last("worker"))


def wait_for_two_seconds(reached) -> bool:
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and not reached():
        time.sleep(0.05)
    return bool(reached())
