"""What Settings says about the API: `{% load api_settings %}`."""

from __future__ import annotations

from django import template

from ..pages.token_rows import has_tokens, state

register = template.Library()
register.simple_tag(state, name="api_state")
register.filter("has_tokens", has_tokens)
