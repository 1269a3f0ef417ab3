"""Lay out the days as bars. Places are in percent of the drawing, so that text keeps its size at any width."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from localization.formats import calendar_day, size_scale

BAR = 0.66  # of the place of a day
LEAST = 0.6  # percent of the height, so that a little isn't nothing
MAX_STEPS = 4
LABEL_EVERY = 7  # days
AXIS_GAP = 10  # pixels


@dataclass(frozen=True)
class Bar:
    """A day's bar. `is_today`: the day isn't over."""

    x: str
    y: str
    width: str
    height: str
    is_today: bool


@dataclass(frozen=True)
class Line:
    """A line across the drawing, and its label."""

    y: str
    label: str


@dataclass(frozen=True)
class DayLabel:
    """The name of a day below its bar. `anchor` is SVG's. `wide`: left out on a phone."""

    x: str
    text: str
    anchor: str
    wide: bool


@dataclass(frozen=True)
class Axis:
    """The end of the lines where reading begins, and the pixels from there to the labels."""

    x: str
    gap: int


@dataclass(frozen=True)
class Chart:
    """Bars, the lines behind them, and the names of some days. `axis` is where the lines have their labels."""

    axis: Axis
    bars: list[Bar]
    lines: list[Line]
    labels: list[DayLabel]


def chart(days: list[tuple[date, int]]) -> Chart:
    """Draw days with their bytes, of which some aren't 0, the oldest first. The last is today."""
    top = max(size for _day, size in days)
    steps = _steps(top)
    return Chart(
        axis=Axis(_percent(_from_start(0)), AXIS_GAP if translation.get_language_bidi() else -AXIS_GAP),
        bars=[_bar(place, size, top, len(days)) for place, (_day, size) in enumerate(days) if size],
        lines=[
            Line(_percent(100 - 100 * size / top), label)
            for size, label in zip(steps, size_scale(steps), strict=True)
        ],
        labels=_labels([day for day, _size in days]),
    )


def _bar(place: int, size: int, top: int, count: int) -> Bar:
    width, height = 100 / count, max(100 * size / top, LEAST)
    x = _from_start((place + 0.5) * width) - width * BAR / 2
    return Bar(
        _percent(x), _percent(100 - height), _percent(width * BAR), _percent(height), place == count - 1
    )


def _labels(days: list[date]) -> list[DayLabel]:
    weeks = range(0, len(days) - LABEL_EVERY, LABEL_EVERY)
    labels = [
        DayLabel(
            x=_percent(_from_start(100 * (place + 0.5) / len(days))),
            text=calendar_day(days[place], days[-1]),
            anchor="middle",
            wide=place % (2 * LABEL_EVERY) != 0,
        )
        for place in weeks
    ]
    return [*labels, DayLabel(_percent(_from_start(100)), _("Today"), "end", wide=False)]


def _from_start(x: float) -> float:
    """Return a place from the left. The first day is where the language begins to read."""
    return 100 - x if translation.get_language_bidi() else x


def _steps(most: int) -> list[int]:
    """Return round sizes from 0 up to `most`: 0, 200, 400, 600 for 640."""
    power = 10 ** (len(str(most)) - 1)
    sizes = (step * unit for unit in (power // 10, power) for step in (1, 2, 5))
    step = next((size for size in sizes if size and most // size <= MAX_STEPS), power)
    return list(range(0, most + 1, step))


def _percent(value: float) -> str:
    return f"{value:.2f}%"
