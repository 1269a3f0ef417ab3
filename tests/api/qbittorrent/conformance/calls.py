"""What qbittorrent-api calls, in this order, at qBittorrent and at ours: each call on its own, with the answer it got.

Before the list begins, both have a ready torrent of two files, `Work.info_hash`, in the category `tv` with the tag `4K`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import qbittorrentapi
import requests

from simulator.content_library import Work
from tests.factories import make_hash

MAGNET = f"magnet:?xt=urn:btih:{make_hash('by magnet')}&dn=Another.film"
UNKNOWN = make_hash("unknown")
TRACKER = "udp://127.0.0.1:9/announce"
VERSION = "app/webapiVersion"  # which the library also looks at before other calls
Call = Callable[["Program"], object]


@dataclass
class Answer:
    """What a call got. `body` is text, or what JSON says; a `status` of 0: the library didn't ask this version."""

    status: int = 0
    media_type: str = ""
    body: Any = ""


@dataclass
class Program:
    """A program that uses the library. `work` is the torrent that both have, `second` a .torrent that neither has."""

    url: str
    name: str
    password: str
    work: Work
    second: Work
    last: Answer = field(default_factory=Answer)

    def __post_init__(self) -> None:
        self.client = self.connected(self.password)
        self.hash = self.work.info_hash

    def connected(self, password: str) -> qbittorrentapi.Client:
        heard = {"hooks": {"response": self._hear}, "timeout": 30}
        return qbittorrentapi.Client(self.url, username=self.name, password=password, REQUESTS_ARGS=heard)

    def ask(self, call: Call) -> Answer:
        """Make a call. Errors of the library are left aside, because they follow from the answer."""
        self.last = Answer()
        try:
            call(self)
        except qbittorrentapi.APIError:
            assert self.last.status, "it didn't answer"
        return self.last

    def _hear(self, response: requests.Response, *_: Any, **__: Any) -> None:
        if not response.url.endswith(VERSION):
            self._note(response)

    def _note(self, response: requests.Response) -> None:
        media_type = response.headers.get("Content-Type", "").partition(";")[0] if response.content else ""
        body = response.json() if media_type == "application/json" else response.text
        self.last = Answer(response.status_code, media_type, body)

    def wrong_password(self) -> None:
        self.connected("wrong").auth_log_in()

    def web_api_version(self) -> None:
        self._note(self.client._get(_name="app", _method="webapiVersion"))

    def without_session(self) -> None:
        self._note(requests.get(f"{self.url}/api/v2/app/version", timeout=30))

    def unknown_route(self) -> None:
        self.client._get(_name="torrents", _method="nothing")

    def after_signing_out(self) -> None:
        self.client.auth_log_out()
        self.without_session()


