"""autobrr (go-qbittorrent), qBitController, Transdroid, and torrent-control."""

from __future__ import annotations

from . import needs
from .arr import LOGIN, READY
from .replaying import Happens, Part, Recording, Step

GO = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
GO_LOGIN = Step(
    "auth/login",
    method="POST",
    form=LOGIN,
    needs=(needs.status(200, 204), needs.does_not_say_fails, needs.sets_cookie("SID")),
)


def go_add(torrent: str, *wanted: needs.Need) -> Step:
    """An add of a file: its options are fields of the same body."""
    parts = [
        Part("torrents", torrent, "release.torrent", "application/octet-stream"),
        Part("category", "autobrr"),
        Part("tags", "irc,freeleech"),
        Part("paused", "false"),
        Part("stopped", "false"),
        Part("skip_checking", "false"),
        Part("contentLayout", "Original"),
        Part("autoTMM", "false"),
        Part("ratioLimit", "1.00"),
        Part("seedingTimeLimit", "60"),
    ]
    return Step("torrents/add", method="POST", parts=parts, needs=wanted)


AFTER_GO_ADD = [
    Step("torrents/trackers", query={"hash": "{hash}"}, needs=(needs.status(200), needs.is_json)),
    *[Step("torrents/reannounce", method="POST", form={"hashes": "{hash}"}, needs=(needs.status(200),))] * 3,
    Step("app/preferences", needs=(needs.status(200), needs.json_has("queueing_enabled"))),
    Step("torrents/topPrio", method="POST", form={"hashes": "{hash}"}, needs=(needs.status(200),)),
    Step("torrents/bottomPrio", method="POST", form={"hashes": "{hash}"}, needs=(needs.status(200),)),
    Step("torrents/info", query={"filter": "downloading"}, needs=(needs.status(200), needs.is_json)),
    Step(
        "transfer/info",
        needs=(needs.status(200), needs.json_has("dl_info_speed", "up_info_speed", "connection_status")),
    ),
]
GOOD_ADD = (needs.status(200, 202, 204), needs.is_plain_text, needs.does_not_say_fails)
AUTOBRR = Recording(
    [
        GO_LOGIN,
        Step("app/webapiVersion", needs=(needs.status(200), needs.is_a_version_of_net)),
        Step(
            "torrents/info", query={"filter": "downloading"}, needs=(needs.status(200), needs.lists_nothing)
        ),
        go_add("{torrent}", *GOOD_ADD),
        *AFTER_GO_ADD,
        go_add("{broken}", needs.status(415)),
        go_add("{torrent}", *GOOD_ADD),
        Step(
            "torrents/info",
            query={"hashes": "{hash}"},
            needs=(needs.lists_one(category="autobrr", tags="irc, freeleech"),),
        ),
        Happens("the session is lost"),
        Step("torrents/info", needs=(needs.status(403),)),
        GO_LOGIN,
        Step("torrents/info", needs=(needs.status(200),)),
    ],
    GO,
)
AUTOBRR_WITH_KEY = Recording(
    [go_add("{torrent}", *GOOD_ADD), *AFTER_GO_ADD],
    GO | {"Authorization": "Bearer {token}"},
    keeps_cookies=False,
)

READ_WITH_BODY = (needs.status(200), needs.has_a_body)
QBITCONTROLLER = Recording(
    [
        Step("auth/login", method="POST", form=LOGIN, needs=(needs.status(200), needs.says("Ok."))),
        Step("app/version", needs=(*READ_WITH_BODY, needs.is_at_least_5_without_v)),
        Step(
            "sync/maindata",
            query={"rid": "{rid}"},
            needs=(*READ_WITH_BODY, needs.json_has("rid", "torrents", "server_state", "full_update")),
        ),
        Step("torrents/categories", needs=READ_WITH_BODY),
        Step("torrents/tags", needs=READ_WITH_BODY),
        Step("app/defaultSavePath", needs=READ_WITH_BODY),
        Step(
            "torrents/createCategory",
            method="POST",
            form={"category": "phone", "savePath": ""},
            needs=(needs.succeeds,),
        ),
        Step(
            "torrents/add",
            method="POST",
            parts=[
                Part("urls", "{magnet}"),
                Part("category", "phone"),
                Part("tags", "mine"),
                Part("stopped", "false"),
                Part("paused", "false"),
            ],
            needs=(needs.status(200), needs.says("Ok.")),
        ),
        Step(
            "sync/maindata",
            query={"rid": "{rid}"},
            needs=(needs.torrent_in_maindata("{hash}", category="phone", tags="mine"),),
        ),
        *READY,
        Step(
            "sync/maindata",
            query={"rid": "{rid}"},
            needs=(needs.torrent_in_maindata("{hash}", state="pausedUP"),),
        ),
        Step(
            "torrents/properties",
            query={"hash": "{hash}"},
            needs=(*READ_WITH_BODY, needs.json_has("save_path", "pieces_num")),
        ),
        Step("torrents/files", query={"hash": "{hash}"}, needs=READ_WITH_BODY),
        Step("torrents/trackers", query={"hash": "{hash}"}, needs=READ_WITH_BODY),
        Step("torrents/stop", method="POST", form={"hashes": "{hash}"}, needs=(needs.status(200),)),
        Step("torrents/start", method="POST", form={"hashes": "{hash}"}, needs=(needs.status(200),)),
        Step(
            "torrents/rename",
            method="POST",
            form={"hash": "{hash}", "name": "Renamed"},
            needs=(needs.status(200),),
        ),
        Step("transfer/info", needs=READ_WITH_BODY),
        Step(
            "torrents/delete",
            method="POST",
            form={"hashes": "{hash}", "deleteFiles": "false"},
            needs=(needs.status(200),),
        ),
        Step("sync/maindata", query={"rid": "{rid}"}, needs=(needs.maindata_removes_one,)),
    ],
    {"Accept": "application/json", "User-Agent": "ktor-client"},
)

