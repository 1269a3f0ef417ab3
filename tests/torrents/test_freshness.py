"""The line above the list: what it says while no worker runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from torrents.models import AddRequest, Heartbeat, Torrent

LIST = "torrents:list"
MAGNET = "magnet:?xt=urn:btih:" + "a" * 40


@pytest.fixture
def client(cast, sign_in):
    cast.account.refreshed_at = timezone.now()
    cast.account.save()
    return sign_in(cast.owner)


def line(client) -> str:
    return client.get(reverse(LIST)).context["freshness"].text


def silent_for(seconds: int, name: str = "worker nas") -> None:
    Heartbeat.sign(name)
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(seconds=seconds))


def paste(client, seconds_ago: int) -> None:
    client.post(reverse("torrents:add"), {"text": MAGNET})
    AddRequest.objects.update(due_at=timezone.now() - timedelta(seconds=seconds_ago))


def test_a_worker_that_stopped_is_reported_with_the_time(client, time_machine):
    time_machine.move_to("2026-03-03 14:03:30+00:00", tick=False)
    silent_for(90)
    assert line(client) == (
        "The background worker hasn’t responded since 2:02\u202fPM, so nothing is sent or refreshed. "
        "Your adds are kept."
    )


def test_one_running_worker_is_enough(client):
    silent_for(900, "worker old")
    silent_for(5, "worker new")
    silent_for(900, "beat")
    assert line(client).startswith("Updated")


def test_a_missing_worker_is_reported_when_an_add_has_waited_for_a_minute(client):
    assert line(client).startswith("Updated")
    paste(client, seconds_ago=50)
    assert line(client).startswith("Updated")
    AddRequest.objects.update(due_at=timezone.now() - timedelta(seconds=70))
    assert "The background worker hasn’t been started yet, so nothing is sent. Your adds are kept." in line(
        client
    )


def test_an_add_deleted_before_it_was_sent_does_not_wait(client):
    paste(client, seconds_ago=70)
    Torrent.objects.update(removed_at=timezone.now())
    assert line(client).startswith("Updated")


def test_a_poll_reports_when_the_worker_stops_and_returns(client):
    silent_for(5)
    url = client.get(reverse(LIST)).context["listing"].changes_url
    assert client.get(url).status_code == 204
    silent_for(90)
    answer = client.get(url)
    assert answer.status_code == 200 and "so nothing is sent or refreshed" in answer.content.decode()
    url = answer.context["listing"].changes_url
    assert client.get(url).status_code == 204
    silent_for(1)
    assert "so nothing is sent" not in client.get(url).content.decode()


def test_a_poll_without_changes_needs_as_many_queries_as_without_a_worker(
    client, django_assert_max_num_queries
):
    silent_for(5)
    url = client.get(reverse(LIST)).context["listing"].changes_url
    with django_assert_max_num_queries(2):
        assert client.get(url).status_code == 204


def test_a_rejected_key_is_reported_first(client, cast):
    silent_for(90)
    cast.account.mark_health(cast.account.Health.REJECTED, upstream_detail="Bad token.")
    page = client.get(reverse(LIST)).content.decode()
    assert "TorBox rejected the API key for <bdi>Family</bdi>" in page and "Enter a new API key" in page
