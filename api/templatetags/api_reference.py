"""Filters of the documentation page."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
CODE = re.compile(r"`([^`]+)`")
TONES = {"GET": "active", "DELETE": "failed"}


@register.filter
def with_code(text: str) -> SafeString:
    """Show what is between backticks as code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped


@register.filter
def method_tone(method: str) -> str:
    """Return the tone of a method: what deletes warns."""
    return TONES.get(method, "ready")
