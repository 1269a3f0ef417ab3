"""`{% icon "download" %}`: one drawing of static/img/icons.svg; every template may use it."""

from __future__ import annotations

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

DIRECTIONAL = {
    "arrow-left", "arrow-up-right", "chevron-left", "chevron-right", "external-link", "list-checks", "log-out"
}  # fmt: skip
"""Drawings that point along the line of text, or are made of lines of it. Right-to-left pages mirror them."""


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Render an icon once per name, since a page of the list holds hundreds."""
    context = {"name": name, "directional": name in DIRECTIONAL}
    return mark_safe(render_to_string("components/_icon.html", context))  # noqa: S308
