"""What people can ask TorBox to do to a torrent (docs/torbox-api.md#controltorrent), with the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, eq=False)
class Operation:
    """An operation on a torrent, with its words.

    `key` is stored, and is TorBox's name for it. `label` is for buttons. `doing` is shown until TorBox has done it.
    There is one of each, which is equal to nothing else: comparing and hashing the words would translate them.
    `label_all` and `for_all` are for the same on a whole account, where TorBox offers that. `confirm`: ask first.
    """

    key: str
    icon: str
    label: str | Promise
    doing: str | Promise
    label_all: str | Promise = ""
    for_all: str | Promise = ""
    confirm: bool = False


DELETE, START = "delete", "start"
# Changes of what TorBox stores about a torrent. They are edits (docs/architecture.md#edits), not operations.
TAG, RENAME, KEEP, UNKEEP = "tag", "rename", "keep", "unkeep"
EDITS = (TAG, RENAME, KEEP, UNKEEP)
OPERATIONS: dict[str, Operation] = {
    operation.key: operation
    for operation in (
        Operation(
            "pause",
            "pause",
            pgettext_lazy("verb", "Pause"),
            _("Pausing…"),
            _("Pause all"),
            _("Pause everything that’s downloading or seeding."),
        ),
        Operation(
            "resume",
            "play",
            pgettext_lazy("verb", "Resume"),
            _("Resuming…"),
            _("Resume all"),
            _("Resume everything that’s paused."),
        ),
        Operation(
            "reannounce",
            "radio-tower",
            # Translators: asks a torrent’s trackers for more peers, as other torrent apps call it.
            pgettext_lazy("verb", "Reannounce"),
            _("Reannouncing…"),
            _("Reannounce all"),
            _("Ask the trackers of every torrent for more peers."),
        ),
        Operation(
            "stop_seeding",
            "circle-stop",
            _("Stop seeding"),
            _("Stopping…"),
            _("Stop all seeding"),
            _("Free the slots that finished torrents use for seeding."),
        ),
        Operation(START, "play", _("Start now"), _("Starting…")),
        Operation(
            DELETE,
            "trash-2",
            _("Delete"),
            _("Deleting…"),
            _("Delete all"),
            _("Delete every torrent on this TorBox account, for everyone. This can’t be undone."),
            confirm=True,
        ),
    )
}
FOR_ALL = [operation for operation in OPERATIONS.values() if operation.for_all]
UNCONFIRMED = [operation for operation in OPERATIONS.values() if not operation.confirm]