TRANSDROID = Recording(
    [
        Step("auth/login", method="POST", form=LOGIN, needs=(needs.succeeds, needs.sets_cookie("SID"))),
        Step("app/version", needs=(needs.status(200), needs.is_at_least_5_without_v)),
        Step("torrents/info", method="POST", form={}, needs=(needs.status(200), needs.lists_nothing)),
        Step("torrents/add", method="POST", form={"urls": "{magnet}"}, needs=(needs.succeeds,)),
        Step("torrents/createCategory", method="POST", form={"category": "label"}, needs=(needs.succeeds,)),
        Step(
            "torrents/setCategory",
            method="POST",
            form={"hashes": "{hash}", "category": "label"},
            needs=(needs.succeeds,),
        ),
        Step("torrents/categories", method="POST", form={}, needs=(needs.has_category("label"),)),
        Step("torrents/info", method="POST", form={}, needs=(needs.lists_one(category="label"),)),
        Step(
            "torrents/trackers",
            method="POST",
            query={"hash": "{hash}"},
            form={},
            needs=(needs.status(200), needs.is_json),
        ),
        Step(
            "torrents/pieceStates",
            method="POST",
            query={"hash": "{hash}"},
            form={},
            needs=(needs.status(200), needs.is_json),
        ),
        Step(
            "torrents/files",
            method="POST",
            query={"hash": "{hash}"},
            form={},
            needs=(needs.status(200), needs.is_json),
        ),
        Step("sync/maindata", query={"rid": "{rid}"}, needs=(needs.json_has("server_state"),)),
        Step("torrents/stop", method="POST", form={"hashes": "{hash}"}, needs=(needs.succeeds,)),
        Step("torrents/start", method="POST", form={"hashes": "{hash}"}, needs=(needs.succeeds,)),
        Step(
            "torrents/add",
            method="POST",
            parts=[Part("torrents", "{torrent}", "a.torrent")],
            needs=(needs.succeeds,),
        ),
        Step(
            "torrents/delete",
            method="POST",
            form={"hashes": "{hash}", "deleteFiles": "true"},
            needs=(needs.succeeds,),
        ),
        Step("torrents/info", method="POST", form={}, needs=(needs.lists_nothing,)),
    ],
    {"User-Agent": "Transdroid"},
)

OF_A_BROWSER = {"Referer": "{url}/qbittorrent/", "Origin": "{url}", "User-Agent": "Mozilla/5.0 Firefox/140.0"}
TORRENT_CONTROL = Recording(
    [
        Step("auth/login", method="POST", form=LOGIN, needs=(needs.succeeds, needs.says("Ok.", ""))),
        Step(
            "torrents/add",
            method="POST",
            parts=[Part("fileselect", "{torrent}", "temp.torrent"), Part("category", "browser")],
            needs=(needs.succeeds,),
        ),
        Step("auth/logout", method="POST", form={}, needs=(needs.succeeds,)),
        Step("auth/login", method="POST", form=LOGIN, needs=(needs.succeeds, needs.says("Ok.", ""))),
        Step(
            "torrents/add",
            method="POST",
            parts=[Part("urls", "{magnet}"), Part("stopped", "true")],
            needs=(needs.succeeds,),
        ),
        Step(
            "rss/addFeed", method="POST", form={"url": "https://example.org/feed"}, needs=(needs.status(404),)
        ),
        Step("auth/logout", method="POST", form={}, needs=(needs.succeeds,)),
    ],
    OF_A_BROWSER,
)
