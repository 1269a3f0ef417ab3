"""Lists of torrents, and what there is to know about one."""

from __future__ import annotations

import time
from typing import Any

from django.http import Http404, HttpResponse

from torrents.models import Torrent
from torrents.states import Status

from ..accounts import accounts_of
from ..calling import Call, data, line, reads, text_of
from ..facts import NEVER, facts_of
from ..filters import asked_for, part_of
from ..overview import Overview
from ..reading import Known, Reading
from ..states import State

DISABLED, NOT_CONTACTED, WORKING, NOT_WORKING = 0, 1, 2, 4  # qBittorrent's numbers for how a tracker does
PRIVATE = "This torrent is private"
MADE_OF = {  # the fields of `properties` that are in `torrents/info` by another name
    "addition_date": "added_on",
    "completion_date": "completion_on",
    "dl_speed": "dlspeed",
    "is_private": "private",
    "last_seen": "seen_complete",
    "peers": "num_leechs",
    "peers_total": "num_incomplete",
    "seeds": "num_seeds",
    "seeds_total": "num_complete",
    "share_ratio": "ratio",
    "time_elapsed": "time_active",
    "total_downloaded": "downloaded",
    "total_downloaded_session": "downloaded_session",
    "total_uploaded": "uploaded",
    "total_uploaded_session": "uploaded_session",
    "up_speed": "upspeed",
}
ALIKE = (
    *(
        "comment",
        "download_path",
        "eta",
        "has_metadata",
        "hash",
        "infohash_v1",
        "infohash_v2",
        "name",
        "popularity",
    ),
    *("private", "progress", "reannounce", "save_path", "seeding_time", "total_size"),
)
UNKNOWN = {
    "created_by": "",
    "creation_date": NEVER,
    "dl_limit": NEVER,
    "dl_speed_avg": NEVER,
    "nb_connections_limit": NEVER,
    "piece_size": NEVER,
    "pieces_have": 0,
    "pieces_num": 0,
    "total_wasted": 0,
    "up_limit": NEVER,
    "up_speed_avg": NEVER,
}


@reads
def info(request: Call) -> HttpResponse:
    now = int(time.time())
    found = [facts_of(known, now) for known in asked_for(request, Reading(request.user))]
    return data(request, part_of(request, found))


@reads
def count(request: Call) -> HttpResponse:
    return line(str(len(Overview(request.user, accounts_of(request.user)).by_hash)))


@reads
def properties(request: Call) -> HttpResponse:
    """Return the facts of a torrent under the names that this call has for them. *arr takes 200 for *it is there*."""
    known = known_of(request)
    facts = facts_of(known, int(time.time()))
    found: dict[str, Any] = {name: facts[name] for name in ALIKE}
    found |= {name: facts[other] for name, other in MADE_OF.items()} | UNKNOWN
    found["is_private"] = bool(known.row.private)
    found["nb_connections"] = known.row.seeds + known.row.peers
    return data(request, found)


@reads
def trackers(request: Call) -> HttpResponse:
    """Return the tracker that TorBox names, below the three lines that qBittorrent has for peers from elsewhere."""
    known = known_of(request)
    row = known.row
    elsewhere = {
        "tier": -1,
        "msg": PRIVATE if row.private else "",
        "status": DISABLED if row.private else WORKING,
        **dict.fromkeys(("num_peers", "num_seeds", "num_leeches", "num_downloaded"), 0),
    }
    found = [{"url": f"** [{name}] **", **elsewhere} for name in ("DHT", "PeX", "LSD")]
    if row.tracker:
        message = (
            Torrent.objects.visible_to(request.user)
            .filter(pk=row.pk)
            .values_list("tracker_message", flat=True)
        )
        numbers = {"num_peers": row.peers + row.seeds, "num_seeds": row.seeds, "num_leeches": row.peers}
        more = {"status": _tracker_status(known), "msg": message.first() or "", "num_downloaded": 0}
        found.append({"url": row.tracker, "tier": 0, **numbers, **more})
    return data(request, found)


@reads
def webseeds(request: Call) -> HttpResponse:
    known_of(request)
    return data(request, [])


@reads
def pieces(request: Call) -> HttpResponse:
    """Return no pieces: TorBox doesn't say anything about them."""
    known_of(request)
    return data(request, [])


def known_of(request: Call) -> Known:
    """Return the torrent that a call names. Raises `Http404`."""
    known = Reading(request.user).torrent(text_of(request, "hash"))
    if known is None:
        raise Http404
    return known


def _tracker_status(known: Known) -> int:
    if known.row.status in (Status.WAITING, Status.QUEUED):
        return NOT_CONTACTED
    return NOT_WORKING if known.state is State.ERROR else WORKING
