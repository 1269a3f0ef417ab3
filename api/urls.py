from __future__ import annotations

from django.urls import include, path

app_name = "api"
urlpatterns = [
    path("qbittorrent/", include("api.qbittorrent.urls")),
]
