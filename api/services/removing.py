"""Delete torrents as programs do: here and at TorBox, and what was saved of them if they ask for that."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from accounts.transactions import in_transaction
from saving.services import deleting, folders
from torrents.models import Torrent
from torrents.services.actions import controlling


@in_transaction
def remove(*, person: User, torrents: Sequence[Torrent], with_files: bool) -> None:
    """Take torrents that the person may change off the list, and delete them from TorBox.

    What is being saved of them stops. `with_files`: what was saved is deleted from the disk as well.
    """
    if folders.is_on():
        stop = deleting.delete_saved if with_files else deleting.stop_saving
        stop(person=person, torrents=torrents)
    controlling.remove(person=person, torrents=torrents)
