"""The bell in the header of every page: `{% load notifications %}`."""

from __future__ import annotations

from django import template

from accounts.models import User

from ..pages import unread
from ..pages.bell_text import bell_text

register = template.Library()


@register.filter
def unread_lines(user: User) -> int:
    """Return how many lines of the person's bell are unread."""
    return unread.unread_lines(user)


@register.simple_tag
def bell_words(count: int) -> dict[str, str]:
    """Return the number on the bell, and its accessible name."""
    shown, label = bell_text(count)
    return {"count": shown, "label": label}
