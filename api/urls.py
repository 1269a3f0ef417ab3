from __future__ import annotations

from django.urls import include, path

from .pages import manage

app_name = "api"
managing = [
    path("me/api/", manage.manage, name="tokens"),
    path("me/api/new/", manage.new_token, name="new_token"),
    path("me/api/<int:pk>/revoke/", manage.revoke, name="revoke_token"),
]
urlpatterns = [
    *managing,
    path("qbittorrent/", include("api.qbittorrent.urls")),
]
