"""The bars of the Usage page, in percent of the drawing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from torrents.pages.usage.chart import Chart, chart

TODAY = date(2026, 12, 10)


def drawn(*sizes: int, language: str = "en") -> Chart:
    with translation.override(language):
        return chart(
            [(TODAY - timedelta(days=back), size) for back, size in enumerate(reversed(sizes))][::-1]
        )


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (640 * 10**9, ["0", "200", "400", "600 GB"]),
        (98 * 10**9, ["0", "20", "40", "60", "80 GB"]),
        (100 * 10**9, ["0", "50", "100 GB"]),
        (1_600_000_000_000, ["0", "0.5", "1", "1.5 TB"]),
        (10**15, ["0", "0.5", "1 PB"]),
        (3, ["0", "1", "2", "3 bytes"]),
        (1, ["0", "1 byte"]),
    ],
)
def test_lines_are_at_round_sizes_and_at_most_four_above_zero(most, labels):
    found = [line.label for line in drawn(0, most).lines]
    assert found == labels and len(found) <= 5


def test_a_bar_is_as_high_as_its_share_of_the_largest():
    bars = drawn(50, 0, 100, 1, 1000).bars
    assert [bar.height for bar in bars] == ["5.00%", "10.00%", "0.60%", "100.00%"]
    assert [bar.is_today for bar in bars] == [False, False, False, True]
    assert bars[-1].y == "0.00%"


def test_weeks_and_today_are_named_and_every_second_week_on_a_phone():
    labels = drawn(*[1] * 30).labels
    assert [(label.text, label.wide) for label in labels] == [
        ("Nov 11", False),
        ("Nov 18", True),
        ("Nov 25", False),
        ("Dec 2", True),
        ("Today", False),
    ]


def test_days_begin_where_the_language_begins_to_read():
    left, right = drawn(1, 2), drawn(1, 2, language="ar")
    assert [float(bar.x.rstrip("%")) for bar in left.bars] == [8.5, 58.5]
    assert [float(bar.x.rstrip("%")) for bar in right.bars] == [58.5, 8.5]
    assert (left.axis.x, left.axis.gap, right.axis.x, right.axis.gap) == ("0.00%", -10, "100.00%", 10)
