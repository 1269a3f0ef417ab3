"""Count the uses of lasting links, and record them in the activity."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.deadlines import is_recent, recent
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Activity, Torrent

from ..endings import LinkEnded, NoSuchItem, NoSuchLink
from ..models import LastingLink, LinkUse
from .contents import LinkFile
from .last_download import record_download
from .opening import ONE_USE, Opened, ending_of

SEEN_EVERY = timedelta(hours=1)  # how often the time of the last use is written while a use goes on


def record_use(opened: Opened, file: LinkFile, visitor: str) -> None:
    """Count a use of a link, unless this visitor's last one was within a day, and record what was taken.

    Raises `LinkEnded` when another visitor took the last use in the meantime, or someone revoked the link, and
    `NoSuchLink` or `NoSuchItem` when it or the torrent was deleted.
    """
    now = timezone.now()
    known = LinkUse.objects.filter(recent("at", ONE_USE, now), link=opened.link, visitor=visitor)
    if not known.filter(torrent=file.torrent).exists():
        _begin(opened.link, file, visitor)
    elif not is_recent(opened.link.last_used_at, SEEN_EVERY, now):
        LastingLink.objects.filter(pk=opened.link.pk).update(last_used_at=now)
    record_download([file.torrent])


@in_transaction
def _begin(link: LastingLink, file: LinkFile, visitor: str) -> None:
    """Record that a visitor takes something of this torrent, and count a use if it is the first of the day."""
    lock_accounts([file.torrent.account_id])
    # Another request of this visitor may be recording the same use, and another visitor the last one.
    locked = LastingLink.objects.select_for_update().filter(pk=link.pk).first()
    if locked is None:
        raise NoSuchLink
    if not Torrent.objects.filter(pk=file.torrent.pk).exists():
        raise NoSuchItem
    now = timezone.now()
    uses = LinkUse.objects.filter(recent("at", ONE_USE, now), link=link, visitor=visitor)
    began = dict(uses.values_list("torrent_id", "at"))
    if file.torrent.pk in began:
        return
    if not began:
        _count(locked, now)
    LinkUse.objects.update_or_create(
        link=link, torrent=file.torrent, visitor=visitor, defaults={"at": min(began.values(), default=now)}
    )
    code, params = ("zip", {}) if file.is_zip else ("file", {"path": file.path})
    params["link"] = link.kind  # The maker of a playlist isn't told what their own player takes.
    Activity.record(file.torrent, Activity.Kind.LINK_USED, person=link.maker, code=code, params=params)


def _count(link: LastingLink, now: datetime) -> None:
    """Take one of the uses of a link that is locked."""
    if ending := ending_of(link, now):
        raise LinkEnded(ending)
    LastingLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=now)
