from __future__ import annotations

from django.urls import URLResolver, path
from django.urls.resolvers import RoutePattern

from .pages import categories, manage


class ImportedLater(URLResolver):
    """Addresses in a namespace, whose module is imported with the first request to one, or when one is made.

    REST takes 14 MB, which no Celery worker needs. `gunicorn.conf.py` loads it for all web processes together.
    """

    def _populate(self) -> None:
        """Do nothing when the others are made ready. Django makes addresses in a namespace from `url_patterns`."""


def later(below: str, name: str) -> ImportedLater:
    return ImportedLater(RoutePattern(below), f"api.{name}.urls", app_name=name, namespace=name)


app_name = "api"
managing = [
    path("me/api/", manage.manage, name="tokens"),
    path("me/api/new/", manage.new_token, name="new_token"),
    path("me/api/<int:pk>/revoke/", manage.revoke, name="revoke_token"),
    path("me/api/categories/", categories.add, name="add_category"),
    path("me/api/categories/<int:pk>/", categories.choose, name="choose_folder"),
    path("me/api/categories/<int:pk>/remove/", categories.remove, name="remove_category"),
]
urlpatterns = [
    *managing,
    later("api/v1/", "v1"),
    later("qbittorrent/", "qbittorrent"),
    later("dav/", "dav"),
]
