"""The navigation of Settings in templates: `{% load settings_pages %}`."""

from django import template
from django.template import Context

from ..models import User
from ..settings_pages import Place, household_pages

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_place(context: Context) -> Place:
    """Return where in Settings the page that is being rendered is: the URL it has, or that of `settings_view`."""
    request = context["request"]
    household = household_pages(request.user) if isinstance(request.user, User) else ()
    return Place(context.get("settings_view") or request.resolver_match.view_name, household)
