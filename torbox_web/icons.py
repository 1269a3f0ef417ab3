"""`{% icon "download" %}`: one drawing of the sprite static/img/icons.svg; every template may use it."""

from __future__ import annotations

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Made once for each name: a page of the list holds hundreds."""
    return mark_safe(render_to_string("components/_icon.html", {"name": name}))  # noqa: S308
