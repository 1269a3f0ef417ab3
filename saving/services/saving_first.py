"""Remember that programs want torrents saved before others, until there are jobs to put at the front of the queue."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Min

from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Torrent

from ..models import Job, SaveFirst
from . import folders


@in_transaction
def note(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Remember it for torrents without a job, which the person may change. The first of them goes first.

    A job from before a torrent was deleted and added again doesn't count.
    """
    if not folders.is_on():
        return
    lock_accounts(row.account_id for row in torrents)
    keys = [row.pk for row in torrents]
    jobs = Job.objects.filter(torrent__in=keys, created_at__gte=F("torrent__added_at"))
    known = set(jobs.order_by().values_list("torrent", flat=True))
    SaveFirst.objects.filter(torrent__in=keys).delete()
    wanted = [SaveFirst(torrent_id=key, person=person) for key in reversed(keys) if key not in known]
    SaveFirst.objects.bulk_create(wanted)


@in_transaction
def forget(*, torrents: Sequence[Torrent]) -> None:
    """Forget it."""
    lock_accounts(row.account_id for row in torrents)
    SaveFirst.objects.filter(torrent__in=[row.pk for row in torrents]).delete()


def apply(*, person: User, jobs: Sequence[Job]) -> None:
    """Put new jobs of a person to the front that they or an owner wanted there, the last wish foremost.

    Call this in the transaction that has locked their accounts.
    """
    by_torrent = {job.torrent_id: job for job in jobs}
    noted = SaveFirst.objects.filter(torrent__in=by_torrent).select_related("person").order_by("pk")
    wishes = list(noted.filter(created_at__gte=F("torrent__added_at")))
    if not wishes:
        return
    front = Job.objects.unfinished().aggregate(first=Min("place"))["first"] or 0
    for wish in wishes:
        if wish.person_id == person.pk or wish.person.is_owner:
            front -= 1
            job = by_torrent[wish.torrent_id]
            job.place = front
            Job.objects.filter(pk=job.pk).update(place=front)
    noted.delete()
