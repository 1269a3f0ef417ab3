"""Write numbers, sizes, and times the way the active language does. Units are in the docstrings.

Words and patterns are the Unicode CLDR's, by way of Babel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal, NamedTuple

from babel import dates, lists, numbers, units
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .locales import locale, locale_of, tag

NOTHING = "—"
BYTES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte")
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
Unit = Literal["day", "hour", "minute", "second"]
DURATIONS: tuple[tuple[Unit, int], ...] = (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", 1))


def number(value: int) -> str:
    """Return a whole number with the language's separators: 20000 -> 20,000."""
    return _number(value, tag())


def decimal(value: float, decimals: int) -> str:
    """Return a number with `decimals` places: 1.5 -> 1.50."""
    return numbers.format_decimal(value, _form(f"{value:.{decimals}f}"), locale=locale())


def listed(items: Sequence[str]) -> str:
    """Return a list as a sentence has it: “a”, “a and b”, “a, b, and c”."""
    return lists.format_list(items, locale=locale())


def enumerated(items: Iterable[str]) -> str:
    """Return independent facts one after the other, as a headline has them: “3 added, 1 failed”."""
    return list_gap().join(items)


def list_gap() -> str:
    """Return what stands between two items of a list without “and”: a comma with a space, as most languages have it."""
    # Babel has lists without “and” for a few languages only, but inside a longer list there is none either.
    pattern = str(locale().list_patterns["standard"]["middle"])
    return pattern.replace("{0}", "").replace("{1}", "")


def sentences(parts: Iterable[str]) -> str:
    """Return whole sentences one after the other, as the language joins them, without those that are empty."""
    return sentence_gap().join(filter(None, parts))


def sentence_gap() -> str:
    """Return what stands between two sentences: a space, or nothing in Chinese."""
    # Translators: two sentences of a paragraph. Chinese and Japanese put no space between them.
    return pgettext("two sentences", "%(first)s %(second)s") % {"first": "", "second": ""}


def file_size(size: int | None) -> str:
    """Return bytes in decimal steps, as disks and browsers count: 3900000000 -> 3.9 GB. Unknown (0) is a dash."""
    if not size:
        return NOTHING
    value, step = _in_steps(size)
    if step == 0:
        return exact_bytes(size)
    decimals = 1 if step > 1 and value < 99.95 else 0
    return _in_unit(f"digital-{BYTES[step]}", f"{value:.{decimals}f}", tag())


def short_size(size: int) -> str:
    """Return bytes without a decimal that is zero: 20000000000000 -> 20 TB. None is 0 bytes."""
    value, step = _in_steps(size)
    return _in_unit(f"digital-{BYTES[step]}", _short(value), tag()) if step else _exact_bytes(size, tag())


def size_scale(sizes: Sequence[int]) -> list[str]:
    """Return the labels of an axis, from 0 up. Only the last has its unit, which the others share: 0, 200, 400 GB."""
    _value, step = _in_steps(sizes[-1])
    below = (_short(size / 1000**step) for size in sizes[:-1])
    return [*(decimal(float(value), len(value.partition(".")[2])) for value in below), short_size(sizes[-1])]


def exact_bytes(size: int | None) -> str:
    """Return “1,234,567 bytes”, or nothing for an unknown size."""
    return _exact_bytes(size, tag()) if size else ""


def speed(rate: int) -> str:
    """Return bytes per second: 1200000 -> 1.2 MB/s."""
    value, step = _in_steps(max(rate, 0))
    value, step = (value, step) if step else (value / 1000, 1)
    decimals = 1 if step > 1 and value < 99.95 else 0
    return _per_second(f"digital-{BYTES[step]}", f"{value:.{decimals}f}", tag())


def short_speed(rate: int) -> str:
    """Return bytes per second without a decimal that is zero: 5000000 -> 5 MB/s."""
    value, step = _in_steps(max(rate, 1000))
    return _per_second(f"digital-{BYTES[step]}", _short(value), tag())


def duration(seconds: float | None) -> str:
    """Return seconds in the one unit that matters: 250 -> 4 min."""
    if seconds is None or seconds < 0:
        return ""
    unit, count = _in_one_unit(seconds)
    return _in_unit(f"duration-{unit}", str(count), tag())


def long_duration(seconds: float) -> str:
    """Return seconds in the one unit that matters, for a sentence: 21600 -> 6 hours."""
    unit, count = _in_one_unit(max(0, seconds))
    return _long(unit, count, tag())


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago a moment was: “2 minutes ago”, “yesterday”, “Mar 3”."""
    if moment is None:
        return NOTHING
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return _("just now")
    local, today = timezone.localdate(moment), timezone.localdate(now)
    days = (today - local).days
    if days == 0 or seconds < 6 * HOUR:
        unit, count = _in_one_unit(seconds)
        return _from_now(unit, -count, tag())
    if days == 1:
        return _("yesterday")
    return _from_now("day", -days, tag()) if days < 7 else _day(local, local.year == today.year, tag())


def until(moment: datetime, now: datetime | None = None) -> str:
    """Return how long it is until a moment: “in 3 days”."""
    unit, count = _in_one_unit(max(0, (moment - (now or timezone.now())).total_seconds()))
    return _from_now(unit, count, tag())


def day(moment: datetime, now: datetime | None = None) -> str:
    """Return “Mar 3”, with the year if it isn't this one."""
    local, today = timezone.localdate(moment), timezone.localdate(now)
    return _day(local, local.year == today.year, tag())


