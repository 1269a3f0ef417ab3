"""Parts of a page that are alike for everyone who speaks a language: `{% load fragments %}`."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString, mark_safe

from .. import locales

register = template.Library()
TOKEN = "the-token-of-each-reader"  # noqa: S105 - stands for one
KEPT = 512  # fragments in each process, a few thousand characters each


@register.simple_tag(takes_context=True)
def once_per_language(context: Context, name: str, **shown: Hashable) -> SafeString:
    """Render a template that gets nothing but `shown`, once per language and values of `shown`.

    It may hold a form, which gets the reader's own CSRF token, but no times: people differ in their time zone.
    """
    markup = _markup(name, tuple(shown.items()), locales.tag(), get_script_prefix())
    if TOKEN in markup:
        markup = markup.replace(TOKEN, str(context["csrf_token"]))
    return mark_safe(markup)  # noqa: S308 - a template made it, and a token is safe


@lru_cache(maxsize=KEPT)
def _markup(name: str, shown: tuple[tuple[str, Hashable], ...], language: str, prefix: str) -> str:
    return render_to_string(name, dict(shown) | {"csrf_token": TOKEN})
