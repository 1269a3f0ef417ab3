"""What needs attention: the one or two buttons that solve it, and whether it is solved already.

Rows are resolved by a task that runs every few minutes (services/state_scan.py). Until then, pages look for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import TorBoxAccount, User
from torrents.models import Torrent
from torrents.pages import url_cache
from torrents.pages.list import saving_row
from torrents.pages.list.row_text import shows_keep

from ..events import Kind
from ..models import Notification
from .targets import waiting_url

MAX_BUTTONS = 2
TORBOX_SUBSCRIPTION = "https://torbox.app/subscription"


@dataclass(frozen=True)
class Button:
    """A button or a link.

    `posts`: it changes something and stays on the page. `away`: it leads to another site. `dialog`: it opens there.
    """

    label: str
    url: str
    posts: bool = False
    away: bool = False
    dialog: bool = False


class Solver:
    """What `user` can do about these notifications. Their torrents are read once."""

    def __init__(self, user: User, notes: Iterable[Notification]) -> None:
        self.user = user
        self._about = [note.torrent_id for note in notes if note.kind == Kind.EXPIRING and note.torrent_id]

    @cached_property
    def _torrents(self) -> dict[int, Torrent]:
        visible = Torrent.objects.visible_to(self.user).for_display(self.user)
        return {torrent.pk: torrent for torrent in visible.filter(pk__in=self._about)} if self._about else {}

    @cached_property
    def _may_save(self) -> bool:
        return saving_row.may_save(self.user)

    def has_solved(self, note: Notification) -> bool:
        """Return whether it no longer lasts, although the row says so."""
        if note.kind == Kind.EXPIRING and note.torrent_id in self._about:
            torrent = self._torrents.get(note.torrent_id)
            return torrent is None or not torrent.expires_soon
        if note.kind == Kind.KEY_REJECTED and note.account:
            return not note.account.rejected
        if note.kind == Kind.KEY_UNREADABLE and note.account:
            return note.account.health != TorBoxAccount.Health.UNREADABLE
        return False

    def buttons(self, note: Notification) -> tuple[Button, ...]:
        """Return what solves it."""
        if note.kind in (Kind.KEY_REJECTED, Kind.KEY_UNREADABLE) and note.account_id:
            url = reverse("accounts:replace_key", args=[note.account_id])
            return (Button(_("Enter a new key"), url),)
        if note.kind == Kind.EXPIRING:
            return self._against_expiry(self._torrents.get(note.torrent_id or 0))
        if note.kind == Kind.WAITING:
            return (Button(_("Show waiting torrents"), waiting_url()),)
        if note.kind == Kind.PLAN:
            return (Button(_("Open TorBox"), TORBOX_SUBSCRIPTION, away=True),)
        if note.kind == Kind.CHANNEL:
            return (self._for_channel(note),)
        return ()

    def _against_expiry(self, torrent: Torrent | None) -> tuple[Button, ...]:
        if torrent is None:
            return ()
        buttons = []
        if shows_keep(torrent):
            keep_url = url_cache.of_torrent("keep", torrent.pk)
            buttons.append(Button(pgettext("verb", "Keep"), keep_url, posts=True))
        if self._may_save and torrent.downloadable:
            buttons.append(
                Button(_("Save to…"), url_cache.of_torrent("saving:save_one", torrent.pk), dialog=True)
            )
        if url := url_cache.download_url(torrent):
            buttons.append(Button(_("Download"), url))
        return tuple(buttons[:MAX_BUTTONS])

    def _for_channel(self, note: Notification) -> Button:
        channel = note.channel
        if channel is None or channel.is_push or (channel.household and not self.user.is_owner):
            return Button(_("Open settings"), reverse("notifications:settings"))
        return Button(_("Replace URL"), reverse("notifications:channel", args=[channel.pk]))
