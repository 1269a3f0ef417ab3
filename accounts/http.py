"""Requests as the type checker sees them, and the status of a page with a form."""

from django.forms import BaseForm
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class MemberRequest(HttpRequest):
    """A request of a person who is signed in."""

    user: User
    htmx: HtmxDetails


def status_of(form: BaseForm) -> int:
    """Return the status of a page with a form: 422 if the form was sent with errors."""
    return 422 if form.is_bound and form.errors else 200
