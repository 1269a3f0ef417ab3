from __future__ import annotations

from django.urls import URLResolver
from django.urls.resolvers import RoutePattern

app_name = "api"
urlpatterns = [
    # Unlike `include`, this imports the module with the first request to it. No worker ever does.
    URLResolver(RoutePattern("api/v1/"), "api.v1.urls", app_name="v1", namespace="v1"),
    URLResolver(
        RoutePattern("qbittorrent/"), "api.qbittorrent.urls", app_name="qbittorrent", namespace="qbittorrent"
    ),
]
