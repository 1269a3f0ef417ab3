"""Numbers and moments as people read them. Pure functions; units are in the docstrings."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

NOTHING = "—"
BIDI_AND_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Zl", "Zp"}
JOINERS = {"\u200c", "\u200d"}


def file_size(size: int | None) -> str:
    """Bytes in decimal steps, as disks and browsers count: 3900000000 -> 3.9 GB. Unknown (0) is a dash."""
    if not size:
        return NOTHING
    value, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB", "TB", "PB"):
        if value < 999.5 or unit == "PB":
            break
        value /= 1000
    digits = 1 if value < 99.95 and unit in ("MB", "GB", "TB", "PB") else 0
    return f"{value:.{digits}f} {unit}"


def exact_bytes(size: int | None) -> str:
    return f"{size:,} bytes" if size else ""


def speed(rate: int) -> str:
    """Bytes per second."""
    return f"{file_size(rate)}/s" if rate else "0 B/s"


def duration(seconds: float | None) -> str:
    """Seconds in the one unit that matters: 250 -> 4 min."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 60:
        return f"{int(seconds)} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    if seconds < 86400:
        return f"{round(seconds / 3600)} h"
    days = round(seconds / 86400)
    return f"{days} day{'s' if days != 1 else ''}"


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago: "2 min ago", "Yesterday", "3 Mar"."""
    if moment is None:
        return NOTHING
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "just now"
    days = (timezone.localdate(now) - timezone.localdate(moment)).days
    if days == 0 or seconds < 6 * 3600:
        return f"{duration(seconds)} ago"
    if days == 1:
        return "Yesterday"
    return f"{days} days ago" if days < 7 else day(moment, now)


def day(moment: datetime, now: datetime | None = None) -> str:
    """“3 Mar”, with the year when it is another one."""
    local, today = timezone.localtime(moment), timezone.localtime(now or timezone.now())
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def clock(moment: datetime) -> str:
    """“14:20” today, else with the day in front."""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if today else f"{day(moment)}, {local:%H:%M}"


def full_date(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%A, %d %B %Y, %H:%M:%S %Z}" if moment else ""


class Moment(NamedTuple):
    """A moment in three ways: for machines, in full, and how long ago it is."""

    iso: str
    full: str
    age: str


def moment(at: datetime | None) -> Moment | None:
    return Moment(timezone.localtime(at).isoformat(), full_date(at), age(at)) if at else None


def until(moment: datetime, now: datetime | None = None) -> str:
    """“in 3 days”."""
    return f"in {duration(max(0, (moment - (now or timezone.now())).total_seconds()))}"


def ordinal(number: int) -> str:
    """“first” … “tenth”, then “11th”."""
    words = "first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905
    if number <= len(words):
        return words[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number:,}{ending}"


def torrents(number: int) -> str:
    """So many: “1 torrent”, “2 torrents”."""
    return f"{number:,} torrent{'s' if number != 1 else ''}"


def thousands(number: int) -> str:
    """20000 -> 20,000."""
    return f"{number:,}"


def short_hash(info_hash: str) -> str:
    return f"{info_hash[:8]}…{info_hash[-4:]}"


def display_name(name: str, most: int = 300) -> str:
    """A name from outside for one line of a page: no control or direction characters, bounded."""
    name = str(name)[: most * 2]
    cleaned = (
        name
        if name.isprintable()
        else "".join(
            c if c in JOINERS or unicodedata.category(c) not in BIDI_AND_INVISIBLE else " " for c in name
        )
    )
    cleaned = " ".join(cleaned.split())
    return cleaned if len(cleaned) <= most else f"{cleaned[:most]}…"
