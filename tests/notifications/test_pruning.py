"""Old notifications and messages are deleted, without telling people anything twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.events import Kind
from notifications.models import Delivery, DeliveryState, Notification
from notifications.services import pruning
from tests.factories import make_torrent
from tests.notifications.drafts import draft, make_channel
from torrents.states import Status

pytestmark = pytest.mark.django_db


def told(person, days: int, kind: str = Kind.READY, **fields) -> Notification:
    note = draft(person, kind, at=timezone.now() - timedelta(days=days), **fields)
    note.save()
    return note


def is_kept(note) -> bool:
    pruning.prune()
    return type(note).objects.filter(pk=note.pk).exists()


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_what_was_read_stays_for_a_month(cast, days, kept):
    assert is_kept(told(cast.member, days, read_at=timezone.now())) is kept


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_what_is_not_in_the_bell_stays_for_a_month(cast, days, kept):
    assert is_kept(told(cast.member, days, in_bell=False)) is kept


@pytest.mark.parametrize(("days", "kept"), [(31, True), (89, True), (91, False)])
def test_what_is_unread_stays_for_three_months(cast, days, kept):
    assert is_kept(told(cast.member, days)) is kept


def test_what_needs_attention_stays_until_it_is_solved(cast):
    note = told(cast.member, 200, Kind.KEY_REJECTED, account=cast.account, read_at=timezone.now())
    assert is_kept(note)
    Notification.objects.update(resolved_at=timezone.now())
    assert not is_kept(note)


def test_what_is_still_stalled_stays_so_that_it_is_not_told_again(cast):
    torrent = make_torrent(cast.account, status=Status.STALLED)
    torrent.status_since = timezone.now() - timedelta(days=201)
    torrent.save()
    note = told(cast.member, 200, Kind.STALLED, torrent=torrent)
    assert is_kept(note)
    torrent.status_since = timezone.now()
    torrent.save()
    assert not is_kept(note)


def test_the_first_of_a_burst_stays_as_long_as_the_others(cast):
    first, other = (
        told(cast.member, 31, read_at=timezone.now()),
        told(cast.member, 29, read_at=timezone.now()),
    )
    Notification.objects.update(burst=first)
    assert is_kept(first)
    Notification.objects.filter(pk=other.pk).update(at=first.at)
    assert not is_kept(first) and not is_kept(other)


@pytest.mark.parametrize(
    ("state", "is_test", "days", "kept"),
    [
        (DeliveryState.SENT, False, 29, True),
        (DeliveryState.SENT, False, 31, False),
        (DeliveryState.SENT, True, 8, False),
        (DeliveryState.GIVEN_UP, False, 6, True),
        (DeliveryState.GIVEN_UP, False, 8, False),
        (DeliveryState.DROPPED, False, 8, False),
    ],
)
def test_ended_messages_stay_for_a_while(cast, state, is_test, days, kept):
    row = Delivery.objects.create(
        channel=make_channel(cast.member),
        person=cast.member,
        source="test",
        is_test=is_test,
        state=state,
        ended_at=timezone.now() - timedelta(days=days),
    )
    assert is_kept(row) is kept


def test_a_message_that_waits_stays(cast):
    row = Delivery.objects.create(channel=make_channel(cast.member), person=cast.member, source="test")
    assert is_kept(row)
