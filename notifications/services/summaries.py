"""Daily and weekly summaries: at 8 in the morning of each person's time zone, weekly ones on Sunday."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.deadlines import SKEW
from accounts.models import User
from torrents.models import Activity, Torrent
from torrents.removal import soon, window

from ..events import Kind
from ..models import Notification, NotificationSettings, Summary
from .publishing import publish
from .recipients import zone_of

AT = time(8)
SUNDAY = 6  # of `weekday()`
DAY = timedelta(days=1)
PERIODS = {Summary.DAILY: DAY, Summary.WEEKLY: 7 * DAY}
LONGEST = 31 * DAY  # what a summary tells after the app was off
COUNTED = {
    Activity.Kind.ADDED: "added",
    Activity.Kind.READY: "ready",
    Activity.Kind.FAILED: "failed",
}


def summarize_due() -> int:
    """Publish the summaries that are due, and return how many."""
    now = timezone.now()
    chosen = NotificationSettings.objects.exclude(summary=Summary.NEVER).filter(person__is_active=True)
    return sum(_summarize(row, now) for row in chosen.select_related("person"))


def last_moment(summary: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when a summary of this kind was due last."""
    today = now.astimezone(zone).date()
    days_back = (today.weekday() - SUNDAY) % 7 if summary == Summary.WEEKLY else 0
    moment = datetime.combine(today - timedelta(days=days_back), AT, zone)
    if moment > now:
        moment = datetime.combine(moment.date() - PERIODS[Summary(summary)], AT, zone)
    return moment


@transaction.atomic
def _summarize(chosen: NotificationSettings, now: datetime) -> int:
    """Publish a person's summary if it is due. The first one is due at the first moment after they chose it."""
    person = chosen.person
    moment = last_moment(chosen.summary, now, zone_of(person))
    told = chosen.summarized_at
    if told is None or told > now + SKEW:  # a wrong clock wrote it
        _note(chosen, now)
        return 0
    if told >= moment or not _note(chosen, moment):
        return 0
    since = max(told, moment - LONGEST)
    counts = _counts(person, since, moment, now)
    if not any(counts.values()):
        return 0
    days = max(1, round((moment - since) / DAY))
    source = f"summary:{person.pk}:{moment.date().isoformat()}"
    draft = Notification(
        person=person, kind=Kind.SUMMARY, source=source, at=now, params={**counts, "days": days}
    )
    return publish([draft])


def _note(chosen: NotificationSettings, until: datetime) -> bool:
    """Note up to when the person was told. Return False if another worker just did."""
    rows = NotificationSettings.objects.filter(pk=chosen.pk, summarized_at=chosen.summarized_at)
    return rows.update(summarized_at=until) == 1


def _counts(person: User, since: datetime, until: datetime, now: datetime) -> dict[str, int]:
    """Return how many torrents were added, became ready, or failed, and how many TorBox removes within a week."""
    events = Activity.objects.visible_to(person).filter(kind__in=COUNTED, at__gt=since, at__lte=until)
    counted = events.order_by().values("kind").annotate(count=Count("torrent", distinct=True))
    counts = dict.fromkeys(COUNTED.values(), 0)
    counts |= {COUNTED[Activity.Kind(row["kind"])]: row["count"] for row in counted}
    expiring = Torrent.objects.visible_to(person).filter(soon(*window(now)))
    return {**counts, "expiring": expiring.count()}
