"""Numbers, sizes, and times are written as each language does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from localization import formats, locales

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _afterwards():
    with translation.override("en"), timezone.override("UTC"), time_machine.travel(NOON, tick=False):
        yield
    locales.activate("en")


@pytest.mark.parametrize(
    ("language", "size"),
    [("en", "3.9 GB"), ("de", "3,9\xa0GB"), ("fr", "3,9\xa0Go"), ("pl", "3,9 GB"), ("zh-hans", "3.9 GB")],
)
def test_a_size_has_the_decimals_and_the_unit_of_its_language(language: str, size: str):
    with translation.override(language):
        assert formats.file_size(3_900_000_000) == size


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "—"), (0, "—"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"),
        (99_949_999, "99.9 MB"), (99_950_000, "100 MB"), (5_000_000_000_000_000, "5.0 PB"),
        (5_000_000_000_000_000_000, "5000 PB"),
    ],
)  # fmt: skip
def test_a_size_is_in_the_largest_unit_that_keeps_it_short(size: int | None, words: str):
    assert formats.file_size(size).replace(",", "") == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"), (1, "1 byte"), (20 * 10**12, "20 TB"), (7_300_000_000_000, "7.3 TB"), (412_000_000_000, "412 GB"),
        (19_960_000_000, "20 GB"), (1_040_000, "1 MB"),
    ],
)  # fmt: skip
def test_a_short_size_has_no_decimal_that_is_zero(size: int, words: str):
    assert formats.short_size(size) == words


@pytest.mark.parametrize(
    ("language", "sizes", "labels"),
    [
        ("en", [0, 200, 400, 600], ["0", "200", "400", "600 GB"]),
        ("de", [0, 500, 1000, 1500], ["0", "0,5", "1", "1,5 TB"]),
        ("en", [0, 500, 1000], ["0", "0.5", "1 TB"]),
        ("en", [0], ["0 bytes"]),
    ],
)
def test_the_labels_of_an_axis_share_one_unit(language: str, sizes: list[int], labels: list[str]):
    with translation.override(language):
        assert formats.size_scale([size * 10**9 for size in sizes]) == labels


def test_a_day_of_the_calendar_is_the_same_in_all_time_zones():
    day = date(2026, 3, 14)
    with timezone.override("Pacific/Kiritimati"):
        assert formats.calendar_day(day, today=day) == "Mar 14"
    assert formats.calendar_day(day, today=date(2027, 1, 2)) == "Mar 14, 2026"
    assert formats.month_and_day(day) == "March 14"
    with translation.override("de"):
        assert formats.month_and_day(day) == "14. März"


def test_exact_bytes_and_speeds():
    assert formats.exact_bytes(1_234_567) == "1,234,567 bytes"
    assert formats.exact_bytes(None) == ""
    assert [formats.speed(rate) for rate in (0, 400, 1_200_000)] == ["0 kB/s", "0 kB/s", "1.2 MB/s"]


@pytest.mark.parametrize(
    ("ago", "english", "german"),
    [
        (timedelta(seconds=59), "just now", None),
        (timedelta(minutes=3), "3 minutes ago", "vor 3 Minuten"),
        (timedelta(hours=2), "2 hours ago", "vor 2 Stunden"),
        (timedelta(days=1), "yesterday", None),
        (timedelta(days=3), "3 days ago", "vor 3 Tagen"),
        (timedelta(days=9), "Mar 6", "6. März"),
        (timedelta(days=300), "May 19, 2025", "19. Mai 2025"),
    ],
)
def test_an_age_is_in_the_unit_that_matters(ago: timedelta, english: str, german: str | None):
    assert formats.age(NOON - ago) == english
    with translation.override("de"):
        assert german is None or formats.age(NOON - ago) == german


def test_a_time_to_come_is_told_with_its_preposition():
    assert formats.until(NOON + timedelta(days=3)) == "in 3 days"
    with translation.override("de"):
        assert formats.until(NOON + timedelta(days=3)) == "in 3 Tagen"
    with translation.override("pl"):
        assert formats.until(NOON + timedelta(days=2)) == "za 2 dni"


def test_the_clock_has_as_many_hours_as_the_language():
    assert formats.clock(NOON + timedelta(hours=2, minutes=20)) == "2:20\u202fPM"
    assert formats.clock(NOON - timedelta(days=2)) == "Mar 13, 12:00\u202fPM"
    with translation.override("de"):
        assert formats.clock(NOON + timedelta(hours=2, minutes=20)) == "14:20"


def test_english_has_the_dates_and_the_clock_of_the_readers_country():
    locales.activate("en", ["de-DE", "en-gb"])
    assert formats.clock(NOON - timedelta(days=2)) == "13 Mar, 12:00"
    assert locales.tag() == "en-GB"


@pytest.mark.parametrize("tag", ["en-aa", "en-" + "x" * 300, "en-", "en_GB", "EN-🙂", "de-DE"])
def test_a_country_that_no_language_knows_changes_nothing(tag: str):
    locales.activate("en", [tag])
    assert locales.tag() == "en"


def test_a_full_date_says_its_time_zone():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert formats.full_date(NOON) == "Sunday, March 15, 2026, 1:00:00\u202fPM CET"
    assert formats.full_date(None) == ""


def test_facts_follow_each_other_without_and_in_every_language():
    assert [formats.enumerated(items) for items in ("", "a", "ab", "abc")] == ["", "a", "a, b", "a, b, c"]
    for language, expected in {"de": "a, b", "it": "a, b", "zh-hans": "a、b", "ja": "a、b"}.items():
        with translation.override(language):
            assert formats.enumerated("ab") == expected


def test_lists_end_as_the_language_ends_them():
    assert [formats.listed(list(items)) for items in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b, and c",
    ]
    with translation.override("de"):
        assert formats.listed(["a", "b", "c"]) == "a, b und c"
    with translation.override("zh-hans"):
        assert formats.listed(["a", "b", "c"]) == "a、b和c"


def test_numbers_have_the_separators_of_the_language():
    assert formats.number(20_000) == "20,000"
    with translation.override("fr"):
        assert formats.number(20_000) == "20\u202f000"


@pytest.mark.parametrize(
    ("language", "joined"), [("en", "One. Two."), ("de", "One. Two."), ("zh-hans", "One.Two.")]
)
def test_sentences_are_joined_as_the_language_does(language: str, joined: str):
    with translation.override(language):
        assert formats.sentences(["One.", "", "Two."]) == joined


def test_one_sentence_stays_as_it_is():
    assert formats.sentences(["One."]) == "One." and formats.sentences([]) == ""
