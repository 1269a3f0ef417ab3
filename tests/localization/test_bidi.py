"""A name in a sentence of plain text doesn't reorder the words around it."""

from __future__ import annotations

import pytest
from django.utils import translation

from localization.bidi import isolated_text

HEBREW, ARABIC, MIXED = "שלום", "فيلم", "Film (דוגמה)"


@pytest.mark.parametrize("name", [HEBREW, ARABIC, MIXED])
def test_a_name_with_right_to_left_letters_is_isolated(name: str):
    with translation.override("en"):
        assert isolated_text(name) == f"\u2068{name}\u2069"


def test_other_names_stay_as_they_are_from_left_to_right():
    with translation.override("en"):
        assert isolated_text("Sintel (2010) 映画") == "Sintel (2010) 映画"


def test_every_name_is_isolated_from_right_to_left():
    with translation.override("ar"):
        assert isolated_text("Sintel!") == "\u2068Sintel!\u2069"
