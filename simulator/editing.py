"""What an edit of a stored torrent does: its four fields, the limits of AirLock, and the end of AirLock.

The rules and how sure they are: docs/torbox-api.md#edittorrent and docs/torbox-api.md#airlock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator import lifecycle
from simulator.accounts import Account
from simulator.errors import Rejection
from simulator.lifecycle import Torrent
from simulator.state import State

GB = 1000**3
MAX_NAME, MAX_TAG, MAX_ITEMS = 500, 100, 100
HASH = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)


@dataclass(frozen=True)
class Edit:
    """The body of an edit. None stands for a field that is absent."""

    name: str | None = None
    tags: Sequence[str] | None = None
    alternative_hashes: Sequence[str] | None = None
    airlocked: bool | None = None


def edit(state: State, account: Account, torrent: Torrent, wanted: Edit) -> None:
    """Carry out an edit. Raises Rejection for an odd value, a torrent that isn't stored, and AirLock's limits."""
    _check_values(wanted)
    now = state.clock.now()
    if not state.options.edit_uncached and not lifecycle.view(torrent, now).present:
        raise Rejection("DIFF_ISSUE", "Only stored items can be edited.")
    if state.options.edit_fields == "keep":
        wanted = filled(wanted, torrent)
    if wanted.airlocked and not torrent.airlocked:
        _check_airlock(state, account, torrent, now)
    account.put(_edited(state, torrent, wanted, now))


def filled(wanted: Edit, torrent: Torrent) -> Edit:
    """Return the edit with the torrent's own values in place of absent fields."""
    return Edit(
        torrent.name if wanted.name is None else wanted.name,
        torrent.tags if wanted.tags is None else wanted.tags,
        torrent.alternative_hashes if wanted.alternative_hashes is None else wanted.alternative_hashes,
        torrent.airlocked if wanted.airlocked is None else wanted.airlocked,
    )


def _edited(state: State, torrent: Torrent, wanted: Edit, now: float) -> Torrent:
    changed = replace(
        torrent, name=wanted.name or None, tags=tuple(wanted.tags or ()),
        alternative_hashes=tuple(text.lower() for text in wanted.alternative_hashes or ()),
        changed_at=now, row={},
    )  # fmt: skip
    if wanted.airlocked:
        return replace(changed, airlocked=True)
    return state.without_airlock(changed, now)


def _check_values(wanted: Edit) -> None:
    if wanted.name and (not wanted.name.strip() or len(wanted.name) > MAX_NAME):
        raise Rejection("INVALID_OPTION", f"The name must have 1 to {MAX_NAME} characters.")
    tags, hashes = wanted.tags or (), wanted.alternative_hashes or ()
    if len(tags) > MAX_ITEMS or not all(tag.strip() and len(tag) <= MAX_TAG for tag in tags):
        message = f"There can be {MAX_ITEMS} tags, each with 1 to {MAX_TAG} characters."
        raise Rejection("INVALID_OPTION", message)
    if len(hashes) > MAX_ITEMS or not all(HASH.fullmatch(text) for text in hashes):
        raise Rejection("INVALID_OPTION", "Alternative hashes must have 40 hexadecimal digits.")


def _check_airlock(state: State, account: Account, torrent: Torrent, now: float) -> None:
    limit = account.airlock_limit(now)
    if not limit:
        raise Rejection("PLAN_RESTRICTED_FEATURE", "Your plan does not include AirLock.")
    used = account.airlock_used
    if used + torrent.work.size > limit:
        sizes = f"{used / GB:.1f} GB of {limit / GB:.1f} GB are used"
        message = f"AirLock is full: {sizes}, and this download has {torrent.work.size / GB:.1f} GB."
        raise Rejection(state.options.airlock_refusal, message)
