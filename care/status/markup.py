"""Sentences that name accounts: HTML on the Status page, plain text in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import unescape

from django.utils.html import conditional_escape, strip_tags
from django.utils.safestring import SafeString, mark_safe

from localization.formats import listed, sentences


def fill(message: str, **values: str) -> SafeString:
    """Return a translated message, which may contain markup, with its placeholders filled by escaped values."""
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(message % escaped)  # noqa: S308


def joined(parts: Iterable[str]) -> SafeString:
    """Return whole sentences one after the other, without those that are empty."""
    return mark_safe(sentences(conditional_escape(part) for part in parts))  # noqa: S308


def safe_list(items: Sequence[str]) -> SafeString:
    """Return markup and texts as a list in a sentence."""
    return mark_safe(listed([conditional_escape(item) for item in items]))  # noqa: S308


def plain(sentence: str) -> str:
    """Return a sentence without markup, as a terminal shows it."""
    return unescape(strip_tags(sentence)) if isinstance(sentence, SafeString) else sentence
