from __future__ import annotations

from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

from .pages import manage

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
    # Unlike `include`, this imports the module with the first request to it. No worker ever does.
    URLResolver(RoutePattern("api/v1/"), "api.v1.urls", app_name="v1", namespace="v1"),
]
