"""What pages of torrents ask about lasting links: `{% load lasting_links %}`."""

from __future__ import annotations

from django import template

from accounts.models import User

from ..services import policy

register = template.Library()


@register.simple_tag
def may_have_links(user: User) -> bool:
    """Return whether pages offer lasting links to a person."""
    return policy.may_have_links(user)
