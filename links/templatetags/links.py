"""A person's links in templates: `{% load links %}`."""

from __future__ import annotations

from django import template

from ..pages.person_links import has_links, link_state

register = template.Library()
register.filter("has_links", has_links)
register.simple_tag(link_state, name="link_state")
