"""The menu of a torrent: what can be done now, likely actions first, dangerous ones last.

It makes no queries, but what other features offer (`offer`) may.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from torrents.airlock import offers_airlock
from torrents.models import Torrent
from torrents.operations import DELETE, OPERATIONS, Operation
from torrents.states import Status

from .. import url_cache


@dataclass(frozen=True)
class Action:
    """A menu item. `route` and `operation` make its URL. `dialog`: opens in a dialog. `htmx`: stays on the page.

    Actions are equal if their keys are: comparing and hashing the label would translate it.
    """

    key: str
    label: str | Promise = field(compare=False)
    icon: str
    route: str
    operation: str = ""
    method: str = "post"
    danger: bool = False
    dialog: bool = False
    htmx: bool = True

    def url(self, pk: int) -> str:
        """Return its URL for the torrent `pk`."""
        return url_cache.of_torrent(self.route, pk, *filter(None, [self.operation]))


def _control(operation: Operation) -> Action:
    return Action(operation.key, operation.label, operation.icon, "control", operation.key)


REFRESH = Action("refresh", _("Refresh from TorBox"), "refresh-cw", "refresh_one")
START, RESUME, PAUSE, REANNOUNCE, STOP_SEEDING = (
    _control(OPERATIONS[key]) for key in ("start", "resume", "pause", "reannounce", "stop_seeding")
)
MAGNET = Action("magnet", _("Copy magnet link"), "magnet", "links:export_magnet", method="get", dialog=True)
TORRENT_FILE = Action(
    "torrent_file", _("Save .torrent file"), "file-down", "links:export_file", method="get", htmx=False
)
TAG = Action("tag", _("Tag…"), "tag", "tag", method="get", dialog=True)
RENAME = Action("rename", _("Rename…"), "pencil", "rename", method="get", dialog=True)
KEEP = Action("keep", pgettext_lazy("verb", "Keep"), "lock", "keep")
STOP_KEEPING = Action("stop_keeping", _("Stop keeping"), "lock-open", "stop_keeping")
SHOW = Action("show", _("Show to others"), "eye", "show")
HIDE = Action("hide", _("Hide from others"), "eye-off", "hide")
ADD_AGAIN = Action("add_again", _("Add again"), "rotate-ccw", "retry")
RETRY = Action("retry", pgettext_lazy("verb", "Retry"), "rotate-ccw", "retry")
CLEAR = Action("clear", _("Remove from list"), "x", "clear")
DELETING = OPERATIONS[DELETE]
REMOVE = Action("remove", DELETING.label, DELETING.icon, "remove", method="get", danger=True, dialog=True)


Offer = Callable[[Torrent, User], Sequence[Action]]
_offers: list[Offer] = []


def offer(actions_of: Offer) -> None:
    """Have menus offer more actions, after renaming. Called when an app starts."""
    _offers.append(actions_of)


def actions(torrent: Torrent, user: User) -> tuple[Action, ...]:
    """Return what `user`, whom a torrent was read for, may do with it now."""
    at_torbox, may_control = torrent.remote_id is not None, torrent.may_control
    menu = [REFRESH] if at_torbox else []
    if may_control:
        menu += _controls(torrent)
    menu.append(MAGNET)
    if at_torbox:
        menu.append(TORRENT_FILE)
    if torrent.may_hide:
        menu.append(SHOW if torrent.hidden else HIDE)
    if may_control:
        menu += _edits(torrent)
    for actions_of in _offers:
        menu += actions_of(torrent, user)
    if may_control:
        menu += _endings(torrent)
    return tuple(menu)


def _controls(torrent: Torrent) -> list[Action]:
    """Return TorBox's operations that make sense now (docs/torbox-api.md#controltorrent)."""
    offered = []
    if torrent.status == Status.QUEUED and torrent.queued_id is not None:
        offered.append(START)
    if torrent.remote_id is not None:
        if torrent.status == Status.PAUSED:
            offered.append(RESUME)
        if torrent.is_moving or torrent.status == Status.STALLED:
            offered += [PAUSE, REANNOUNCE]
        if torrent.status == Status.READY and torrent.active:
            offered.append(STOP_SEEDING)
    return offered


def _edits(torrent: Torrent) -> list[Action]:
    """Return the edits that make sense: TorBox has no name or tags of a torrent that is gone."""
    if torrent.ended and torrent.remote_id is None:
        return []
    if torrent.airlocked:
        return [TAG, RENAME, STOP_KEEPING]
    keepable = torrent.remote_id is not None and not torrent.ended and offers_airlock(torrent.account)
    return [TAG, RENAME, KEEP] if keepable else [TAG, RENAME]


def _endings(torrent: Torrent) -> list[Action]:
    menu = []
    if torrent.ended:
        menu.append(ADD_AGAIN if torrent.status == Status.GONE else RETRY)
    menu.append(CLEAR if torrent.ended and torrent.remote_id is None else REMOVE)
    return menu


def items(torrent: Torrent, user: User, *, own_page: bool = False) -> SafeString:
    """Return the menu items as markup. `own_page`: they are on the torrent's own page, which deleting leaves."""
    markup = _items(actions(torrent, user), own_page, get_script_prefix(), get_language())
    return mark_safe(url_cache.filled(markup, torrent.pk))  # noqa: S308 - a template made it; only a number is put in


@lru_cache(maxsize=512)
def _items(offered: tuple[Action, ...], own_page: bool, prefix: str, language: str | None) -> str:
    entries = [(action, action.url(url_cache.STAND_IN)) for action in offered]
    return render_to_string("torrents/_menu_items.html", {"entries": entries, "own_page": own_page})
