"""Messages reach their channel once: claims, failures, back-off, what is dropped, and what is given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from celery.worker import state
from django.db import connection
from django.utils import timezone

from accounts.models import Share
from localization.formats import file_size
from notifications.channels.message import Outcome
from notifications.models import Channel, ChannelKind, Cursor, Delivery, DeliveryState, Notification, Trouble
from notifications.services import channels, choices, claiming, delivering, results
from tests.factories import make_user
from tests.notifications.drafts import make_channel
from tests.notifications.hooks import CLOSE, LOSE
from tests.notifications.telling import deliver, make_hook, make_torrents, states, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mara(cast):
    return cast.member


@pytest.fixture
def film(cast):
    return make_torrents(cast.member, cast.account, 1)[0]


def later(**time: float):
    return time_machine.travel(timezone.now() + timedelta(**time))


def test_a_message_is_sent_once(mara, film, hooks):
    make_hook(mara)
    tell(mara, [film])
    assert deliver() == 1
    assert deliver() == 0
    assert hooks.titles == ["Film 0 is ready"]
    assert states() == ["sent"]


def test_a_success_is_noted_at_the_channel(mara, film, hooks):
    channel = make_hook(mara)
    Channel.objects.update(failing_since=timezone.now(), failures=3, trouble=Trouble.TIMEOUT)
    tell(mara, [film])
    deliver()
    channel.refresh_from_db()
    assert channel.last_used_at is not None
    assert (channel.failing_since, channel.failures, channel.trouble) == (None, 0, "")


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [(500, Trouble.SERVICE_ERROR), (429, Trouble.RATE_LIMITED), (CLOSE, Trouble.UNREACHABLE)],
)
def test_a_failure_that_may_end_by_itself_is_tried_again_with_the_same_id(mara, film, hooks, answer, trouble):
    channel = make_hook(mara)
    hooks.script.append(answer)
    tell(mara, [film])
    assert deliver() == 0
    channel.refresh_from_db()
    row = Delivery.objects.get()
    assert (row.state, channel.trouble, channel.failures) == ("waiting", trouble, 1)
    assert deliver() == 0 and not hooks.taken  # not before the wait is over
    with later(seconds=40):
        assert deliver() == 1
    assert [message.id for message in hooks.taken] == [row.message]
    channel.refresh_from_db()
    assert channel.failing_since is None


def test_a_service_whose_answer_was_lost_sees_the_same_id_again(mara, film, hooks):
    make_hook(mara)
    hooks.script.append(LOSE)
    tell(mara, [film])
    deliver()
    with later(seconds=40):
        deliver()
    first, second = hooks.taken
    assert first.id == second.id and first.body["torrents"] == second.body["torrents"]


def test_a_message_that_may_have_arrived_is_sent_again_as_it_was(mara, cast, hooks):
    make_hook(mara)
    hooks.script.append(LOSE)
    films = make_torrents(mara, cast.account, 10)
    tell(mara, films[:1])
    deliver()
    tell(mara, films[1:])
    with later(minutes=3):
        assert deliver() == 2
    assert hooks.titles == ["Film 0 is ready", "Film 0 is ready", "9 torrents are ready"]


def test_waits_double_up_to_an_hour(mara, film, hooks):
    channel = make_hook(mara)
    hooks.otherwise = lambda path: 503
    tell(mara, [film])
    waits, at = [], timezone.now()
    for _ in range(9):
        with time_machine.travel(at, tick=False):
            deliver()
            channel.refresh_from_db()
            waits.append((channel.retry_at - at).total_seconds())
            at = channel.retry_at
    for number, wait in enumerate(waits):
        doubled = min(30 * 2**number, 3600)
        assert doubled * 0.79 <= wait <= min(doubled * 1.21, 3600)


@pytest.mark.parametrize(("asked", "waited"), [("90", 90), ("86400", 3600)])
def test_a_service_may_say_how_long_to_wait_up_to_an_hour(mara, film, hooks, asked, waited):
    channel = make_hook(mara)
    hooks.script.append(429)
    hooks.headers = {"Retry-After": asked}
    tell(mara, [film])
    with time_machine.travel(timezone.now(), tick=False):
        deliver()
        channel.refresh_from_db()
        assert (channel.retry_at - timezone.now()).total_seconds() == waited


def test_a_refusal_is_given_up_at_once_and_shown(mara, film, hooks):
    channel = make_hook(mara)
    hooks.script.append(403)
    tell(mara, [film])
    deliver()
    channel.refresh_from_db()
    row = Delivery.objects.get()
    assert (row.state, row.trouble, row.status) == ("given_up", Trouble.REFUSED, 403)
    assert (channel.trouble, channel.status) == (Trouble.REFUSED, 403)
    assert channel.failing_since is not None


def test_a_message_is_given_up_after_a_day(mara, cast, hooks):
    make_hook(mara)
    hooks.otherwise = lambda path: 500
    old, new = make_torrents(mara, cast.account, 2)
    tell(mara, [old])
    deliver()
    with later(hours=23):
        tell(mara, [new])
        deliver()
        assert states() == ["waiting", "waiting"]
    with later(hours=24, minutes=10):
        deliver()
        assert states(source=f"ready:{old.pk}") == ["given_up"]
        assert states(source=f"ready:{new.pk}") == ["waiting"]


def test_rows_of_a_worker_that_died_are_sent_again_with_the_same_id(mara, film, hooks):
    channel = make_hook(mara)
    tell(mara, [film])
    batch = claiming.next_batch(channel.pk)
    assert deliver() == 0
    with later(minutes=1):
        assert deliver() == 0 and not delivering.has_due()
    with later(minutes=2, seconds=1):
        assert delivering.has_due() and deliver() == 1
    assert not delivering.has_due()
    assert [message.id for message in hooks.taken] == [batch.message]


def test_two_workers_never_claim_the_same_rows(mara, film, hooks):
    channel = make_hook(mara)
    tell(mara, [film])
    assert claiming.next_batch(channel.pk) is not None
    assert claiming.next_batch(channel.pk) is None


def test_a_result_is_not_written_over_that_of_another_worker(mara, film, hooks):
    channel = make_hook(mara)
    tell(mara, [film])
    slow = claiming.next_batch(channel.pk)
    with later(minutes=3):
        deliver()
        hooks.script.append(500)
        delivering._deliver(slow)
        assert states() == ["sent"]


def test_a_worker_that_slept_after_its_claim_does_not_send(mara, film, hooks, monkeypatch):
    channel = make_hook(mara)
    tell(mara, [film])
    batch = claiming.next_batch(channel.pk)
    slept = claiming.Batch(
        batch.channel, batch.person, batch.message, False, batch.claim, claimed_on=batch.claimed_on - 31
    )
    assert not delivering._deliver(slept)
    assert states() == ["waiting"] and not hooks.taken


def test_one_worker_sends_at_a_time(mara, film, hooks):
    make_hook(mara)
    tell(mara, [film])
    soon = timezone.now() + timedelta(seconds=30)
    Cursor.objects.update_or_create(name="deliveries", defaults={"holder": "another", "until": soon})
    assert deliver() == 0
    with later(seconds=31):
        assert deliver() == 1


def test_a_lease_and_a_wait_of_a_wrong_clock_do_not_stop_messages(mara, film, hooks):
    make_hook(mara)
    tell(mara, [film])
    far = timezone.now() + timedelta(days=400)
    Cursor.objects.update_or_create(name="deliveries", defaults={"holder": "another", "until": far})
    Channel.objects.update(retry_at=far)
    Delivery.objects.update(due_at=far)
    assert deliver() == 1


def test_messages_are_neither_delayed_nor_lost_when_the_clock_is_set_back(mara, film, hooks):
    make_hook(mara)
    with later(hours=20):
        tell(mara, [film])
    hooks.script.append(500)
    assert deliver() == 0
    assert states() == ["waiting"]
    with later(minutes=1):
        assert deliver() == 1


def test_what_a_person_may_no_longer_see_is_dropped(mara, film, hooks):
    make_hook(mara)
    tell(mara, [film])
    film.added_by = None
    film.hidden = True
    film.save()
    assert deliver() == 0
    assert states() == ["dropped"]


def test_what_is_on_an_account_that_is_no_longer_shared_is_dropped(mara, film, hooks):
    make_hook(mara)
    tell(mara, [film])
    Share.objects.filter(user=mara).delete()
    assert deliver() == 0
    assert states() == ["dropped"]


def test_a_torrent_that_was_hidden_meanwhile_does_not_reach_the_household(cast, film, hooks):
    boss = make_user("boss", role="owner")
    channel = make_hook(boss, "/family", household=True)
    tell(cast.member, [film])
    note = Notification.objects.get()
    Delivery.objects.create(channel=channel, person=cast.member, notification=note, source=note.source)
    film.hidden = True
    film.save()
    assert deliver() == 0
    assert states() == ["dropped"]


def test_what_is_about_a_torrent_that_was_muted_meanwhile_is_dropped(mara, cast, film, hooks):
    make_hook(mara)
    make_hook(cast.owner, "/owner")
    tell(mara, [film])
    tell(cast.owner, [film])
    choices.mute(mara, film.pk)
    assert deliver() == 1
    assert [message.path for message in hooks.taken] == ["/owner"]
    assert states(person=mara) == ["dropped"]


def test_what_was_solved_or_deleted_meanwhile_is_dropped(mara, cast, hooks):
    make_hook(mara)
    solved, deleted = make_torrents(mara, cast.account, 2)
    tell(mara, [solved, deleted])
    Notification.objects.filter(torrent=solved).update(resolved_at=timezone.now())
    deleted.removed_at = timezone.now()
    deleted.save()
    assert deliver() == 0
    assert states() == ["dropped", "dropped"]


def test_a_suspended_person_gets_nothing(mara, film, hooks):
    channel = make_hook(mara)
    tell(mara, [film])
    channels.send_test(channel, mara)
    mara.is_active = False
    mara.save()
    assert deliver() == 0
    assert states() == ["dropped", "dropped"]


def test_a_channel_or_person_that_goes_while_sending_does_no_harm(mara, film, hooks):
    channel = make_hook(mara)
    tell(mara, [film])
    batch = claiming.next_batch(channel.pk)
    mara.delete()
    assert not delivering._deliver(batch)
    assert not Delivery.objects.exists()


def test_a_webhook_that_is_gone_stays(mara, film, hooks):
    channel = make_hook(mara)
    hooks.otherwise = lambda path: 410
    tell(mara, [film])
    deliver()
    channel.refresh_from_db()
    assert channel.trouble == Trouble.GONE and states() == ["given_up"]


def test_a_device_that_is_gone_is_forgotten(mara, film):
    channel = make_channel(mara, ChannelKind.PUSH)
    tell(mara, [film])
    results.record(claiming.next_batch(channel.pk), Outcome(Trouble.GONE, status=410))
    assert not Channel.objects.exists() and not Delivery.objects.exists()


def test_a_message_goes_to_the_address_that_replaced_one_that_failed(mara, film, hooks):
    channel = make_hook(mara)
    tell(mara, [film])
    batch = claiming.next_batch(channel.pk)
    channels.replace(channel, mara, {"url": "https://hooks.example/new"})
    hooks.script.append(403)
    delivering._deliver(batch)
    channel.refresh_from_db()
    assert states() == ["waiting"] and channel.failing_since is None
    deliver()
    assert [message.path for message in hooks.taken] == ["/new"]


def test_a_test_message_is_sent_first_and_at_once(mara, film, hooks):
    channel = make_hook(mara)
    hooks.script.append(500)
    tell(mara, [film])
    deliver()
    test = channels.send_test(channel, mara)
    assert deliver() == 2  # the service works again, so what waits follows
    assert hooks.titles == ["Test from TorBox Web", "Film 0 is ready"]
    test.refresh_from_db()
    assert test.state == DeliveryState.SENT


def test_a_test_message_says_what_the_service_answered_and_is_not_repeated(mara, hooks):
    channel = make_hook(mara)
    hooks.otherwise = lambda path: 503
    test = channels.send_test(channel, mara)
    deliver()
    test.refresh_from_db()
    assert (test.state, test.trouble, test.status, test.upstream_detail) == (
        DeliveryState.GIVEN_UP,
        Trouble.SERVICE_ERROR,
        503,
        "no",
    )
    with later(hours=2):
        assert deliver() == 0
    assert hooks.refused == {"503": 1}


def test_a_message_has_links_to_the_instance_below_its_path(mara, film, hooks, settings):
    settings.SITE_ORIGIN, settings.SITE_PATH = "https://home.example", "/torbox"
    make_hook(mara)
    tell(mara, [film])
    deliver()
    body = hooks.taken[0].body
    assert body["url"] == f"https://home.example/torbox/torrents/{film.pk}/"
    assert body["torrents"] == [
        {
            "id": film.pk,
            "name": "Film 0",
            "info_hash": film.info_hash,
            "size": 1_000_000,
            "url": f"https://home.example/torbox/torrents/{film.pk}/",
        }
    ]


def test_a_message_is_in_the_language_of_its_receiver(mara, film, hooks):
    mara.language, film.size = "de", 1_500_000_000
    mara.save()
    film.save()
    make_hook(mara)
    tell(mara, [film])
    deliver()
    assert "1,5\xa0GB" in hooks.taken[0].body["body"]
    assert file_size(film.size) == "1.5 GB"  # and this thread speaks English again


def test_each_channel_of_a_person_gets_it(mara, film, hooks):
    make_hook(mara, "/a")
    make_hook(mara, "/b")
    tell(mara, [film])
    assert deliver() == 2
    assert sorted(message.path for message in hooks.taken) == ["/a", "/b"]


def test_another_channel_goes_on_while_one_fails(mara, film, hooks):
    make_hook(mara, "/down")
    make_hook(mara, "/up")
    hooks.otherwise = lambda path: 500 if path == "/down" else 200
    tell(mara, [film])
    assert deliver() == 1
    assert [message.path for message in hooks.taken] == ["/up"]


def test_channels_are_served_at_the_same_time(cast, hooks):
    people = [make_user(f"person {number}", role="owner") for number in range(6)]
    for person in people:
        channel = make_hook(person, f"/{person.pk}")
        channels.send_test(channel, person)
    assert deliver() == 6
    assert len({message.path for message in hooks.taken}) == 6


def test_a_slow_service_does_not_keep_another_waiting(cast, hooks):
    slow, quick = make_hook(cast.member, "/slow"), make_hook(cast.owner, "/quick")

    def answer(path: str) -> int:
        if path == "/slow":
            channels.send_test(quick, cast.owner)  # it becomes due while the other one is slow
            connection.close()
            hooks.arrived.wait(10)
        return 200

    hooks.otherwise = answer
    channels.send_test(slow, cast.member)
    assert deliver() == 2
    assert [message.path for message in hooks.taken] == ["/quick", "/slow"]


def test_a_slow_service_does_not_delay_the_next_message_to_another(cast, hooks):
    slow, quick = make_hook(cast.member, "/slow"), make_hook(cast.owner, "/quick")

    def answer(path: str) -> int:
        if path == "/slow":
            hooks.arrived.wait(10)  # for the first message to the other one
            channels.send_test(quick, cast.owner)
            connection.close()
            hooks.released.wait(20)
        return 200

    hooks.otherwise = answer
    hooks.on_take = lambda message: hooks.released.set() if len(hooks.at("/quick")) == 2 else None
    channels.send_test(quick, cast.owner)
    channels.send_test(slow, cast.member)
    assert deliver() == 3
    assert [message.path for message in hooks.taken] == ["/quick", "/quick", "/slow"]


def test_a_worker_that_stops_starts_no_more_messages(mara, film, hooks, monkeypatch):
    make_hook(mara)
    tell(mara, [film])
    monkeypatch.setattr(state, "should_stop", 0)
    assert deliver() == 0
    assert states() == ["waiting"]
    monkeypatch.setattr(state, "should_stop", None)
    assert deliver() == 1
