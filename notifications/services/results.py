"""Write what came of a message, into its rows and its channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.transactions import in_transaction
from torrents.formatting import display_name

from ..channels.message import Outcome
from ..models import Channel, Delivery, DeliveryState, Trouble
from ..models.channels import MAX_DETAIL
from .backoff import wait_after
from .claiming import Batch

TRIED_FOR = timedelta(days=1)
UNCLAIMED: dict[str, Any] = {"claim": "", "claimed_at": None}
WORKS: dict[str, Any] = {
    "failing_since": None,
    "failures": 0,
    "retry_at": None,
    "trouble": "",
    "status": None,
    "upstream_detail": "",
}


@in_transaction
def record(batch: Batch, outcome: Outcome) -> None:
    """Write the result of a message. Does nothing for rows or a channel that were removed in the meantime."""
    now = timezone.now()
    channel = Channel.objects.select_for_update(no_key=True).filter(pk=batch.channel.pk).first()
    if channel is None:
        return
    if outcome.delivered:
        _end(batch.rows, DeliveryState.SENT, outcome, now)
        _write(channel, last_used_at=now, **WORKS)
    elif channel.encrypted_address != batch.channel.encrypted_address and not batch.is_test:
        put_back(batch)  # to the address that replaced the one that failed
    elif channel.is_push and outcome.trouble == Trouble.GONE:
        channel.delete()
    else:
        _fail(channel, batch, outcome, now)


def put_back(batch: Batch) -> None:
    """Let the rows wait again, unsent."""
    batch.rows.update(state=DeliveryState.WAITING, **UNCLAIMED)


def give_up(batch: Batch) -> None:
    """End rows that can't be made into a message."""
    batch.rows.update(state=DeliveryState.GIVEN_UP, ended_at=timezone.now(), **UNCLAIMED)


def _fail(channel: Channel, batch: Batch, outcome: Outcome, now: datetime) -> None:
    """Note the failure at the channel, and give up what was refused or waits for more than a day."""
    failures = channel.failures + 1
    _write(
        channel,
        failing_since=channel.failing_since or now,
        failures=failures,
        retry_at=now + wait_after(outcome, failures),
        **_facts(outcome),
    )
    if batch.is_test or not outcome.retry:
        _end(batch.rows, DeliveryState.GIVEN_UP, outcome, now)
        return
    # A clock that was set back makes no message old.
    too_old = Q(created_at__lte=now - TRIED_FOR) | Q(created_at__gt=now + TRIED_FOR)
    _end(batch.rows.filter(too_old), DeliveryState.GIVEN_UP, outcome, now)
    waiting = Delivery.objects.filter(channel=channel, state=DeliveryState.WAITING, due_at__lte=now)
    _end(waiting.filter(too_old), DeliveryState.GIVEN_UP, outcome, now)
    put_back(batch)


def _end(rows: QuerySet[Delivery], state: str, outcome: Outcome, now: datetime) -> None:
    rows.update(state=state, ended_at=now, **UNCLAIMED, **_facts(outcome))


def _facts(outcome: Outcome) -> dict[str, Any]:
    """Return what a service answered as columns, bounded: it is text from outside."""
    status = outcome.status if outcome.status and 0 < outcome.status < 1000 else None
    return {
        "trouble": outcome.trouble or "",
        "status": status,
        "upstream_detail": display_name(outcome.upstream_detail, MAX_DETAIL - 1),
    }


def _write(channel: Channel, **fields: Any) -> None:
    Channel.objects.filter(pk=channel.pk).update(**fields)
