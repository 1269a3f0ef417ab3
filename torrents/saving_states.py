"""The states of saving a torrent to disk, as the list shows them. The feature `saving` writes them on torrents."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SAVING = "saving"  # the key of the tab


def saves_to_disk() -> bool:
    """Return whether torrents can be saved here. If not, nothing about it is shown, whatever rows say."""
    return settings.SAVE_DIR is not None


class SavingState(models.TextChoices):
    """What happens to the copy on this server."""

    WAITING = "waiting", pgettext_lazy("saving", "Waiting to save")
    RUNNING = "running", pgettext_lazy("saving", "Saving")
    PAUSED = "paused", pgettext_lazy("saving", "Paused")
    SCHEDULED = "scheduled", pgettext_lazy("saving", "Paused by the schedule")
    DISK_FULL = "disk_full", _("Disk full")
    NO_FOLDER = "no_folder", _("Folder not available")
    DENIED = "denied", _("No permission")
    FAILED = "failed", _("Saving failed")
    SAVED = "saved", _("Saved")


TONES = {
    SavingState.WAITING: "waiting",
    SavingState.RUNNING: "ready",
    SavingState.PAUSED: "waiting",
    SavingState.SCHEDULED: "waiting",
    SavingState.DISK_FULL: "failed",
    SavingState.NO_FOLDER: "failed",
    SavingState.DENIED: "failed",
    SavingState.FAILED: "failed",
    SavingState.SAVED: "ready",
}
# The order of the tab: saving, needs attention, paused, waiting, saved today.
ORDER = (
    SavingState.RUNNING,
    SavingState.DISK_FULL,
    SavingState.NO_FOLDER,
    SavingState.DENIED,
    SavingState.FAILED,
    SavingState.PAUSED,
    SavingState.SCHEDULED,
    SavingState.WAITING,
    SavingState.SAVED,
)
RANK_STEP = 1_000_000_000  # between two states; within one, jobs are in the order of the queue
