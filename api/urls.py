from __future__ import annotations

from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

from .pages import manage


class ImportedLater(URLResolver):
    """Addresses in a namespace, whose module is imported with the first request to one, or when one is made.

    REST takes 8 MB, which no worker and no instance without such programs needs.
    """

    def _populate(self) -> None:
        """Do nothing when the others are made ready. Django makes addresses in a namespace from `url_patterns`."""


app_name = "api"
managing = [
    path("me/api/", manage.manage, name="tokens"),
    path("me/api/new/", manage.new_token, name="new_token"),
    path("me/api/<int:pk>/revoke/", manage.revoke, name="revoke_token"),
]
urlpatterns = [
    *managing,
    path("", include("api.dav.urls")),
    path("qbittorrent/", include("api.qbittorrent.urls")),
    ImportedLater(RoutePattern("api/v1/"), "api.v1.urls", app_name="v1", namespace="v1"),
]
