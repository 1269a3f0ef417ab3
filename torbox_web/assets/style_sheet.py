"""`{% style_sheet %}`: the style sheet, which is part of the page on a first visit and a file on later ones."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from .bundling import CSS_URL

register = template.Library()
NAME = "css/app.css"
PREFIXES = 8  # of URLs, each with a copy of the style sheet


@register.simple_tag(takes_context=True)
def style_sheet(context: Context) -> SafeString:
    """Render the style sheet in the page for a browser that doesn't have it, which saves it a round trip."""
    url = static(NAME)
    text = "" if context["returning"] else contents(url)
    nonce = str(context["request"].csp_nonce) if text else ""
    return mark_safe(  # noqa: S308 - a template made it
        render_to_string("components/_styles.html", {"url": url, "text": text, "nonce": nonce})
    )


@lru_cache(maxsize=PREFIXES)
def contents(url: str) -> SafeString:
    """Return the collected style sheet with its relative URLs resolved against `url`, its own.

    It is empty under DEBUG, where browsers read the sources.
    """
    collected: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    if settings.DEBUG or NAME not in collected:
        return SafeString()
    with staticfiles_storage.open(collected[NAME]) as file:
        text = CSS_URL.sub(lambda address: f'url("{urljoin(url, address[1])}")', file.read().decode())
    return mark_safe(text)  # noqa: S308 - it is ours
