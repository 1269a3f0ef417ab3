"""What lasts at this moment, as drafts of what people are told about it: one for each person and thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import TorBoxAccount
from torrents import removal
from torrents.models import Activity, Torrent
from torrents.models.activity import MAX_TEXT
from torrents.reasons import Reason
from torrents.states import Status

from ..events import Kind
from ..models import Channel, Delivery, DeliveryState, Notification, NotificationSettings, TorrentChoice
from ..models.preferences import STALLED_HOURS
from .audience import Audience

EXPIRES_IN = timedelta(days=3)
WAITED_FOR = timedelta(hours=1)
PLAN_ENDS_IN = timedelta(days=7)
FAILED_FOR = timedelta(minutes=10)
PATIENT = (Reason.NO_SLOT, Reason.QUEUE_FULL)  # reasons that need no one's attention


def needing_attention(now: datetime) -> list[Notification]:
    """Return drafts of all that needs attention now."""
    return [*_expiring(now), *_waiting(now), *_keys(), *_plans(now), *_channels(now)]


def stalled(now: datetime) -> list[Notification]:
    """Return drafts of torrents that have been stalled for as many hours as the person said.

    Torrents that were stalled when they were first seen tell nothing: no event says when that began.
    """
    hours = dict(NotificationSettings.objects.values_list("person", "stalled_hours"))
    shortest = timedelta(hours=min([STALLED_HOURS, *hours.values()]))
    began = Activity.objects.filter(
        torrent=OuterRef("pk"), kind=Activity.Kind.STALLED, at__gte=OuterRef("status_since")
    )
    rows = _listed().filter(Exists(began), status=Status.STALLED, status_since__lte=now - shortest)
    since = dict(rows.values_list("pk", "status_since"))
    audience = Audience(since)
    return [
        _about(torrent, person_id, Kind.STALLED, since[pk].isoformat(), {"since": since[pk].isoformat()})
        for pk, torrent in audience.torrents.items()
        for person_id in audience.concerned(torrent)
        if since[pk] <= now - timedelta(hours=hours.get(person_id, STALLED_HOURS))
    ]


def _expiring(now: datetime) -> Iterator[Notification]:
    soon = removal.soon(now - removal.OVERDUE, now + EXPIRES_IN)
    columns = ("removal_at", "removal_estimated", "taken_at")
    found = {row["pk"]: row for row in _listed().filter(soon).values("pk", *columns)}
    audience = Audience(found)
    for pk, torrent in audience.torrents.items():
        at, estimated, taken_at = (found[pk][name] for name in columns)
        params = {"at": at.isoformat(), "estimated": estimated, "last_download": _iso(taken_at)}
        for person_id in audience.concerned(torrent):
            yield _about(torrent, person_id, Kind.EXPIRING, at.date().isoformat(), params)


def _waiting(now: datetime) -> Iterator[Notification]:
    """Yield a draft for each person and account with adds that wait for too long."""
    waits: dict[tuple[int, int], list[tuple[datetime, str]]] = {}
    for account_id, person_id, since, reason in _impatient(now):
        waits.setdefault((account_id, person_id), []).append((since, reason))
    audience = Audience((), {account_id for account_id, _ in waits})
    for (account_id, person_id), mine in waits.items():
        if person_id in audience.with_access(account_id):
            (reason, _), since = Counter(reason for _, reason in mine).most_common(1)[0], min(mine)[0]
            yield Notification(
                person_id=person_id,
                kind=Kind.WAITING,
                source=f"{Kind.WAITING.value}:{account_id}:{person_id}:{since.isoformat()}",
                account_id=account_id,
                params={"count": len(mine), "reason": reason},
            )


def _impatient(now: datetime) -> Iterable[tuple[int, int, datetime, str]]:
    """Return adds that wait for too long for something else than a slot or the queue.

    Of each, return the account, the person, since when, and the reason. Events of waits say when they began. The reason
    may have changed since, such as from a rejected API key to an outage.
    """
    waits = Activity.objects.filter(torrent=OuterRef("pk"), kind=Activity.Kind.WAITED)
    patient = waits.filter(code__in=PATIENT, at__gte=OuterRef("added_at")).order_by("-at").values("at")[:1]
    first = waits.filter(at__gt=OuterRef("patient_since")).order_by("at").values("at")[:1]
    muted = TorrentChoice.objects.filter(torrent=OuterRef("pk"), person=OuterRef("added_by"), muted=True)
    rows = _listed().filter(status=Status.WAITING).exclude(reason__in=["", *PATIENT]).exclude(added_by=None)
    return (
        rows.filter(~Exists(muted))
        .annotate(patient_since=Coalesce(Subquery(patient), F("added_at")))
        .annotate(since=Coalesce(Subquery(first), F("patient_since")))
        .filter(since__lte=now - WAITED_FOR)
        .values_list("account_id", "added_by_id", "since", "reason")
    )


def _keys() -> Iterator[Notification]:
    kinds = {
        TorBoxAccount.Health.REJECTED.value: Kind.KEY_REJECTED,
        TorBoxAccount.Health.UNREADABLE.value: Kind.KEY_UNREADABLE,
    }
    waiting = Count("torrents", filter=Q(torrents__status=Status.WAITING, torrents__removed_at=None))
    accounts = _owned().filter(health__in=kinds).annotate(waiting=waiting)
    for account in accounts:
        since = _iso(account.health_since)
        yield _of_account(
            account, kinds[account.health], f"key:{account.pk}:{since}", {"waiting": account.waiting}
        )


def _plans(now: datetime) -> Iterator[Notification]:
    """Yield drafts of plans that end soon, or have just ended."""
    ending = _owned().filter(
        premium_expires_at__gt=now - PLAN_ENDS_IN, premium_expires_at__lte=now + PLAN_ENDS_IN
    )
    for account in ending:
        if at := account.premium_expires_at:
            source = f"plan:{account.pk}:{at.date().isoformat()}"
            yield _of_account(account, Kind.PLAN, source, {"at": at.isoformat()})


def _channels(now: datetime) -> Iterator[Notification]:
    """Yield drafts of channels that have failed for a while, or have lost a message."""
    lost = Delivery.objects.filter(
        channel=OuterRef("pk"), state=DeliveryState.GIVEN_UP, ended_at__gte=OuterRef("failing_since")
    )
    failing = Channel.objects.filter(failing_since__isnull=False, person__is_active=True)
    for channel in failing.filter(Q(failing_since__lte=now - FAILED_FOR) | Exists(lost)):
        since = _iso(channel.failing_since)
        yield Notification(
            person_id=channel.person_id,
            kind=Kind.CHANNEL,
            source=f"channel:{channel.pk}:{since}",
            channel_id=channel.pk,
            params={"since": since, "trouble": channel.trouble},
        )


def _listed() -> QuerySet[Torrent]:
    """Return the listed torrents of all accounts. Their indexes start with the account."""
    return Torrent.objects.listed().filter(
        account__in=list(TorBoxAccount.objects.values_list("pk", flat=True))
    )


def _owned() -> QuerySet[TorBoxAccount]:
    return TorBoxAccount.objects.filter(owner__is_active=True).defer("encrypted_key").order_by("pk")


def _about(torrent: Torrent, person_id: int, kind: Kind, which: str, params: dict[str, Any]) -> Notification:
    return Notification(
        person_id=person_id,
        kind=kind,
        source=f"{kind.value}:{torrent.pk}:{which}",
        account_id=torrent.account_id,
        torrent_id=torrent.pk,
        name=str(torrent)[:MAX_TEXT],
        params=params,
    )


def _of_account(account: TorBoxAccount, kind: Kind, source: str, params: dict[str, Any]) -> Notification:
    return Notification(
        person_id=account.owner_id, kind=kind, source=source, account_id=account.pk, params=params
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
