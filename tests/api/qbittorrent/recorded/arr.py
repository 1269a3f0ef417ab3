"""Sonarr 4 and 5, Radarr, and Prowlarr (QBittorrentProxyV2.cs and their download clients)."""

from __future__ import annotations

from . import needs
from .replaying import Happens, Part, Recording, Step

LOGIN = {"username": "{name}", "password": "{token}"}
ARR = {"Accept": "application/json", "User-Agent": "Sonarr/4.0 (debian 12)"}
READY = (Happens("it is sent to TorBox"), Happens("it is saved"))


def detection(status: int) -> list[Step]:
    """Ask for the version without signing in. 404 would mean an old API, 401 a failure."""
    return [Step("app/webapiVersion", needs=(needs.status(status),))]


SIGN_IN = [
    *detection(403),
    Step(
        "auth/login",
        method="POST",
        form=LOGIN,
        needs=(needs.status(200), needs.says("Ok."), needs.sets_cookie("SID")),
    ),
]
VERSION = Step("app/webapiVersion", needs=(needs.status(200), needs.is_a_version_of_net))
PREFERENCES = Step("app/preferences", needs=(needs.status(200), needs.preferences_suit_arr))


def test_of_client(category: str, path: str) -> list[Step]:
    """What the button *Test* does, the first time."""
    return [
        VERSION,
        PREFERENCES,
        Step("torrents/categories", needs=(needs.status(200), needs.lacks_category(category))),
        Step("torrents/createCategory", method="POST", form={"category": category}, needs=(needs.succeeds,)),
        Step("torrents/categories", needs=(needs.status(200), needs.has_category(category, path))),
        Step("torrents/info", query={"category": category}, needs=(needs.status(200), needs.lists_nothing)),
    ]


def add_magnet(category: str) -> Step:
    form = {
        "urls": "{magnet}",
        "category": category,
        "stopped": "false",
        "ratioLimit": "1.5",
        "seedingTimeLimit": "1440",
        "contentLayout": "Original",
    }
    return Step(
        "torrents/add",
        method="POST",
        form=form,
        needs=(needs.succeeds, needs.does_not_say_fails, needs.is_plain_text),
    )


def add_file(category: str) -> Step:
    parts = [
        Part("torrents", "{torrent}", "A.Film.torrent"),
        Part("category", category),
        Part("stopped", "false"),
        Part("contentLayout", "Original"),
    ]
    return Step(
        "torrents/add",
        method="POST",
        parts=parts,
        needs=(needs.succeeds, needs.does_not_say_fails, needs.is_plain_text),
    )


def after_add(*, tags: bool) -> list[Step]:
    """What follows an add with priorities: wait until it is loaded, then set them."""
    steps = [
        Step(
            "torrents/properties",
            query={"hash": "{hash}"},
            needs=(needs.status(200), needs.json_has("save_path", "seeding_time")),
        ),
        Step("torrents/topPrio", method="POST", form={"hashes": "{hash}"}, needs=(needs.status(200, 409),)),
        Step(
            "torrents/setForceStart",
            method="POST",
            form={"hashes": "{hash}", "value": "true"},
            needs=(needs.succeeds,),
        ),
    ]
    if tags:
        form = {"hashes": "{hash}", "tags": "anime,1080p"}
        steps.append(Step("torrents/addTags", method="POST", form=form, needs=(needs.succeeds,)))
    return steps


def poll(category: str, *wanted: needs.Need) -> list[Step]:
    return [
        PREFERENCES,
        Step("torrents/info", query={"category": category}, needs=(needs.status(200), *wanted)),
    ]


def import_and_remove(category: str) -> list[Step]:
    """Import, move to the category for imported ones, and remove with files."""
    done = f"{category}-imported"
    return [
        *poll(category, needs.can_be_imported_by_arr),
        Step("torrents/createCategory", method="POST", form={"category": done}, needs=(needs.succeeds,)),
        Step(
            "torrents/setCategory",
            method="POST",
            form={"hashes": "{hash}", "category": done},
            needs=(needs.succeeds,),
        ),
        *poll(category, needs.lists_nothing),
        *poll(done, needs.can_be_imported_by_arr),
        Step(
            "torrents/delete",
            method="POST",
            form={"hashes": "{hash}", "deleteFiles": "true"},
            needs=(needs.succeeds,),
        ),
        *poll(done, needs.lists_nothing),
    ]


LOST_SESSION = [
    Happens("the session is lost"),
    Step("torrents/info", query={"category": "tv-sonarr"}, needs=(needs.status(403),)),
    *SIGN_IN[1:],
    Step("torrents/info", query={"category": "tv-sonarr"}, needs=(needs.status(200),)),
]
WHOLE = [
    *poll("tv-sonarr", needs.lists_one(state="metaDL", category="tv-sonarr")),
    *READY,
    *import_and_remove("tv-sonarr"),
]

SONARR_4 = Recording(
    [
        *SIGN_IN,
        *test_of_client("tv-sonarr", "/tv-sonarr"),
        add_magnet("tv-sonarr"),
        *after_add(tags=False),
        *LOST_SESSION,
        *WHOLE,
    ],
    ARR,
)
# Since June 2026, HTTP Basic goes along with every call, sign-in included.
SONARR_5_BASIC = Recording(
    [
        *detection(200),
        Step(
            "auth/login",
            method="POST",
            form=LOGIN,
            needs=(needs.status(200), needs.says("Ok.", ""), needs.sets_cookie("SID")),
        ),
        *test_of_client("tv-sonarr", "/tv-sonarr"),
        add_magnet("tv-sonarr"),
        *after_add(tags=True),
        *WHOLE,
    ],
    ARR | {"Authorization": "{basic}"},
)
# With an API key, it doesn't sign in.
SONARR_5_BEARER = Recording(
    [
        *detection(200),
        *test_of_client("tv-sonarr", "/tv-sonarr"),
        add_magnet("tv-sonarr"),
        *after_add(tags=True),
        *WHOLE,
    ],
    ARR | {"Authorization": "Bearer {token}"},
    keeps_cookies=False,
)
RADARR = Recording(
    [
        *SIGN_IN,
        *test_of_client("radarr", "/radarr"),
        add_file("radarr"),
        *after_add(tags=False),
        *poll("radarr", needs.lists_one(state="metaDL", category="radarr")),
        *READY,
        *import_and_remove("radarr"),
    ],
    ARR | {"User-Agent": "Radarr/5.0 (debian 12)"},
)
PROWLARR = Recording(
    [
        *SIGN_IN,
        VERSION,
        PREFERENCES,
        Step("torrents/categories", needs=(needs.lacks_category("prowlarr"),)),
        Step(
            "torrents/createCategory", method="POST", form={"category": "prowlarr"}, needs=(needs.succeeds,)
        ),
        Step("torrents/categories", needs=(needs.has_category("prowlarr"),)),
        add_magnet("prowlarr"),
    ],
    ARR | {"User-Agent": "Prowlarr/2.0 (debian 12)"},
)
WRONG_PASSWORD = Recording(
    [
        *detection(403),
        Step(
            "auth/login",
            method="POST",
            form=LOGIN | {"password": "wrong"},
            needs=(needs.status(200, 401, 403), needs.says("Fails.")),
        ),
    ],
    ARR,
)
