"""Names, menus, and URLs of torrents in templates: `{% load torrents %}`."""

from django import template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .. import formatting
from ..pages import url_cache
from ..pages.list import row_actions, row_text

register = template.Library()
register.filter("short_hash", formatting.short_hash)
register.filter("display_name", formatting.display_name)
register.filter("problem", row_text.problem)
register.simple_tag(row_actions.items, name="menu_items")
register.simple_tag(url_cache.of_torrent, name="torrent_url")


@register.filter
def page_field(page: Page) -> SafeString:  # type: ignore[type-arg]
    """Return the field in which people enter the number of a page, for a sentence around it."""
    return render_to_string("components/_page_field.html", {"page": page})
