"""The addresses of the qBittorrent API. Their names are those of the calls: `api:qbittorrent_torrents_info`."""

from __future__ import annotations

from django.urls import path

from .calling import View
from .views import app, auth, front

CALLS: dict[str, View] = {
    "app/version": app.version,
    "app/webapiVersion": app.webapi_version,
    "auth/login": auth.login,
    "auth/logout": auth.logout,
}
urlpatterns = [
    path("", front.front, name="qbittorrent"),
    *(
        path(f"api/v2/{call}", view, name=f"qbittorrent_{call.replace('/', '_')}")
        for call, view in CALLS.items()
    ),
]
