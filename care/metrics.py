"""`/metrics` for Prometheus, read from the database on every request, in nine queries, ten with saving to disk.

Any web process may respond, and several need no shared memory: all return the same numbers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from accounts.models import TorBoxAccount, UpstreamCall
from accounts.totals import count_calls
from notifications.models import Channel, Delivery, DeliveryState
from saving.models import Job
from torrents import queueing
from torrents.models import AddRequest, ControlRequest, EditRequest, Heartbeat
from torrents.saving_states import SavingState, saves_to_disk

from .status import stores
from .status.accounts import UNDER_WAY

PREFIX = "torboxweb"


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Respond to requests with METRICS_TOKEN. If none is set, the page doesn't exist."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Metrics are off because METRICS_TOKEN isn't set.\n", "text/plain", status=404)
    if not hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    write, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        return HttpResponse(write(_registry), content_type)
    except (Error, OSError):
        return HttpResponse("The database isn't responding.\n", "text/plain", status=503)


class Instance(Collector):
    """The metrics of all processes of this instance together."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield from _calls()
        yield from _accounts(now)
        yield from _outbox(now)
        yield from _messages(now)
        yield from _saving()
        yield from _heartbeats(now)
        yield from _queue()


_registry = CollectorRegistry()
_registry.register(Instance())


def _calls() -> Iterator[Metric]:
    calls = CounterMetricFamily(
        f"{PREFIX}_upstream_calls", "Completed calls to TorBox.", labels=["endpoint", "outcome"]
    )
    counted = count_calls()
    for (endpoint, outcome), count in sorted(counted.items()):
        calls.add_metric([endpoint, outcome], count)
    yield calls
    links = counted["requestdl", UpstreamCall.Outcome.OK]
    yield CounterMetricFamily(f"{PREFIX}_links_requested", "Download links received from TorBox.", links)


def _accounts(now: datetime) -> Iterator[Metric]:
    """Yield the health of accounts and the age of their lists.

    The lag is that of the list that has been due the longest. A list that may not be read now is not late.
    """
    askable = Q(probe_at=None) | Q(probe_at__lte=now)
    rows: Any = TorBoxAccount.objects.order_by().values("health").annotate(
        number=Count("pk"), due=Min("next_refresh_at", filter=askable), read=Min("refreshed_at")
    )  # fmt: skip
    found = {row["health"]: row for row in rows}
    accounts = GaugeMetricFamily(f"{PREFIX}_accounts", "TorBox accounts by health.", labels=["health"])
    for health in TorBoxAccount.Health:
        accounts.add_metric([health], found[health]["number"] if health in found else 0)
    yield accounts
    unusable = (TorBoxAccount.Health.REJECTED, TorBoxAccount.Health.UNREADABLE)
    usable = [row for health, row in found.items() if health not in unusable]
    lag = _age(now, [row["due"] for row in usable])
    yield _gauge("refresh_lag_seconds", "How long the most overdue list has been due.", lag)
    oldest = _age(now, [row["read"] for row in usable])
    yield _gauge("oldest_list_seconds", "Age of the least recently read list.", oldest)


def _outbox(now: datetime) -> Iterator[Metric]:
    requests = GaugeMetricFamily(
        f"{PREFIX}_outbox_requests", "Unfinished requests of people.", labels=["kind", "state"]
    )
    oldest = GaugeMetricFamily(
        f"{PREFIX}_outbox_oldest_seconds", "Age of the oldest unfinished request.", labels=["kind"]
    )
    wanted = AddRequest.objects.filter(torrent__removed_at=None)
    edits = EditRequest.objects.filter(torrent__removed_at=None)  # the others are never sent
    kinds = {"add": wanted, "control": ControlRequest.objects.all(), "edit": edits}
    for kind, rows in {kind: _by_state(requests) for kind, requests in kinds.items()}.items():
        for state in UNDER_WAY:
            requests.add_metric([kind, state], rows.get(state, (0, None))[0])
        oldest.add_metric([kind], _age(now, [since for _, since in rows.values()]))
    yield requests
    yield oldest


def _by_state(requests: QuerySet[Any]) -> dict[str, tuple[int, datetime]]:
    rows = requests.filter(state__in=UNDER_WAY).order_by().values_list("state")
    return {state: (count, since) for state, count, since in rows.annotate(Count("pk"), Min("created_at"))}


def _messages(now: datetime) -> Iterator[Metric]:
    """Yield the messages of notifications that are due, and the channels that take none."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
    found: Any = due.aggregate(number=Count("pk"), oldest=Min("due_at"))
    yield _gauge("notifications_waiting", "Messages that are due.", found["number"])
    oldest = _age(now, [found["oldest"]])
    yield _gauge("notifications_oldest_seconds", "How long the oldest message has been due.", oldest)
    failing = GaugeMetricFamily(
        f"{PREFIX}_notification_channels_failing", "Channels that take no messages.", labels=["kind"]
    )
    rows = Channel.objects.exclude(failing_since=None).order_by().values_list("kind")
    for kind, number in rows.annotate(Count("pk")).order_by("kind"):
        failing.add_metric([kind], number)
    yield failing


def _saving() -> Iterator[Metric]:
    """Yield jobs that save to disk by state, and their bytes. Nothing where saving is off."""
    if not saves_to_disk():
        return
    jobs = GaugeMetricFamily(f"{PREFIX}_saving_jobs", "Jobs that save to disk by state.", labels=["state"])
    unfinished = Q(ended_at=None)
    rows: Any = Job.objects.order_by().values("state").annotate(
        number=Count("pk", filter=unfinished | Q(state=SavingState.SAVED)),  # not those that were canceled
        left=Sum(F("bytes_total") - F("bytes_done"), filter=unfinished),
        done=Sum("bytes_done"),
    )  # fmt: skip
    found = {row["state"]: row for row in rows}
    for state in SavingState:
        jobs.add_metric([state], found[state]["number"] if state in found else 0)
    yield jobs
    left = sum(max(0, row["left"] or 0) for row in found.values())
    yield _gauge("saving_bytes_left", "Bytes that unfinished jobs have yet to save.", left)
    saved = sum(row["done"] for row in found.values())
    yield _gauge("saved_bytes", "Bytes that jobs of the last year have saved.", saved)


def _heartbeats(now: datetime) -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        f"{PREFIX}_heartbeat_age_seconds", "Time since the last heartbeat of a process.", labels=["process"]
    )
    for name, at in Heartbeat.objects.exclude(name=stores.PROBE).order_by("name").values_list("name", "at"):
        ages.add_metric([name], _age(now, [at]))
    yield ages


def _queue() -> Iterator[Metric]:
    """Yield the length of the queue. It is absent while the broker isn't responding."""
    try:
        yield _gauge("queue_messages", "Messages waiting in the queue.", queueing.messages_waiting())
    except queueing.BrokerError:
        return


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", about, value)


def _age(now: datetime, times: list[datetime | None]) -> float:
    """Return the seconds since the earliest time; 0 if there is none or it is in the future."""
    return max((max(0.0, (now - time).total_seconds()) for time in times if time), default=0.0)
