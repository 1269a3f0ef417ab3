"""Names as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from localization.bidi import isolated_text

BIDI_AND_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Zl", "Zp"}
JOINERS = {"\u200c", "\u200d"}


def short_hash(info_hash: str) -> str:
    """Return the beginning and the end of an info hash."""
    return f"{info_hash[:8]}…{info_hash[-4:]}"


def display_name(name: str, most: int = 300) -> str:
    """Return untrusted text for one line of a page: bounded, without control or direction characters."""
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


def isolated(name: str, most: int = 300) -> SafeString:
    """Return a name as markup that keeps its writing direction from spreading to the words around it."""
    return SafeString(f"<bdi>{escape(display_name(name, most))}</bdi>")


def name_in_text(name: str, most: int = 60) -> str:
    """Return a name for a sentence that is plain text, such as a toast."""
    return isolated_text(display_name(name, most))


def with_markup(sentence: str | Promise, **parts: str) -> SafeString:
    """Return a translated sentence as markup, with its placeholders filled in. Escapes all that isn't markup yet."""
    return SafeString(escape(str(sentence)) % {name: _escaped(part) for name, part in parts.items()})


def joined(facts: Iterable[str]) -> SafeString:
    """Return independent facts on one line, as markup. Escapes all that isn't markup yet."""
    return SafeString(" · ".join(map(_escaped, facts)))


def _escaped(text: str) -> str:
    # Django's own functions look for lazy texts, too. Rows are made too often for that.
    return text if isinstance(text, SafeString) else escape(text)
