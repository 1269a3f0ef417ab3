"""The versions that we announce, and settings that programs look at."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from ..calling import Call, Refused, changes, data, line, reads
from ..folders import default_save_path

# The last qBittorrent before sign-in and adding answer differently, which many programs don't know yet. Its API has what
# they need: from 2.6.1 on `content_path`, and from 2.11.0 on `stopped` in place of `paused`.
VERSION, API_VERSION = "v5.1.4", "2.11.4"
# The libraries of qBittorrent, as text that programs can parse.
LIBRARIES = ("qt", "libtorrent", "boost", "openssl", "zlib")
NO_VERSION = "0.0.0"
# Settings that decide how programs behave: *arr accepts magnets without trackers because of `dht`, and refuses a client
# that removes torrents by itself (`max_ratio_act`).
PREFERENCES: dict[str, Any] = {
    "add_stopped_enabled": False,
    "add_to_top_of_queue": False,
    "alt_dl_limit": 0,
    "alt_up_limit": 0,
    "anonymous_mode": False,
    "auto_delete_mode": 0,
    "auto_tmm_enabled": False,
    "autorun_enabled": False,
    "category_changed_tmm_enabled": False,
    "create_subfolder_enabled": True,
    "dht": True,
    "dl_limit": 0,
    "dont_count_slow_torrents": False,
    "encryption": 0,
    "export_dir": "",
    "export_dir_fin": "",
    "incomplete_files_ext": False,
    "ip_filter_enabled": False,
    "listen_port": 0,
    "locale": "en",
    "lsd": True,
    "mail_notification_enabled": False,
    "max_active_downloads": -1,
    "max_active_torrents": -1,
    "max_active_uploads": -1,
    "max_connec": -1,
    "max_connec_per_torrent": -1,
    "max_inactive_seeding_time": -1,
    "max_inactive_seeding_time_enabled": False,
    "max_ratio": -1,
    "max_ratio_act": 0,
    "max_ratio_enabled": False,
    "max_seeding_time": -1,
    "max_seeding_time_enabled": False,
    "max_uploads": -1,
    "max_uploads_per_torrent": -1,
    "pex": True,
    "preallocate_all": False,
    "proxy_type": "None",
    "queueing_enabled": True,
    "rss_auto_downloading_enabled": False,
    "rss_processing_enabled": False,
    "save_path_changed_tmm_enabled": False,
    "scheduler_enabled": False,
    "start_paused_enabled": False,
    "temp_path": "",
    "temp_path_enabled": False,
    "torrent_changed_tmm_enabled": True,
    "torrent_content_layout": "Original",
    "torrent_stop_condition": "None",
    "up_limit": 0,
    "upnp": False,
    "use_category_paths_in_manual_mode": True,
}


@reads
def version(request: Call) -> HttpResponse:
    return line(VERSION)


@reads
def webapi_version(request: Call) -> HttpResponse:
    return line(API_VERSION)


@reads
def build_info(request: Call) -> HttpResponse:
    return data(request, dict.fromkeys(LIBRARIES, NO_VERSION) | {"bitness": 64, "platform": "linux"})


@reads
def preferences(request: Call) -> HttpResponse:
    return data(request, PREFERENCES | {"save_path": default_save_path()})


@reads
def save_path(request: Call) -> HttpResponse:
    return line(default_save_path())


@changes
def not_here(request: Call) -> HttpResponse:
    """Refuse to change settings and to shut down."""
    raise Refused(409, _("A program can’t change the settings of TorBox Web, or stop it."))
