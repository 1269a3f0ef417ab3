"""What people are told, in templates: `{% load notifications %}`."""

from django import template

from ..pages.summary import notification_state

register = template.Library()
register.simple_tag(notification_state, name="notification_state")
