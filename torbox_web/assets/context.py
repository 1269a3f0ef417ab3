"""What the templates know about the browser's cache."""

from django.conf import settings
from django.http import HttpRequest


def returning(request: HttpRequest) -> dict[str, bool]:
    """Say whether the browser has had a page before, which set this cookie, and so probably has its files."""
    return {"returning": settings.CSRF_COOKIE_NAME in request.COOKIES}
