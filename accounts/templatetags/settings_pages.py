"""The navigation of Settings in templates: `{% load settings_pages %}`."""

from django import template
from django.template import Context

from ..settings_pages import Place

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_place(context: Context) -> Place:
    """Return where in Settings the page that is being rendered is."""
    return Place(context["request"].resolver_match.view_name)
