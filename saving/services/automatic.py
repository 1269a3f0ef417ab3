"""Save torrents by the household's rules, as soon as they are ready.

A rule applies to torrents that become ready after it was made, and a rule by tag also to ready ones that are tagged later.
Events say what happened. Each rule has read those up to a key, and `RuleMatch` keeps it from saving anything twice, unless
it is added to TorBox again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.transactions import in_transaction
from torrents.models import Activity, EditRequest, RequestState, Torrent, TorrentQuerySet, TorrentTag
from torrents.states import Status

from ..models import Job, Rule, RuleMatch
from . import folders, starting

logger = logging.getLogger(__name__)

Happened = Activity.Kind
READ_AGAIN = timedelta(
    minutes=15
)  # events appear in another order than their keys, within a transaction's time
STEP = 200  # events
BATCH = 200  # torrents


def apply_rules() -> int:
    """Start saving what became ready since the last look and matches a rule. Return how many jobs were made.

    The maker of the rule must see the torrent, and an owner's rule reaches nothing that is hidden from them.
    """
    if not folders.is_on():
        return 0
    made = 0
    for rule in Rule.objects.applied().select_related("made_by", "folder"):
        try:
            made += _apply(rule)
        except IntegrityError:
            logger.info(
                "A rule, a folder, or a torrent was deleted while rules were applied. They are applied again."
            )
    return made


def _apply(rule: Rule) -> int:
    if rule.position is None:
        _begin(rule)
    _note_matches(rule)
    made = 0
    while keys := list(_to_start(rule).values_list("torrent", flat=True)[:BATCH]):
        made += _start(rule, keys)
    return made


def _to_start(rule: Rule) -> QuerySet[RuleMatch]:
    """Return the matches without a job. Those whose earlier files are being deleted wait until they are gone."""
    deleting = Job.objects.filter(torrent=OuterRef("torrent"), folder=rule.folder_id, deleting=True)
    return RuleMatch.objects.filter(~Exists(deleting), rule=rule, started_at=None)


def _note_matches(rule: Rule) -> None:
    """Note the torrents that match now, then move past events that are old enough not to be read again."""
    before = rule.position or 0
    old = Activity.objects.filter(pk__gt=before, at__lt=timezone.now() - READ_AGAIN)
    position = old.aggregate(last=Max("pk"))["last"] or before
    keys = list(_matching(rule).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        note_again(rule, keys[start : start + BATCH])
    if position >= before + STEP:
        Rule.objects.filter(pk=rule.pk).update(position=position)


@in_transaction
def note_again(rule: Rule, keys: Sequence[int]) -> None:
    """Note torrents that a rule applies to, also those that it has saved before."""
    RuleMatch.objects.filter(rule=rule, torrent__in=keys, started_at__isnull=False).delete()
    matches = [RuleMatch(rule=rule, torrent_id=key) for key in keys]
    RuleMatch.objects.bulk_create(matches, ignore_conflicts=True)


def _matching(rule: Rule) -> TorrentQuerySet:
    """Return the torrents that a rule applies to and that weren't noted yet."""
    events = Activity.objects.filter(pk__gt=rule.position, at__gte=rule.since).order_by()
    ready = Q(pk__in=events.filter(kind=Happened.READY).values("torrent"))
    since_added = Q(started_at=None) | Q(started_at__gte=OuterRef("added_at"))
    noted = RuleMatch.objects.filter(since_added, rule=rule, torrent=OuterRef("pk"))
    seen = Torrent.objects.visible_to(rule.made_by).filter(~Exists(noted), status=Status.READY)
    if rule.kind == Rule.Kind.PERSON:
        return seen.filter(ready, added_by=rule.adder_id).order_by("pk")
    tags = TorrentTag.objects.filter(torrent=OuterRef("pk"), name=rule.tag)
    tagged = Q(pk__in=events.filter(kind=Happened.TAGGED).values("torrent"))
    newly = tagged & Exists(tags.filter(pk__gt=rule.tag_position))
    if rule.kind == Rule.Kind.OWN:
        seen = seen.filter(Q(added_by=rule.made_by_id) | Q(pk__in=_tagged_by_maker(rule)))
    return seen.filter(ready | newly, Exists(tags)).order_by("pk")


def _tagged_by_maker(rule: Rule) -> list[int]:
    """Return torrents that others added, and that the maker of a rule gave its tag. Edits are kept for a week at least."""
    edits = EditRequest.objects.filter(person=rule.made_by_id, created_at__gte=rule.since)
    edits = edits.exclude(torrent__added_by=rule.made_by_id)
    edits = edits.exclude(state=RequestState.FAILED, lasts=False)
    found = edits.order_by().values_list("torrent", "added_tags")
    return [torrent for torrent, tags in found if rule.tag in tags]


def _start(rule: Rule, keys: list[int]) -> int:
    """Start saving torrents that were noted."""
    rows = list(Torrent.objects.filter(pk__in=keys).defer("magnet").order_by("pk"))
    try:
        jobs = starting.save(person=rule.made_by, torrents=rows, folder=rule.folder, rule=rule)
    except starting.NotAllowed:  # The folder has just been removed.
        jobs = []
    _note_started(rule, keys, len(jobs))
    return len(jobs)


@in_transaction
def _note_started(rule: Rule, keys: list[int], jobs: int) -> None:
    RuleMatch.objects.filter(rule=rule, torrent__in=keys).update(started_at=timezone.now())
    if jobs:
        Rule.objects.filter(pk=rule.pk).update(saved=F("saved") + jobs)


def _begin(rule: Rule) -> None:
    """Let a rule without a position begin where it was made."""
    for name, value in beginning(rule.since).items():
        setattr(rule, name, value)
    rule.save(update_fields=["since", "position", "tag_position"])


def beginning(since: datetime) -> dict[str, Any]:
    """Return from where on a rule applies: events from now on, and rows of tags that are newer than any now."""
    earlier = Activity.objects.filter(at__lt=since).aggregate(last=Max("pk"))["last"] or 0
    tags = TorrentTag.objects.aggregate(last=Max("pk"))["last"] or 0
    return {"since": since, "position": earlier, "tag_position": tags}
