"""What Settings says about the API: `{% load api_settings %}`."""

from __future__ import annotations

from django import template

from ..pages.token_rows import state

register = template.Library()
register.simple_tag(state, name="api_state")
