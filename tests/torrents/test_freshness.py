"""The one line over the list: what it says while nothing works in the background."""

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


def test_a_worker_that_went_silent_is_said_with_since_when(client, time_machine):
    time_machine.move_to("2026-03-03 14:03:30+00:00", tick=False)
    silent_for(90)
    assert line(client) == (
        "Nothing is being sent or refreshed: the background worker has given no sign since 14:02. "
        "Your adds are kept."
    )


def test_one_worker_that_lives_is_enough(client):
    silent_for(900, "worker old")
    silent_for(5, "worker new")
    silent_for(900, "beat")
    assert line(client).startswith("Updated")


def test_before_the_first_start_nothing_is_said_until_an_add_has_waited_for_a_minute(client):
    assert line(client).startswith("Updated")
    paste(client, seconds_ago=50)
    assert line(client).startswith("Updated")
    AddRequest.objects.update(due_at=timezone.now() - timedelta(seconds=70))
    assert "the background worker has not been started yet. Your adds are kept." in line(client)


def test_what_was_deleted_before_it_was_sent_does_not_wait(client):
    paste(client, seconds_ago=70)
    Torrent.objects.update(removed_at=timezone.now())
    assert line(client).startswith("Updated")


def test_an_open_page_learns_by_its_poll_that_the_worker_went_and_that_it_is_back(client):
    silent_for(5)
    url = client.get(reverse(LIST)).context["listing"].changes_url
    assert client.get(url).status_code == 204
    silent_for(90)
    answer = client.get(url)
    assert answer.status_code == 200 and "Nothing is being sent or refreshed" in answer.content.decode()
    url = answer.context["listing"].changes_url
    assert client.get(url).status_code == 204
    silent_for(1)
    assert "Nothing is being sent" not in client.get(url).content.decode()


def test_a_poll_with_nothing_new_asks_the_database_as_often_as_without_a_worker(
    client, django_assert_max_num_queries
):
    silent_for(5)
    url = client.get(reverse(LIST)).context["listing"].changes_url
    with django_assert_max_num_queries(2):
        assert client.get(url).status_code == 204


def test_a_key_that_has_to_be_entered_comes_first(client, cast):
    silent_for(90)
    cast.account.mark_health(cast.account.Health.REJECTED, "Bad token.")
    page = client.get(reverse(LIST)).content.decode()
    assert "TorBox refuses the key of Family" in page and "Enter a new key" in page
