"""Words for notifications: one sentence for what happened, and one quiet line of facts."""

from __future__ import annotations

from django.utils.safestring import SafeString

from .models import Notification


def sentence(note: Notification, *, url: str = "") -> SafeString:
    """Return what happened as markup, in the active language. `url`: where the name leads to."""
    raise NotImplementedError


def plain_sentence(note: Notification) -> str:
    """Return what happened as plain text, for messages."""
    raise NotImplementedError


def facts(note: Notification) -> str:
    """Return the quiet line below it as plain text; "" if there is nothing to add."""
    raise NotImplementedError
