"""The parameters of `torrents/info`: which torrents, in which order, and which part of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from .calling import Refused, flag_of, number_of, text_of
from .facts import Facts
from .hashes import ALL, split
from .reading import Known, Reading
from .rows import Narrow
from .states import State

ENDED = {State.ERROR, State.MISSING_FILES}
STOPPED = {State.STOPPED, State.COMPLETE}
ACTIVE = {State.DOWNLOADING, State.METADATA, State.MOVING}
DOWNLOADING = {
    State.DOWNLOADING,
    State.METADATA,
    State.STALLED,
    State.CHECKING,
    State.STOPPED,
    State.QUEUED,
}
# By the values of `filter`. What is complete here never seeds, because it may be removed.
BY_STATE: dict[str, set[State]] = {
    "downloading": DOWNLOADING,
    "seeding": set(),
    "completed": {State.COMPLETE},
    "stopped": STOPPED,
    "paused": STOPPED,
    "running": set(State) - STOPPED,
    "resumed": set(State) - STOPPED,
    "active": ACTIVE,
    "inactive": set(State) - ACTIVE,
    "stalled": {State.STALLED},
    "stalled_uploading": set(),
    "stalled_downloading": {State.STALLED},
    "checking": {State.CHECKING},
    "moving": {State.MOVING},
    "errored": ENDED,
}


def asked_for(request: HttpRequest, reading: Reading) -> list[Known]:
    """Return the torrents that a call asks for, in no particular order."""
    states = BY_STATE.get(text_of(request, "filter").strip().lower())
    if states is not None and not states:
        return []
    found = _narrowed(request, reading)
    if states is not None:
        found = [known for known in found if known.state in states]
    if (tag := _given(request, "tag")) is not None:
        found = [known for known in found if (tag in known.tags if tag else not known.tags)]
    if _given(request, "private"):
        is_private = flag_of(request, "private")
        found = [known for known in found if bool(known.row.private) == is_private]
    return found


def part_of(request: HttpRequest, facts: list[Facts]) -> list[Facts]:
    """Return the part of the torrents that a call asks for, sorted by one of their facts. Raises `Refused`."""
    column = text_of(request, "sort").strip()
    if column and facts:
        if column not in facts[0]:
            raise Refused(400)
        facts = sorted(facts, key=_key(column), reverse=flag_of(request, "reverse"))
    offset, limit = number_of(request, "offset"), number_of(request, "limit")
    start = max(0, len(facts) + offset) if offset < 0 else offset
    return facts[start : start + limit] if limit > 0 else facts[start:]


def _narrowed(request: HttpRequest, reading: Reading) -> list[Known]:
    category, hashes = _given(request, "category"), text_of(request, "hashes").strip()
    wanted = {*split(hashes)} if hashes and hashes.lower() != ALL else None
    if category is not None:
        found = reading.in_category(category)
        return found if wanted is None else [known for known in found if known.row.info_hash in wanted]
    return reading.torrents() if wanted is None else reading.torrents(Narrow(hashes=tuple(wanted)))


def _given(request: HttpRequest, name: str) -> str | None:
    """Return a parameter, or None without one. An empty one asks for torrents that have none."""
    return text_of(request, name) if name in request.POST or name in request.GET else None


def _key(column: str) -> Callable[[Facts], Any]:
    def key(facts: Facts) -> tuple[bool, Any]:
        value = facts[column]
        return value is None, value if value is not None else 0

    return key
