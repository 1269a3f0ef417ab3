"""What saving adds to the menu of a torrent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from torrents.models import Torrent
from torrents.pages.list.row_actions import Action
from torrents.pages.list.saving_row import is_unfinished
from torrents.saving_states import SavingState

from ..models import Folder
from ..services import folders

SAVE = Action("save", _("Save to…"), "hard-drive-download", "saving:save_one", dialog=True)
# Translators: moves a torrent to the front of the queue of those that wait to be saved to disk.
FIRST = Action("save_first", _("Save first"), "list-start", "saving:control", "first")
# Translators: moves a torrent to the end of the queue of those that wait to be saved to disk.
LAST = Action("save_last", _("Save last"), "list-end", "saving:control", "last")
DOWNLOAD_ZIP = Action(
    "download_zip",
    pgettext_lazy("verb", "Download"),
    "download",
    "links:download_zip",
    method="get",
    htmx=False,
)


def actions(torrent: Torrent, user: User) -> Sequence[Action]:
    """Offer to save a torrent that is ready, if there is a folder for the person, and to move it in the queue.

    While it is being saved, phones have no room for *Download* in the row, so the menu has it.
    """
    return [*_actions(torrent, user)] if folders.is_on() else []


def _actions(torrent: Torrent, user: User) -> Iterator[Action]:
    if torrent.downloadable and (user.is_owner or may_save(user)):
        yield SAVE
    if not is_unfinished(torrent):
        return
    if torrent.saving == SavingState.WAITING and may_control(torrent, user):
        yield from (FIRST, LAST)
    if torrent.downloadable:
        yield _download(torrent)


def may_save(user: User) -> bool:
    """Return whether there is a folder that a person may save to."""
    return Folder.objects.usable_by(user).exists()


def may_control(torrent: Torrent, user: User) -> bool:
    """Return whether the job that a torrent's row shows is the person's, or they are an owner."""
    return user.is_owner or torrent.saving_params.get("person") == user.pk


def _download(torrent: Torrent) -> Action:
    if not torrent.only_file_pk:
        return DOWNLOAD_ZIP
    file = str(torrent.only_file_pk)
    return Action(
        "download_" + file, DOWNLOAD_ZIP.label, "download", "links:download_file", file, "get", htmx=False
    )
