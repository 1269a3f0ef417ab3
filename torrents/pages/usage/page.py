"""What the Usage page shows: cards for data, slots, and AirLock, the last 30 days, and who added how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import TorBoxAccount, User
from localization.formats import calendar_day, clock, month_and_day, number, sentences, short_size
from torrents import fair_use
from torrents.airlock import has_airlock, published_airlock
from torrents.formatting import display_name, joined
from torrents.models import Heartbeat, Usage
from torrents.services.sync import usage
from torrents.services.upkeep.heartbeats import is_late
from torrents.states import MOVING, Status

from ..choice import Choice
from .chart import Chart, chart


@dataclass(frozen=True)
class Gauge:
    """A value, its limit if there is one, and a line below. `tone` is a state's, or empty."""

    value: str
    limit: str = ""
    percent: int | None = None
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Day:
    """A day's line in the table."""

    name: str
    size: int


@dataclass(frozen=True)
class Adder:
    """How many torrents a person added. Without a person, they were added by another app."""

    name: str
    initials: str
    count: int
    percent: int


class UsagePage:
    """The use of an account that `user` owns. `expected`: a newer report comes as soon as a worker has read it."""

    def __init__(self, user: User, account: TorBoxAccount, *, expected: bool) -> None:
        self.user = user
        self.account = account
        self.reading = expected and not is_late(Heartbeat.last("worker"))
        self.waits_for_worker = expected and not self.reading
        self.today = usage.today()

    @cached_property
    def report(self) -> Usage:
        return Usage.objects.filter(account=self.account).first() or Usage(account=self.account)

    @property
    def account_choices(self) -> list[Choice]:
        """Return the person's accounts, if there are several."""
        own = TorBoxAccount.objects.owned_by(self.user)
        choices = [
            Choice(
                str(one.pk),
                display_name(one.label),
                reverse("torrents:usage", args=[one.pk]),
                one.pk == self.account.pk,
            )
            for one in own
        ]
        return choices if len(choices) > 1 else []

    @property
    def problem(self) -> str:
        """Return why there is no newer report, and from when the figures are."""
        if self.reading:
            return ""
        if self.account.health_sentence:
            return sentences([display_name(self.account.health_sentence), self._figures_from])
        if self.waits_for_worker:
            waits = _("The background worker isn’t running, so there are no new figures.")
            return sentences([waits, self._figures_from])
        if self.report.asked_at is None or usage.is_answered(self.report):
            return ""
        # Translators: %(time)s is a time, with its date unless it is today.
        again = _("Reload this page after %(time)s to try again.")
        again %= {"time": clock(self.report.asked_at + usage.EVERY)}
        return sentences([_("TorBox didn’t report any new figures."), self._figures_from, again])

    @property
    def _figures_from(self) -> str:
        if self.report.read_at is None:
            return ""
        # Translators: figures about the use of a TorBox account. %(time)s is a time, with its date unless it is today.
        return _("You’re seeing those from %(time)s.") % {"time": clock(self.report.read_at)}

    # --- cards

    @cached_property
    def downloaded(self) -> dict[date, int]:
        """Return the bytes of each day that TorBox reported."""
        return dict(self.account.usage_days.values_list("day", "downloaded"))

    @property
    def data(self) -> Gauge:
        used, level = fair_use.used(self.downloaded, self.today), fair_use.LEVELS.get(self.account.plan)
        note, warns = self._forecast(used, level)
        # Translators: after an amount of data, such as “7.3 TB”. %(size)s is the level of use that TorBox publishes.
        limit = _("of TorBox’s published %(size)s") % {"size": short_size(level)} if level else ""
        return Gauge(short_size(used), limit, _percent(used, level), note, "waiting" if warns else "")

    def _forecast(self, used: int, level: int | None) -> tuple[str, bool]:
        """Return the sentence about the rate, and whether it is a warning."""
        if level and used >= level:
            text = _("You’ve reached TorBox’s published level of %(size)s.")
            return text % {"size": short_size(level)}, True
        ahead = fair_use.forecast(self.downloaded, self.today, level)
        if ahead is None:
            return "", False
        if level and ahead.reached_on:
            text = _("At this rate, you’ll reach TorBox’s published level of %(size)s on %(day)s.")
            return text % {"size": short_size(level), "day": month_and_day(ahead.reached_on)}, True
        return _("At this rate, you’ll use about %(size)s in 30 days.") % {
            "size": short_size(ahead.total)
        }, False

    @property
    def slots(self) -> Gauge:
        active = self.account.torrents.filter(active=True).order_by()
        counts = dict(active.values_list("status").annotate(Count("pk")))
        used, most = sum(counts.values()), self.account.slots
        # Translators: after a number: 3 of 10
        limit = _("of %(limit)s") % {"limit": number(most)} if most else ""
        return Gauge(number(used), limit, _percent(used, most), _in_slots(counts))

    @property
    def airlock(self) -> Gauge | None:
        """Return AirLock's card, or None if the plan doesn't have it."""
        if not has_airlock(self.account):
            return None
        kept = self.account.torrents.listed().filter(airlocked=True)
        sizes, limit = list(kept.values_list("size", flat=True)), self.report.airlock_limit
        used = self.report.airlock_used
        used = sum(sizes) if used is None else used
        limit = published_airlock(self.account.plan) if limit is None else limit
        words = ngettext("%(number)s torrent", "%(number)s torrents", len(sizes))
        return Gauge(
            short_size(used),
            _("of %(limit)s") % {"limit": short_size(limit)} if limit else "",
            _percent(used, limit),
            words % {"number": number(len(sizes))},
        )

    # --- days

    @cached_property
    def _days(self) -> list[tuple[date, int]]:
        window = (self.today - timedelta(days=back) for back in reversed(range(fair_use.WINDOW)))
        return [(day, self.downloaded.get(day, 0)) for day in window]

    @property
    def is_reported(self) -> bool:
        """Return whether TorBox reported any of the last 30 days."""
        return any(day in self.downloaded for day, _size in self._days)

    @cached_property
    def chart(self) -> Chart | None:
        """Return the last 30 days as bars, or None if nothing was downloaded."""
        return chart(self._days) if any(size for _day, size in self._days) else None

    @property
    def days(self) -> list[Day]:
        """Return the same days as lines, today first."""
        return [Day(calendar_day(day, self.today), size) for day, size in reversed(self._days)]

    @property
    def days_are_elsewhere(self) -> bool:
        """Return whether TorBox's days, which are in UTC, aren't the person's."""
        return timezone.localtime().utcoffset() != timedelta(0)

    # --- people

    @cached_property
    def adders(self) -> list[Adder]:
        """Return who added the torrents of the last 30 days, those with the most first."""
        since = timezone.now() - timedelta(days=fair_use.WINDOW)
        added = self.account.torrents.filter(added_at__gte=since).order_by()
        counts = dict(added.values_list("added_by").annotate(Count("pk")))
        people = User.objects.in_bulk([pk for pk in counts if pk is not None])
        most = max(counts.values(), default=0)
        adders = [_adder(people.get(pk), count, most) for pk, count in counts.items()]
        return sorted(adders, key=lambda adder: (not adder.initials, -adder.count, adder.name))

    @property
    def added_count(self) -> int:
        return sum(adder.count for adder in self.adders)


def _adder(person: User | None, count: int, most: int) -> Adder:
    percent = round(100 * count / most)
    if person is None:
        # Translators: where torrents came from that nobody added here.
        return Adder(_("Other apps"), "", count, percent)
    return Adder(person.display_name, person.initials, count, percent)


def _in_slots(counts: dict[str, int]) -> SafeString:
    """Return what the torrents in the slots do: “2 downloading · 1 stalled”."""
    seeding, stalled = counts.get(Status.READY, 0), counts.get(Status.STALLED, 0)
    moving = sum(count for status, count in counts.items() if status in MOVING)
    facts = {
        # Translators: these three are about torrents, after the number of torrents in use.
        _("%(number)s downloading"): moving,
        _("%(number)s stalled"): stalled,
        _("%(number)s seeding"): seeding,
    }
    return joined(words % {"number": number(count)} for words, count in facts.items() if count)


def _percent(used: int, limit: int | None) -> int | None:
    """Return how much of a limit is used, at most 100. None without a limit."""
    return min(100, round(100 * used / limit)) if limit else None
