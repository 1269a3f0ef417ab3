"""What links add to the menu of a torrent."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from torrents.models import Torrent
from torrents.pages.list.row_actions import Action
from torrents.states import Status

from ..services.policy import may_have_links

SHARE = Action("share", _("Share…"), "share-2", "links:share", method="get", dialog=True)


def actions(torrent: Torrent, user: User) -> Sequence[Action]:
    """Offer to share a torrent that TorBox has, if the person may have links."""
    return [SHARE] if may_be_shared(torrent) and may_have_links(user) else []


def may_be_shared(torrent: Torrent) -> bool:
    """Return whether there is anything to share: TorBox has the torrent, ready or not."""
    return torrent.remote_id is not None and torrent.status != Status.GONE
