"""What notifications add to the menu of a torrent."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from torrents.models import Torrent
from torrents.pages.list.row_actions import Action

from ..models import TorrentChoice

NOTIFY = Action("notify", _("Notify me"), "bell", "notifications:follow")
STOP_NOTIFYING = Action("stop_notifying", _("Stop notifying me"), "bell-off", "notifications:reset")
MUTE = Action("mute", _("Mute"), "bell-off", "notifications:mute")
UNMUTE = Action("unmute", _("Unmute"), "bell", "notifications:reset")


def actions(torrent: Torrent, user: User) -> Sequence[Action]:
    """Return how the person can change what they are told about a torrent."""
    choices = TorrentChoice.objects.filter(person=user, torrent=torrent)
    muted = choices.values_list("muted", flat=True).first()
    if muted:
        return [UNMUTE]
    if is_told_anyway(torrent, user):
        return [MUTE]
    return [NOTIFY] if muted is None else [STOP_NOTIFYING, MUTE]


def is_told_anyway(torrent: Torrent, user: User) -> bool:
    """Return whether a torrent counts as the person's: they added it, or TorBox has it on their own account."""
    if torrent.added_by_id is None:
        return torrent.account.owner_id == user.pk
    return torrent.added_by_id == user.pk
