"""What Settings says about saving: `{% load saving_settings %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization.formats import number

from ..models import Folder

register = template.Library()


@register.simple_tag
def saving_state() -> str:
    """Return how many folders the household can save to."""
    count = Folder.objects.count()
    if not count:
        return _("No folders yet")
    return ngettext("%(count)s folder", "%(count)s folders", count) % {"count": number(count)}
