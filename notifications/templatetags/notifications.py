"""What people are told, in templates: `{% load notifications %}`."""

from __future__ import annotations

from django import template

from accounts.models import User

from ..pages import unread
from ..pages.bell_text import bell_text
from ..pages.summary import notification_state

register = template.Library()
register.simple_tag(notification_state, name="notification_state")


@register.filter
def unread_lines(user: User) -> int:
    """Return how many lines of the person's bell are unread."""
    return unread.unread_lines(user)


@register.simple_tag
def bell_words(count: int) -> dict[str, str]:
    """Return the number on the bell, and its accessible name."""
    shown, label = bell_text(count)
    return {"count": shown, "label": label}
