"""What became of operations that a person started for one or more torrents at once. Each result is reported once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.bookkeeping import write_if_possible
from accounts.models import User
from accounts.prepared_query import Prepared
from torrents.models import Batch, ControlRequest, EditRequest, RequestState
from torrents.operations import DELETE, EDITS
from torrents.states import Status

MAX_REASONS = 3
OPEN = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]


def _ended(person: int) -> QuerySet[Batch]:
    """Return the batches of a person that have ended and weren't reported.

    Edits of torrents that TorBox doesn't have yet may wait for weeks, and don't delay the report of the others.
    """
    still_open = ControlRequest.objects.filter(batch=OuterRef("pk"), state__in=OPEN)
    edits = EditRequest.objects.filter(batch=OuterRef("pk"), state__in=OPEN, torrent__status=Status.READY)
    ended = Batch.objects.filter(~Exists(still_open), ~Exists(edits), person=person, reported_at=None)
    return ended.order_by("pk")


ENDED = Prepared(_ended)


@dataclass(frozen=True)
class Failure:
    """Why `count` torrents of a batch failed: a reason, and TorBox's own sentence."""

    reason: str
    upstream_detail: str
    count: int


@dataclass(frozen=True)
class BatchResult:
    """How an operation on `total` torrents ended. `failures` are the most common ones.

    `accounts`: the keys of the TorBox accounts on which it failed.
    """

    operation: str
    total: int
    failed: int
    failures: tuple[Failure, ...]
    accounts: tuple[int, ...] = ()


def unreported(person: User) -> list[BatchResult]:
    """Return the results of batches that have ended since the last call, and mark them as reported."""
    results = []
    for batch in ENDED.rows([person.pk]):
        row = Batch.objects.filter(pk=batch.pk, reported_at=None)
        # If the database takes no writes now, it is reported later.
        mine = write_if_possible(partial(row.update, reported_at=timezone.now()))
        if mine and (result := _result(batch)):
            results.append(result)
    return results


def _result(batch: Batch) -> BatchResult | None:
    """Return the result, or None if people know it.

    A deletion was announced, one torrent shows its own state, and rows show edits at once.
    """
    requests = batch.edits if batch.operation in EDITS else batch.requests
    states = requests.values_list("state", "reason", "upstream_detail", "torrent__account")
    why = [(reason, said) for state, reason, said, _ in states if state == RequestState.FAILED]
    failures = Counter(why)
    total, failed = len(states), failures.total()
    silent = batch.operation in (DELETE, *EDITS)
    if not total or (not failed and (total == 1 or silent)):
        return None
    common = tuple(Failure(*why, count) for why, count in failures.most_common(MAX_REASONS))
    accounts = tuple({account for state, _, _, account in states if state == RequestState.FAILED})
    return BatchResult(batch.operation, total, failed, common, accounts)
