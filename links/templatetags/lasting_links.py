"""What pages of torrents ask about lasting links: `{% load lasting_links %}`."""

from __future__ import annotations

from django import template

from accounts.models import User

from ..services.making import EXPORT_GOOD_FOR
from ..services.policy import may_have_links

register = template.Library()


@register.simple_tag
def lasting_days(user: User) -> int:
    """Return for how many days a person's lasting links work, or 0 if they may have none."""
    return EXPORT_GOOD_FOR.days if may_have_links(user) else 0