# One line for each call.
# fmt: off
CALLS: dict[str, Call] = {
    "app/version without a session": Program.without_session,
    "auth/login, wrong": Program.wrong_password,
    "auth/login": lambda it: it.client.auth_log_in(),
    "app/version": lambda it: it.client.app_version(),
    "app/webapiVersion": Program.web_api_version,
    "app/buildInfo": lambda it: it.client.app_build_info(),
    "app/preferences": lambda it: it.client.app_preferences(),
    "app/setPreferences": lambda it: it.client.app_set_preferences({"dht": True}),
    "app/defaultSavePath": lambda it: it.client.app_default_save_path(),
    "app/cookies": lambda it: it.client.app_cookies(),
    "app/networkInterfaceList": lambda it: it.client.app_network_interface_list(),
    "app/networkInterfaceAddressList": lambda it: it.client.app_network_interface_address_list(),
    "app/sendTestEmail": lambda it: it.client.app_send_test_email(),
    "app/getDirectoryContent": lambda it: it.client.app_get_directory_content("/"),
    "a route that doesn't exist": Program.unknown_route,

    "torrents/info": lambda it: it.client.torrents_info(),
    "torrents/info, of a category": lambda it: it.client.torrents_info(category="tv"),
    "torrents/info, of an unknown category": lambda it: it.client.torrents_info(category="unknown"),
    "torrents/info, without a category": lambda it: it.client.torrents_info(category=""),
    "torrents/info, completed": lambda it: it.client.torrents_info(status_filter="completed"),
    "torrents/info, downloading": lambda it: it.client.torrents_info(status_filter="downloading"),
    "torrents/info, of a tag": lambda it: it.client.torrents_info(tag="4K"),
    "torrents/info, of hashes": lambda it: it.client.torrents_info(torrent_hashes=[it.hash, UNKNOWN]),
    "torrents/info, sorted": lambda it: it.client.torrents_info(sort="name", reverse=True, limit=1, offset=0),
    "torrents/info, unknown filter": lambda it: it.client.torrents_info(status_filter="nonsense"),
    "torrents/count": lambda it: it.client.torrents_count(),
    "torrents/properties": lambda it: it.client.torrents_properties(it.hash),
    "torrents/properties, unknown": lambda it: it.client.torrents_properties(UNKNOWN),
    "torrents/trackers": lambda it: it.client.torrents_trackers(it.hash),
    "torrents/trackers, unknown": lambda it: it.client.torrents_trackers(UNKNOWN),
    "torrents/webseeds": lambda it: it.client.torrents_webseeds(it.hash),
    "torrents/files": lambda it: it.client.torrents_files(it.hash),
    "torrents/files, unknown": lambda it: it.client.torrents_files(UNKNOWN),
    "torrents/pieceStates": lambda it: it.client.torrents_piece_states(it.hash),
    "torrents/pieceHashes": lambda it: it.client.torrents_piece_hashes(it.hash),
    "torrents/export": lambda it: it.client.torrents_export(it.hash),

    "sync/maindata": lambda it: it.client.sync_maindata(rid=0),
    "sync/torrentPeers": lambda it: it.client.sync_torrent_peers(it.hash),
    "sync/torrentPeers, unknown": lambda it: it.client.sync_torrent_peers(UNKNOWN),

    "transfer/info": lambda it: it.client.transfer_info(),
    "transfer/speedLimitsMode": lambda it: it.client.transfer_speed_limits_mode(),
    "transfer/downloadLimit": lambda it: it.client.transfer_download_limit(),
    "transfer/uploadLimit": lambda it: it.client.transfer_upload_limit(),
    "transfer/setDownloadLimit": lambda it: it.client.transfer_set_download_limit(0),
    "transfer/setUploadLimit": lambda it: it.client.transfer_set_upload_limit(0),
    "transfer/toggleSpeedLimitsMode": lambda it: it.client.transfer_set_speed_limits_mode(True),
    "transfer/banPeers": lambda it: it.client.transfer_ban_peers("127.0.0.1:9"),

    "torrents/categories": lambda it: it.client.torrents_categories(),
    "torrents/createCategory": lambda it: it.client.torrents_create_category("films"),
    "torrents/createCategory, twice": lambda it: it.client.torrents_create_category("films"),
    "torrents/createCategory, without a name": lambda it: it.client.torrents_create_category(""),
    "torrents/createCategory, bad name": lambda it: it.client.torrents_create_category("/films//4K/"),
    "torrents/editCategory": lambda it: it.client.torrents_edit_category("films", save_path=""),
    "torrents/editCategory, unknown": lambda it: it.client.torrents_edit_category("unknown", save_path=""),
    "torrents/setCategory": lambda it: it.client.torrents_set_category("films", it.hash),
    "torrents/setCategory, none": lambda it: it.client.torrents_set_category("", it.hash),
    "torrents/setCategory, unknown": lambda it: it.client.torrents_set_category("unknown", it.hash),
    "torrents/removeCategories": lambda it: it.client.torrents_remove_categories(["films", "unknown"]),
    "torrents/tags": lambda it: it.client.torrents_tags(),
    "torrents/createTags": lambda it: it.client.torrents_create_tags(["kept"]),
    "torrents/addTags": lambda it: it.client.torrents_add_tags(["x", "y"], it.hash),
    "torrents/removeTags": lambda it: it.client.torrents_remove_tags(["x"], it.hash),
    "torrents/deleteTags": lambda it: it.client.torrents_delete_tags(["y"]),

    "torrents/add, a magnet": lambda it: it.client.torrents_add(urls=MAGNET, category="new", tags="a,b"),
    "torrents/add, the same again": lambda it: it.client.torrents_add(urls=MAGNET),
    "torrents/add, a file": lambda it: it.client.torrents_add(
        torrent_files={"a.torrent": it.second.torrent_bytes}, is_stopped=True, ratio_limit=1
    ),
    "torrents/add, the same file again": lambda it: it.client.torrents_add(
        torrent_files=it.second.torrent_bytes
    ),
    "torrents/add, a file that is none": lambda it: it.client.torrents_add(torrent_files=b"nonsense"),
    "torrents/add, nonsense": lambda it: it.client.torrents_add(urls="nonsense"),
    "torrents/add, nothing": lambda it: it.client.torrents_add(urls=""),
    "torrents/info, after adding": lambda it: it.client.torrents_info(category="new"),

    "torrents/stop": lambda it: it.client.torrents_stop(it.hash),
    "torrents/start": lambda it: it.client.torrents_start(it.hash),
    "torrents/stop, unknown": lambda it: it.client.torrents_stop(UNKNOWN),
    "torrents/recheck": lambda it: it.client.torrents_recheck(it.second.info_hash),
    "torrents/reannounce": lambda it: it.client.torrents_reannounce(it.hash),
    "torrents/topPrio": lambda it: it.client.torrents_top_priority(it.hash),
    "torrents/bottomPrio": lambda it: it.client.torrents_bottom_priority(it.hash),
    "torrents/increasePrio": lambda it: it.client.torrents_increase_priority(it.hash),
    "torrents/decreasePrio": lambda it: it.client.torrents_decrease_priority(it.hash),
    "torrents/setForceStart": lambda it: it.client.torrents_set_force_start(False, it.hash),
    "torrents/setShareLimits": lambda it: it.client.torrents_set_share_limits(-2, -2, -2, torrent_hashes=it.hash),
    "torrents/setAutoManagement": lambda it: it.client.torrents_set_auto_management(False, it.hash),
    "torrents/setSuperSeeding": lambda it: it.client.torrents_set_super_seeding(False, it.hash),
    "torrents/toggleSequentialDownload": lambda it: it.client.torrents_toggle_sequential_download(it.hash),
    "torrents/toggleFirstLastPiecePrio":
        lambda it: it.client.torrents_toggle_first_last_piece_priority(it.hash),
    "torrents/downloadLimit": lambda it: it.client.torrents_download_limit(it.hash),
    "torrents/uploadLimit": lambda it: it.client.torrents_upload_limit(it.hash),
    "torrents/setDownloadLimit": lambda it: it.client.torrents_set_download_limit(0, it.hash),
    "torrents/setUploadLimit": lambda it: it.client.torrents_set_upload_limit(0, it.hash),
    "torrents/setLocation, nowhere": lambda it: it.client.torrents_set_location("", it.hash),
    "torrents/rename": lambda it: it.client.torrents_rename(it.hash, "A better name"),
    "torrents/rename, to nothing": lambda it: it.client.torrents_rename(it.hash, " "),
    "torrents/rename, unknown": lambda it: it.client.torrents_rename(UNKNOWN, "A better name"),
    "torrents/renameFile": lambda it: it.client.torrents_rename_file(
        it.hash, old_path=f"{it.work.name}/extra.txt", new_path=f"{it.work.name}/b.txt"
    ),
    "torrents/renameFolder": lambda it: it.client.torrents_rename_folder(it.hash, it.work.name, "Folder"),
    "torrents/filePrio": lambda it: it.client.torrents_file_priority(it.hash, 0, 1),
    "torrents/filePrio, unknown file": lambda it: it.client.torrents_file_priority(it.hash, 99, 1),
    "torrents/addTrackers": lambda it: it.client.torrents_add_trackers(it.hash, [TRACKER]),
    "torrents/editTracker": lambda it: it.client.torrents_edit_tracker(it.hash, TRACKER, f"{TRACKER}/2"),
    "torrents/removeTrackers": lambda it: it.client.torrents_remove_trackers(it.hash, [f"{TRACKER}/2"]),
    "torrents/addPeers": lambda it: it.client.torrents_add_peers("127.0.0.1:9", it.hash),

    "log/main": lambda it: it.client.log_main(),
    "log/peers": lambda it: it.client.log_peers(),
    "rss/items": lambda it: it.client.rss_items(),
    "rss/rules": lambda it: it.client.rss_rules(),
    "search/plugins": lambda it: it.client.search_plugins(),
    "search/status": lambda it: it.client.search_status(),
    "search/start": lambda it: it.client.search_start("film", "all", "all"),

    "torrents/delete": lambda it: it.client.torrents_delete(torrent_hashes=it.second.info_hash),
    "torrents/delete, with files": lambda it: it.client.torrents_delete(True, torrent_hashes=it.hash),
    "torrents/delete, unknown": lambda it: it.client.torrents_delete(torrent_hashes=UNKNOWN),
    "torrents/properties, once deleted": lambda it: it.client.torrents_properties(it.hash),
    "app/version, signed out": Program.after_signing_out,
}
# fmt: on
