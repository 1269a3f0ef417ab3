"""The active locale: the language that gettext speaks, in the variant that the reader's browser prefers.

`en-GB` and `en-US` read the same sentences, but not the same dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from babel import Locale
from django.utils import translation

from . import languages

_variant: ContextVar[str] = ContextVar("variant", default="")


def activate(language: str, accepted: Sequence[str] = ()) -> None:
    """Speak `language` from now on in this thread. `accepted`: the tags that the reader's browser prefers."""
    translation.activate(language)
    _variant.set(languages.regional(language, accepted))


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Speak `language` for as long as the block runs, then what was spoken before."""
    before = _variant.set(language)
    try:
        with translation.override(language):
            yield
    finally:
        _variant.reset(before)


def tag() -> str:
    """Return the active locale as HTML and browsers name it: `de`, `en-GB`, `zh-hans`."""
    language = translation.get_language() or "en"
    variant = _variant.get()
    return variant if variant.partition("-")[0] == language else language


def locale() -> Locale:
    """Return the active locale."""
    return locale_of(tag())


locale_of = lru_cache(maxsize=256)(languages.locale_of)
