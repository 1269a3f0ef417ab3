from django.forms import BaseForm
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in, as the type checker should see it."""

    user: User
    htmx: HtmxDetails


def status_of(form: BaseForm) -> int:
    """422 for a form that was sent with mistakes."""
    return 422 if form.is_bound and form.errors else 200