def calendar_day(day: date, today: date) -> str:
    """Return “Mar 3” for a day that is the same in all time zones, with the year if it isn't the one of `today`."""
    return _day(day, day.year == today.year, tag())


def month_and_day(day: date) -> str:
    """Return “March 3”, for a sentence."""
    return dates.format_skeleton("MMMMd", day, locale=locale())


def long_day(moment: datetime) -> str:
    """Return “March 3, 2026”, always with the year, for a sentence."""
    return dates.format_date(timezone.localdate(moment), "long", locale=locale())


def clock(moment: datetime) -> str:
    """Return “2:20 PM” or “14:20” as the language has it, with the day in front unless it is today."""
    time = time_of_day(moment)
    today = timezone.localdate(moment) == timezone.localdate()
    return time if today else _together(day(moment), time, "medium", tag())


def time_of_day(moment: datetime) -> str:
    """Return “2:20 PM” or “14:20” as the language has it, whatever the day."""
    local = timezone.localtime(moment)
    return dates.format_time(local, "short", tzinfo=local.tzinfo, locale=locale())


def wall_time(time: time) -> str:
    """Return a time of any day: 22:00 -> “10:00 PM” or “22:00”."""
    return dates.format_time(time, "short", locale=locale())


def full_date(moment: datetime | None) -> str:
    """Return a moment in full, to the second and with its time zone; nothing for none."""
    return _moment(moment, timezone.get_current_timezone(), tag())[1] if moment else ""


class Moment(NamedTuple):
    """A moment in three ways: for machines, in full, and how long ago it was."""

    iso: str
    full: str
    age: str


def moment(at: datetime | None) -> Moment | None:
    """Return a moment in the three ways that a `<time>` element needs."""
    return Moment(*_moment(at, timezone.get_current_timezone(), tag()), age(at)) if at else None


def _in_steps(size: float) -> tuple[float, int]:
    step = 0
    while size >= 999.5 and step < len(BYTES) - 1:
        size, step = size / 1000, step + 1
    return size, step


def _short(value: float) -> str:
    """Return a number as file sizes are rounded, without a decimal that is zero."""
    return f"{value:.{1 if value < 99.95 else 0}f}".removesuffix(".0")


def _in_one_unit(seconds: float) -> tuple[Unit, int]:
    unit, length = next(pair for pair in DURATIONS if seconds >= pair[1] or pair[1] == 1)
    return unit, int(seconds) if unit == "second" else round(seconds / length)


# Values come written and languages by tag, so that these are remembered: Babel takes 20 to 60 µs for each.


@lru_cache(maxsize=4096)
def _number(value: int, language: str) -> str:
    return numbers.format_decimal(value, locale=locale_of(language))


@lru_cache(maxsize=4096)
def _exact_bytes(size: int, language: str) -> str:
    return units.format_unit(size, "digital-byte", length="long", locale=locale_of(language))


@lru_cache(maxsize=4096)
def _in_unit(unit: str, value: str, language: str) -> str:
    return _spaced(units.format_unit(float(value), unit, "short", _form(value), locale=locale_of(language)))


@lru_cache(maxsize=4096)
def _per_second(unit: str, value: str, language: str) -> str:
    words = units.format_compound_unit(
        float(value),
        unit,
        denominator_unit="duration-second",
        length="short",
        format=_form(value),
        locale=locale_of(language),
    )
    return _spaced(words or "")


def _spaced(words: str) -> str:
    """Widen the narrow spaces of French: at the size of a note, “3 Mo” would read “3Mo”."""
    return words.replace("\u202f", "\u00a0")


@lru_cache(maxsize=1024)
def _from_now(unit: Unit, count: int, language: str) -> str:
    span = timedelta(seconds=count * dict(DURATIONS)[unit])
    return dates.format_timedelta(
        span, unit, threshold=1e9, add_direction=True, format="long", locale=locale_of(language)
    )


@lru_cache(maxsize=1024)
def _long(unit: Unit, count: int, language: str) -> str:
    return units.format_unit(count, f"duration-{unit}", "long", locale=locale_of(language))


@lru_cache(maxsize=1024)
def _day(day: date, this_year: bool, language: str) -> str:
    return dates.format_skeleton("MMMd" if this_year else "yMMMd", day, locale=locale_of(language))


@lru_cache(maxsize=4096)
def _moment(moment: datetime, zone: tzinfo, language: str) -> tuple[str, str]:
    """Return a moment for machines, and in full."""
    local = timezone.localtime(moment, zone)
    time = dates.format_time(local, "medium", tzinfo=local.tzinfo, locale=locale_of(language))
    full = _together(_full_day(local.date(), language), f"{time} {local.tzname()}", "full", language)
    return local.isoformat(), full


@lru_cache(maxsize=1024)
def _full_day(day: date, language: str) -> str:
    return dates.format_date(day, "full", locale=locale_of(language))


def _form(value: str) -> str:
    """Return the number pattern that shows as many decimals as are written."""
    decimals = len(value.partition(".")[2])
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def _together(date: str, time: str, length: Literal["medium", "full"], language: str) -> str:
    pattern = str(dates.get_datetime_format(length, locale=locale_of(language)))
    return pattern.replace("{1}", date).replace("{0}", time)
