"""What TorBox and its CDN say about a file: its address, and its size."""

from __future__ import annotations

from django.db.models import F
from django.views.decorators.debug import sensitive_variables

from links.endings import NoSuchItem, NotNow
from links.services.addresses import fresh_address
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

from ..models import Job, JobFile
from .failures import Blocked, Failed

LATER = 60.0
MOST_PER_MINUTE = (
    60  # calls for one TorBox account, so that saving many small files doesn't stop lasting links
)


@sensitive_variables()
def address_of(torrent: Torrent, file: JobFile) -> str:
    """Return a fresh address of a file. Raises `Blocked`, `Failed`, and `NotNow`."""
    try:
        return fresh_address(torrent, file.remote_id, limit=MOST_PER_MINUTE)
    except NoSuchItem:
        raise Failed(Job.Cause.GONE) from None
    except NotNow:
        torrent.account.refresh_from_db()
        if torrent.account.rejected:
            raise Blocked(State.WAITING, Job.Cause.KEY, retry_after=LATER) from None
        raise


def learn_size(file: JobFile, size: int) -> None:
    """Write the size of a file that TorBox's list doesn't know."""
    file.size = size
    JobFile.objects.filter(pk=file.pk).update(size=size)
    Job.objects.filter(pk=file.job_id).update(bytes_total=F("bytes_total") + size)
