"""Players that seek through a lasting link, in virtual time: what they cost TorBox, and what a seek costs.

Each player has a network of its own, and asks our link and then the CDN at each seek, as players do that don't
remember where a link led. The CDN's addresses work for an hour, as TorBox's do.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from random import Random
from statistics import median
from typing import Any, NamedTuple

import requests
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import UpstreamCall
from links.link_urls import only_path
from links.services import making
from torrents.models import Torrent

from .core import analyze
from .measuring import Measured, measure
from .person import Person
from .reports import Report, shown
from .torbox import TorBox, torbox

WITHIN = 600  # virtual seconds
MINUTE = timedelta(minutes=1)
CALLS_PER_PLAYER = 2
CALLS_PER_MINUTE = 80  # for one account
CROWD = 10  # times as many players that start within a minute
RUNS = 25
EVERY = 15  # virtual seconds between two seeks of a player, so that each has its address checked at the CDN
NAME = "players still"


class Asked(NamedTuple):
    """What players got: how often they were told to come back later, and when the last one had what it wanted."""

    postponed: int
    seconds: float


def run(players: int, seeks: int) -> Report:
    report = Report()
    with torbox({NAME: 20}) as simulated:
        settings.TORBOX_API_URL = simulated.url
        start = datetime.fromtimestamp(simulated.command("now"), UTC)
        with time_machine.travel(start, tick=False) as clock:
            film = Film(simulated, clock)
            film.seek_around(report, players, seeks)
            film.start_at_once(report, players * CROWD)
            film.compare(report)
    return report


class Film:
    """A film of a person, with a link to it."""

    def __init__(self, simulated: TorBox, clock: Any) -> None:
        self.simulated, self.clock = simulated, clock
        self.person = Person(simulated, NAME)
        self.person.refresh()
        torrents = Torrent.objects.filter(account=self.person.account, file_count=1)
        self.torrent = next(torrent for torrent in torrents if torrent.downloadable)
        self.file = self.torrent.files.get()
        opened = making.share(person=self.person.user, torrent=self.torrent, expires_at=None)
        self.url = only_path(opened.token, self.file.name)
        self.session = requests.Session()
        self.rng = Random(1)
        analyze()

    def seek_around(self, report: Report, players: int, seeks: int) -> None:
        moments = [(self.rng.uniform(0, WITHIN), number % players) for number in range(seeks)]
        began = timezone.now()
        asked = self._ask(moments, first=0)
        calls = self._calls(began)
        what = f"{seeks:,} seeks by {players} players within {WITHIN // 60} minutes"
        beside = f"told to come back later {asked.postponed} times"
        report.add(f"{what}: calls to TorBox", len(calls), "", players * CALLS_PER_PLAYER, beside)
        report.add("the same: calls within a minute", _most(calls), "", CALLS_PER_MINUTE)

    def start_at_once(self, report: Report, players: int) -> None:
        """Let players start that nothing is known about, all within 10 seconds."""
        self._pass(MINUTE.total_seconds())
        began = timezone.now()
        asked = self._ask([(self.rng.uniform(0, 10), number) for number in range(players)], first=players)
        calls = self._calls(began)
        beside = (
            f"told to come back later {asked.postponed} times; the last one waited {asked.seconds:,.0f} s"
        )
        what = f"{players} players that start within 10 s: calls within a minute"
        report.add(what, _most(calls), "", CALLS_PER_MINUTE, beside)

    def compare(self, report: Report) -> None:
        """Measure a seek for which the CDN is asked whether the address still works, and one for which it isn't."""
        download = reverse("links:download_file", args=[self.torrent.pk, self.file.pk])
        player = self._player(0)
        take, beside = (
            partial(self._redirect, player, self.url),
            partial(self._redirect, self.person.client, download),
        )
        take()
        for what, seconds, most in (("seek", EVERY, 1.25), ("seek right after another", 0, 0.8)):
            found = measure(take, runs=RUNS, before=partial(self._next, seconds), beside=beside)
            report.add(f"{what}: relative to a download by a person", found.ratio, "×", most, _beside(found))

    @cached_property
    def _size(self) -> int:
        return int(self.file.size)

    def _ask(self, moments: Sequence[tuple[float, int]], first: int) -> Asked:
        """Let players ask at these seconds. One that is told to come back later does."""
        queue, postponed, now = list(moments), 0, 0.0
        heapq.heapify(queue)
        players: dict[int, Client] = {}
        while queue:
            moment, number = heapq.heappop(queue)
            self._pass(moment - now)
            now = moment
            player = players.setdefault(number, self._player(first + number))
            answer = self._seek(player)
            if answer.status_code == 503:
                postponed += 1
                heapq.heappush(queue, (now + int(answer["Retry-After"]), number))
        return Asked(postponed, now)

    def _seek(self, player: Client) -> HttpResponse:
        start = self.rng.randrange(self._size - 100)
        wanted = f"bytes={start}-{start + 99}"
        answer = player.get(self.url, headers={"Range": wanted})
        if answer.status_code == 302:
            got = self.session.get(answer["Location"], headers={"Range": wanted}, timeout=30)
            assert (got.status_code, len(got.content)) == (206, 100), got.status_code
        else:
            assert answer.status_code == 503, answer.status_code
        return answer

    def _player(self, number: int) -> Client:
        address = f"2001:db8:{number:x}::1"
        return Client(SERVER_NAME="localhost", REMOTE_ADDR=address, HTTP_USER_AGENT="mpv 0.35.1")

    def _redirect(self, client: Client, url: str) -> None:
        answer = client.get(url)
        assert answer.status_code == 302, answer.status_code

    def _next(self, seconds: float) -> None:
        self._pass(seconds)
        self.person.rest()

    def _pass(self, seconds: float) -> None:
        self.clock.shift(seconds)
        if seconds >= 1:
            self.simulated.command("advance", seconds=seconds)

    def _calls(self, began: datetime) -> list[datetime]:
        """Return when TorBox was asked for an address since then."""
        calls = UpstreamCall.objects.filter(endpoint="requestdl", at__gte=began)
        return list(calls.order_by("at").values_list("at", flat=True))


def _most(calls: Sequence[datetime]) -> int:
    """Return the largest number of calls within any minute."""
    return max((bisect_left(calls, at + MINUTE) - place for place, at in enumerate(calls)), default=0)


def _beside(found: Measured) -> str:
    return f"{shown(found.median, 'ms')}, {found.queries} queries; a download takes {shown(median(found.beside), 'ms')}"
