from __future__ import annotations

from django.urls import URLResolver, path
from django.urls.resolvers import RoutePattern

from .pages import manage


def on_demand(below: str, name: str) -> URLResolver:
    """Return what `include` returns, but import the module with the first request to it. No worker ever does."""
    return URLResolver(RoutePattern(below), f"api.{name}.urls", app_name=name, namespace=name)


app_name = "api"
managing = [
    path("me/api/", manage.manage, name="tokens"),
    path("me/api/new/", manage.new_token, name="new_token"),
    path("me/api/<int:pk>/revoke/", manage.revoke, name="revoke_token"),
]
urlpatterns = [
    *managing,
    on_demand("api/v1/", "v1"),
    on_demand("qbittorrent/", "qbittorrent"),
    on_demand("dav/", "dav"),
]
