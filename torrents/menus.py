"""The menu of a torrent: what can be done now, the most likely first, the dangerous last. No queries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString, mark_safe

from . import routes
from .states import Status

if TYPE_CHECKING:
    from .models import Torrent


@dataclass(frozen=True)
class Action:
    """An entry: `route` and `operation` make its address. `dialog`: opens in a dialog; `htmx`: answers in place."""

    key: str
    label: str
    icon: str
    route: str
    operation: str = ""
    method: str = "post"
    danger: bool = False
    dialog: bool = False
    htmx: bool = True

    def url(self, pk: int) -> str:
        return routes.of_torrent(self.route, pk, *filter(None, [self.operation]))


def _control(key: str, label: str, icon: str) -> Action:
    return Action(key, label, icon, "control", key)


REFRESH = Action("refresh", "Ask TorBox now", "refresh-cw", "refresh_one")
START = _control("start", "Start now", "play")
RESUME = _control("resume", "Resume", "play")
PAUSE = _control("pause", "Pause", "pause")
REANNOUNCE = _control("reannounce", "Reannounce", "radio-tower")
STOP_SEEDING = _control("stop_seeding", "Stop seeding", "circle-stop")
MAGNET = Action("magnet", "Copy magnet link", "magnet", "export_magnet", method="get", dialog=True)
TORRENT_FILE = Action(
    "torrent_file", "Save .torrent file", "file-down", "export_file", method="get", htmx=False
)
SHOW = Action("show", "Show to everybody", "eye", "show")
HIDE = Action("hide", "Only I see it", "eye-off", "hide")
ADD_AGAIN = Action("retry", "Add again", "rotate-ccw", "retry")
TRY_AGAIN = Action("retry", "Try again", "rotate-ccw", "retry")
CLEAR = Action("clear", "Take off the list", "x", "clear")
REMOVE = Action("remove", "Delete", "trash-2", "remove", method="get", danger=True, dialog=True)


def actions(torrent: Torrent, may_control: bool, may_hide: bool = False) -> tuple[Action, ...]:
    at_torbox = torrent.remote_id is not None
    menu = [REFRESH] if at_torbox else []
    if may_control:
        menu += _controls(torrent)
    menu.append(MAGNET)
    if at_torbox:
        menu.append(TORRENT_FILE)
    if may_hide:
        menu.append(SHOW if torrent.hidden else HIDE)
    if may_control:
        menu += _endings(torrent)
    return tuple(menu)


def _controls(torrent: Torrent) -> list[Action]:
    """TorBox's operations where they make sense (docs/torbox-api.md#controltorrent)."""
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


def _endings(torrent: Torrent) -> list[Action]:
    menu = []
    if torrent.ended:
        menu.append(ADD_AGAIN if torrent.status == Status.GONE else TRY_AGAIN)
    menu.append(CLEAR if torrent.ended and torrent.remote_id is None else REMOVE)
    return menu


class Offering(Protocol):
    """A torrent or a row of one."""

    @property
    def pk(self) -> int | str: ...

    @property
    def actions(self) -> tuple[Action, ...]: ...


def items(torrent: Offering, *, own_page: bool = False) -> SafeString:
    """The entries as markup. `own_page`: of the torrent's own page, which deleting leaves."""
    return mark_safe(  # noqa: S308 - a template made it, and only a number is put in
        routes.filled(_items(torrent.actions, own_page, get_script_prefix()), torrent.pk)
    )


@lru_cache(maxsize=512)
def _items(offered: tuple[Action, ...], own_page: bool, prefix: str) -> str:
    entries = [(action, action.url(routes.STAND_IN)) for action in offered]
    return render_to_string("torrents/_menu_items.html", {"entries": entries, "own_page": own_page})
