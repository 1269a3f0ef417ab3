"""The bell's panel, and the page with everything it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from accounts.models import User
from torrents.models import Torrent
from torrents.pages import page_position

from ..models import Channel, TorrentChoice
from .lines import Line, Place, needing, others
from .unread import unread_lines

IN_PANEL, PAGE_SIZE, MAX_NEEDS = 8, 50, 50
NEEDS_IN_PANEL = 4


@require_safe
def panel(request: MemberRequest) -> HttpResponse:
    """Return what the panel shows: the newest lines, without the muted torrents. Nothing is marked as read."""
    notes = Notes(request.user, needs=NEEDS_IN_PANEL, most=IN_PANEL)
    return render(request, "notifications/_panel.html", {"notes": notes})


@require_safe
def page(request: MemberRequest) -> HttpResponse:
    """Show everything in the bell, and with `muted`, the muted torrents."""
    before = page_position.read(request.GET.get("before", ""))
    notes = Notes(request.user, needs=0 if before else MAX_NEEDS, most=PAGE_SIZE, before=before)
    context = {"notes": notes, "shows_muted": bool(request.GET.get("muted")), "nav": "notifications"}
    return render(request, "notifications/page.html", context)


@dataclass
class Notes:
    """What the bell of `user` shows: at most `needs` lines that need attention, and `most` others."""

    user: User
    needs: int
    most: int
    before: Place | None = None

    @cached_property
    def needing(self) -> list[Line]:
        return needing(self.user, self.needs) if self.needs else []

    @cached_property
    def _others(self) -> list[Line]:
        """Return a page of lines, and one more if there are older ones."""
        return others(self.user, self.most + 1, self.before)

    @property
    def today(self) -> list[Line]:
        """Return the lines of today, which are mostly about the person's torrents."""
        return [line for line in self._shown if _is_today(line)]

    @property
    def earlier(self) -> list[Line]:
        return [line for line in self._shown if not _is_today(line)]

    @property
    def is_empty(self) -> bool:
        return not self.needing and not self._others and not self.before

    @property
    def has_unread(self) -> bool:
        """Return whether anything is unread, shown or not."""
        return unread_lines(self.user) > 0

    @property
    def older_url(self) -> str:
        """Return the URL of the next page; "" if this is the last one."""
        if len(self._others) <= self.most:
            return ""
        last = self._shown[-1]
        return f"{reverse('notifications:page')}?before={page_position.write(last.place)}"

    @cached_property
    def has_channel(self) -> bool:
        """Return whether messages can reach the person elsewhere."""
        return Channel.objects.filter(person=self.user).exists()

    @cached_property
    def muted(self) -> list[Torrent]:
        """Return the torrents that the person muted and may see, by name."""
        muted = TorrentChoice.objects.filter(person=self.user, muted=True).values("torrent")
        torrents: QuerySet[Torrent] = Torrent.objects.visible_to(self.user).filter(pk__in=muted)
        return list(torrents.only("name", "info_hash", "sort_name").order_by("sort_name", "pk"))

    @property
    def _shown(self) -> list[Line]:
        return self._others[: self.most]


def _is_today(line: Line) -> bool:
    return timezone.localdate(line.at) >= timezone.localdate()
