"""`{{ message|offers }}`: the URLs that a toast offers."""

from django import template

from ..toasts import offers

register = template.Library()
register.filter("offers", offers)
