"""Delete what saving no longer needs, so that nothing grows forever."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from torrents.models import Torrent
from torrents.saving_states import SavingState

from ..models import Folder, Job
from . import showing, stray_parts

JOBS_KEPT = timedelta(days=365)  # as long as Activity; those of a deleted torrent end with it
LOOKED_EVERY = 24 * 3600  # seconds; disks of a NAS sleep
LOOKED = "saving:looked-for-stray-parts"


def prune() -> None:
    """Delete old jobs, take yesterday's *Saved* from the list, and delete partial files that no job has."""
    old = Job.objects.filter(ended_at__lt=timezone.now() - JOBS_KEPT)
    old.filter(Q(after_due_at=None) | Q(after_done_at__isnull=False)).delete()
    _take_from_list()
    if cache.add(LOOKED, 1, LOOKED_EVERY):
        for folder in Folder.objects.all():
            stray_parts.delete_in(folder)


def _take_from_list() -> None:
    shown = Torrent.objects.filter(saving=SavingState.SAVED).order_by()
    today = Job.objects.filter(state=SavingState.SAVED, ended_at__gte=showing.midnight())
    showing.show(shown.exclude(pk__in=today.values("torrent")).values_list("pk", flat=True))
