"""The addresses below /qbittorrent/. Their names are those of the calls: `api:qbittorrent:torrents_info`.

They are imported with the first request to one, because pydantic takes memory.
"""

from __future__ import annotations

from django.urls import path

from .calling import View
from .views import app, auth, files, front, labels, nothing, sync, torrents, transfer

READS: dict[str, View] = {
    "app/buildInfo": app.build_info,
    "app/cookies": nothing.no_list,
    "app/defaultSavePath": app.save_path,
    "app/networkInterfaceAddressList": nothing.no_list,
    "app/networkInterfaceList": nothing.no_list,
    "app/preferences": app.preferences,
    "app/version": app.version,
    "app/webapiVersion": app.webapi_version,
    "log/main": nothing.no_list,
    "log/peers": nothing.no_list,
    "rss/items": nothing.no_object,
    "rss/matchingArticles": nothing.no_object,
    "rss/rules": nothing.no_object,
    "search/plugins": nothing.no_list,
    "search/status": nothing.no_list,
    "sync/maindata": sync.maindata,
    "sync/torrentPeers": sync.torrent_peers,
    "torrents/categories": labels.categories,
    "torrents/count": torrents.count,
    "torrents/files": files.files,
    "torrents/info": torrents.info,
    "torrents/pieceHashes": torrents.pieces,
    "torrents/pieceStates": torrents.pieces,
    "torrents/properties": torrents.properties,
    "torrents/tags": labels.tags,
    "torrents/trackers": torrents.trackers,
    "torrents/webseeds": torrents.webseeds,
    "transfer/downloadLimit": transfer.no_limit,
    "transfer/info": transfer.info,
    "transfer/speedLimitsMode": transfer.no_limit,
    "transfer/uploadLimit": transfer.no_limit,
}
CHANGES: dict[str, View] = {
    "app/setPreferences": app.not_here,
    "app/shutdown": app.not_here,
    "auth/login": auth.login,
    "auth/logout": auth.logout,
    "transfer/setDownloadLimit": transfer.not_here,
    "transfer/setSpeedLimitsMode": transfer.not_here,
    "transfer/setUploadLimit": transfer.not_here,
    "transfer/toggleSpeedLimitsMode": transfer.not_here,
}
urlpatterns = [
    path("", front.front, name="front"),
    *(path(f"api/v2/{call}", view, name=call.replace("/", "_")) for call, view in (READS | CHANGES).items()),
]
