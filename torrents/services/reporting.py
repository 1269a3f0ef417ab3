"""What became of things done to torrents with one press, told once to whoever pressed."""

from __future__ import annotations

from collections import Counter

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User

from ..formatting import display_name
from ..models import Batch, ControlRequest, RequestState
from .controlling import DELETE, LABELS

MOST_REASONS = 3
OPEN = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]


def reports(person: User) -> list[tuple[bool, str]]:
    """Of each batch that has just ended: whether all went well, and the sentence. Each is given once."""
    still_open = ControlRequest.objects.filter(batch=OuterRef("pk"), state__in=OPEN)
    ended = Batch.objects.filter(~Exists(still_open), person=person, reported_at=None)
    told = []
    for batch in ended.order_by("pk"):
        mine = Batch.objects.filter(pk=batch.pk, reported_at=None).update(reported_at=timezone.now())
        if mine and (report := _report(batch)):
            told.append(report)
    return told


def _report(batch: Batch) -> tuple[bool, str] | None:
    """Nothing to say of a deletion that went well, said when it was asked for, or of one torrent that shows it itself."""
    states = batch.requests.values_list("state", "error")
    problems = Counter(error for state, error in states if state == RequestState.FAILED)
    total, failed = len(states), sum(problems.values())
    if not total or (not failed and (total == 1 or batch.operation == DELETE)):
        return None
    label = LABELS[batch.operation]
    if total == failed == 1:
        return False, f"{label}: {display_name(next(iter(problems)), 200)}"
    if not failed:
        return True, f"{label}: all {total} done."
    reasons = "; ".join(
        f"{count}: {display_name(error, 120)}" for error, count in problems.most_common(MOST_REASONS)
    )
    return False, f"{label}: {total - failed} of {total} done; {reasons}"
