from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in, as the type checker should see it."""

    user: User
    htmx: HtmxDetails
