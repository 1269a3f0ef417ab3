"""Turn events of torrents into what people are told about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from torrents.models import Activity, Torrent

from ..events import Kind
from ..models import Notification
from ..models.channels import MAX_DETAIL
from .audience import Audience
from .pieces import pieces

Happened = Activity.Kind
KINDS: dict[str, str] = {
    Happened.READY: Kind.READY,
    Happened.FAILED: Kind.FAILED,
    Happened.GONE: Kind.GONE,
    Happened.DELETED: Kind.DELETED,
    Happened.SAVED: Kind.SAVED,
    Happened.NOT_SAVED: Kind.NOT_SAVED,
    Happened.LINK_TAKEN: Kind.LINK,
    Happened.LINK_USED: Kind.LINK_USED,
    Happened.ADDED: Kind.ADDED,
    Happened.RETRIED: Kind.ADDED,
}
"""What people are told about. *Stalled* tells only after hours, so the states do that."""
LINKS_OF_PLAYERS = {"export", "playlist", "podcast"}
"""Kinds of lasting links whose maker isn't told of their use, because it is mostly their own player that uses them."""


def drafts_for(events: Iterable[Activity]) -> list[Notification]:
    """Return an unsaved notification for each event and each person it concerns."""
    telling = [event for event in events if event.kind in KINDS and event.torrent_id]
    audience = Audience(event.torrent_id for event in telling if event.torrent_id)
    retried = _retried([event for event in telling if event.kind == Happened.ADDED])
    now = timezone.now()
    return [
        _draft(event, torrent, person_id, now)
        for event in telling
        if (torrent := audience.torrents.get(event.torrent_id or 0))
        and not (event.kind == Happened.ADDED and event.torrent_id in retried)
        for person_id in _people(event, torrent, audience)
    ]


def _retried(added: Sequence[Activity]) -> set[int | None]:
    """Return the torrents that were added again: an event for that follows the one of the add, maybe in the next batch."""
    if not added:
        return set()
    again = Activity.objects.filter(kind=Happened.RETRIED, at__gte=min(event.at for event in added))
    return {
        torrent_id
        for piece in pieces(event.torrent_id for event in added)
        for torrent_id in again.filter(torrent__in=piece).values_list("torrent", flat=True)
    }


def _people(event: Activity, torrent: Torrent, audience: Audience) -> Sequence[int]:
    """Return who is told of an event: not the person who did it, and no one if it was undone in the meantime.

    The maker of a lasting link is told that someone used it, and who saved a torrent that it is saved, since that may
    take hours.
    """
    if bool(torrent.removed_at) != (event.kind == Happened.DELETED):
        return []
    told = audience.seeing if KINDS[event.kind] == Kind.ADDED else audience.concerned
    people = told(torrent) - {event.person_id}
    if event.kind == Happened.LINK_USED and event.params.get("link") not in LINKS_OF_PLAYERS:
        people |= audience.seeing(torrent) & {event.person_id}
    if event.kind in (Happened.SAVED, Happened.NOT_SAVED):
        people |= audience.seeing(torrent) & {event.person_id}
    if event.hidden:
        people &= {event.seen_by_id, audience.owners[torrent.account_id]}
    return sorted(people)


def _draft(event: Activity, torrent: Torrent, person_id: int, now: datetime) -> Notification:
    return Notification(
        person_id=person_id,
        kind=KINDS[event.kind],
        source=f"activity:{event.pk}",
        account_id=torrent.account_id,
        torrent_id=torrent.pk,
        actor_id=event.person_id,
        name=event.name,
        code=event.code,
        params=event.params,
        upstream_detail=event.upstream_detail[:MAX_DETAIL],
        at=min(event.at, now),
    )
