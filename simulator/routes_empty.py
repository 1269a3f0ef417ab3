"""The endpoints that official clients read at startup and that are empty in a simulated account."""

from __future__ import annotations

from typing import Any

from simulator import params, wire
from simulator.accounts import Account
from simulator.errors import Rejection
from simulator.params import to_int
from simulator.wire import Request, Response
from simulator.world import Simulator

LISTS = (
    "/usenet/mylist",
    "/webdl/mylist",
    "/rss/getfeeds",
    "/notifications/mynotifications",
    "/integration/jobs",
)
OPEN_LISTS = ("/webdl/hosters", "/changelogs/json")
"""Lists that need no key."""
CACHES = ("/usenet/checkcached", "/webdl/checkcached")


def nothing(sim: Simulator, request: Request, account: Account | None) -> Response:
    """Return an empty list, or ITEM_NOT_FOUND for any id."""
    fields = params.query(request)
    wanted = fields.maybe("id", to_int)
    fields.check()
    if wanted is not None:
        raise Rejection("ITEM_NOT_FOUND", "Item not found.")
    return wire.success(sim.options, "List retrieved.", None if sim.options.empty_list_null else [])


def nothing_cached(sim: Simulator, request: Request, account: Account) -> Response:
    data: Any = {"null": None, "object": {}, "list": []}[sim.options.cache_miss]
    return wire.success(sim.options, "Cache status retrieved.", data)


def clear(sim: Simulator, request: Request, account: Account) -> Response:
    return wire.success(sim.options, "Notifications cleared.", None)
