"""Names in sentences of plain text, such as toasts, whatever the direction of their script. Markup has `<bdi>` for it."""

from __future__ import annotations

from unicodedata import bidirectional

from django.utils.translation import get_language_bidi

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL", "AN"}


def isolated_text(name: str) -> str:
    """Return a name that keeps its writing direction from spreading to the words around it.

    A name without right-to-left letters needs nothing in a language that is written from left to right.
    """
    if get_language_bidi() or any(bidirectional(character) in RIGHT_TO_LEFT for character in name):
        return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}"
    return name
