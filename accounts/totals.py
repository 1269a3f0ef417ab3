"""The number of calls by endpoint and outcome: stored totals, and the calls since they were last updated."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from .models import CallTotal, UpstreamCall

SETTLED_AFTER = timedelta(hours=1)  # by then a call has its outcome, or its process died


def count_calls() -> Counter[tuple[str, str]]:
    """Return the number of all finished calls by (endpoint, outcome). It falls only when an account is disconnected."""
    totals = list(CallTotal.objects.all())
    found = Counter({(total.endpoint, total.outcome): total.count for total in totals})
    recent = _since(totals).exclude(outcome=UpstreamCall.Outcome.ASKED)
    return found + _by_outcome(recent)


@transaction.atomic
def add_up() -> None:
    """Add settled calls to the totals, so that few rows have to be counted and old ones can be deleted."""
    totals = list(CallTotal.objects.select_for_update())
    until = timezone.now() - SETTLED_AFTER
    known = {(total.endpoint, total.outcome): total for total in totals}
    for (endpoint, outcome), count in _by_outcome(_since(totals).filter(at__lte=until)).items():
        total = known.get((endpoint, outcome)) or CallTotal(endpoint=endpoint, outcome=outcome)
        total.count, total.until = total.count + count, until
        total.save()


def _since(totals: list[CallTotal]) -> QuerySet[UpstreamCall]:
    """Return the calls that are not in a total yet."""
    until: datetime | None = max((total.until for total in totals), default=None)
    return UpstreamCall.objects.filter(at__gt=until) if until else UpstreamCall.objects.all()


def _by_outcome(calls: QuerySet[UpstreamCall]) -> Counter[tuple[str, str]]:
    rows = calls.order_by().values_list("endpoint", "outcome").annotate(count=Count("pk"))
    return Counter({(endpoint, outcome): count for endpoint, outcome, count in rows})
