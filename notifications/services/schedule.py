"""Until when messages to a person are held: quiet hours, storms, and the limit of messages an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.deadlines import recent
from accounts.models import User

from ..models import Channel, Delivery, DeliveryState
from .recipients import settings_of, zone_of

STORM = timedelta(minutes=2)
SINGLY = 5  # messages to one channel within `STORM`; what is beyond goes out in one
MESSAGES_PER_HOUR = 30  # to one person, by all channels
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAX_HELD = timedelta(hours=25)  # quiet hours on the day when clocks go back


def held_until(channel: Channel, person: User, rows: Sequence[Delivery], now: datetime) -> datetime | None:
    """Return until when due rows of one channel and person have to wait; None if they may go out now."""
    ends = quiet_until(person, now) or _limited_until(person, now)
    if ends is None and not any(row.held or row.message for row in rows):
        ends = _storm_until(channel, person, rows, now)
    return ends if ends and ends > now else None


def quiet_until(person: User, now: datetime) -> datetime | None:
    """Return when the quiet hours end that a person has now, or None."""
    chosen = settings_of(person)
    if chosen.quiet_from is None or chosen.quiet_until is None:
        return None
    return end_of_quiet(chosen.quiet_from, chosen.quiet_until, now, zone_of(person))


def end_of_quiet(begins: time, ends: time, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the end of daily quiet hours that `now` lies in, or None. They may go past midnight."""
    local = now.astimezone(zone)
    clock = local.time()
    past_midnight = ends < begins
    if begins <= clock < ends or (past_midnight and (clock >= begins or clock < ends)):
        day = local.date() + (timedelta(0) if clock < ends else DAY)
        first = datetime.combine(day, ends, zone)
        # When clocks go back, the time comes twice that day.
        until = first if first > now else first.replace(fold=1)
        return until if until > now else None
    return None


def release(person: User) -> int:
    """Let what is held for a person be looked at again, because their quiet hours changed. Return how many rows."""
    held = Delivery.objects.filter(person=person, state=DeliveryState.WAITING, held=True)
    return held.update(due_at=timezone.now())


def _limited_until(person: User, now: datetime) -> datetime | None:
    """Return when the person may get another message, if they got too many within the last hour."""
    theirs = Delivery.objects.filter(person=person, is_test=False).order_by()
    sent = theirs.filter(recent("ended_at", HOUR, now), state=DeliveryState.SENT)
    # A query each: for both at once, databases read all that the person was ever sent.
    messages: dict[tuple[int, str], datetime] = {}
    for rows, column in ((sent, "ended_at"), (theirs.filter(state=DeliveryState.SENDING), "claimed_at")):
        for channel_id, message, at in rows.values_list("channel", "message").annotate(Max(column)):
            messages[channel_id, message] = at or now
    latest = sorted(messages.values(), reverse=True)[:MESSAGES_PER_HOUR]
    return latest[-1] + HOUR if len(latest) == MESSAGES_PER_HOUR else None


def _storm_until(channel: Channel, person: User, rows: Sequence[Delivery], now: datetime) -> datetime | None:
    """Return the end of the two minutes in which too much happened for single messages."""
    known = Delivery.objects.filter(channel=channel, person=person, is_test=False)
    fresh = _made_lately(known, now) | {row.pk: row.created_at for row in rows}
    if len(fresh) <= SINGLY:
        return None
    digests = known.filter(recent("ended_at", STORM, now), state=DeliveryState.SENT, held=True)
    last = digests.aggregate(last=Max("ended_at"))["last"]
    return (last or min(fresh.values())) + STORM


def _made_lately(known: QuerySet[Delivery], now: datetime) -> dict[int, datetime]:
    lately = known.filter(recent("created_at", STORM, now))
    waiting = lately.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    ended = lately.filter(recent("ended_at", STORM, now)).exclude(state=DeliveryState.DROPPED)
    return {pk: at for rows in (waiting, ended) for pk, at in rows.values_list("pk", "created_at")}
