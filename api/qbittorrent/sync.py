"""What has changed since a program last asked: `sync/maindata`.

An answer has a number, `rid`, by which we know what the program knows: a `Snapshot` in the cache, which all processes
share. It is small, because it doesn't hold the torrents. Their revisions tell which have changed, and the fingerprint of
all hashes proves that no torrent has come or gone in another way. If it doesn't fit, or the snapshot is lost, the program
gets everything again (`full_update`), as after a restart of qBittorrent.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import Any

from django.core.cache import cache

from accounts.bookkeeping import write_if_possible

from ..models import ApiToken
from .categories import Categories
from .facts import Facts, facts_of
from .overview import MODULUS, Overview, RemovedRow, fingerprint
from .reading import Known, Reading
from .rows import Narrow
from .states import Saving

KEPT = 3600  # seconds
MAX_CHANGED = 2000  # torrents; for more, everything is sent
Answer = dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """What a program knows. `before` is the number of the answer from which it went on.

    `versions` and `revisions` are those of accounts, `newest` the highest key of a torrent, and `trackers` the
    fingerprints of the torrents of each. The state of `unsettled` hashes changes with time, without a revision.
    """

    at: int
    versions: dict[int, str]
    revisions: dict[int, int]
    newest: int
    trackers: dict[str, int]
    tags: list[str]
    categories: dict[str, Any]
    server: dict[str, Any]
    unsettled: list[str]
    before: int = 0

    @property
    def rid(self) -> int:
        """Return its number: above 0, and small enough for every program."""
        content = repr(replace(self, at=0, before=0)).encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(content, digest_size=4).digest()) % (2**31 - 1) + 1


class Sync:
    """One call of a program."""

    def __init__(self, token: ApiToken) -> None:
        self.token, self.at = token.pk, int(time.time())
        self.reading = Reading(token.person)
        self.versions = {account.pk: account.version for account in self.reading.accounts}
        self.categories = categories_as_facts(self.reading.categories)

    def answer(self, rid: int) -> Answer:
        """Return what has changed since the answer with this number, or everything."""
        known = _load(self.token, rid)
        if known and self._is_current(known):
            return {"rid": rid}
        overview = Overview(self.reading.person, self.reading.accounts)
        changes = self._changes(known, overview) if known else None
        return self._everything(overview) if changes is None else changes

    def _is_current(self, known: Snapshot) -> bool:
        return known.versions == self.versions and known.categories == self.categories and not known.unsettled

    def _everything(self, overview: Overview) -> Answer:
        torrents = self.reading.torrents()
        snapshot = self._snapshot(overview, torrents)
        _store(self.token, snapshot)
        return {
            "rid": snapshot.rid,
            "full_update": True,
            "torrents": _by_hash(torrents, self.at),
            "categories": snapshot.categories,
            "tags": snapshot.tags,
            "trackers": {name: hashes for name, hashes in overview.trackers.items() if name},
            "server_state": snapshot.server,
        }

    def _changes(self, known: Snapshot, overview: Overview) -> Answer | None:
        """Return what is different from a snapshot, or None if that isn't certain."""
        if known.categories != self.categories or known.versions.keys() != self.versions.keys():
            return None
        changed, gone = self._changed(known, overview), self._gone(known, overview)
        if gone is None or len(changed) > MAX_CHANGED:
            return None
        torrents = self.reading.torrents(Narrow(hashes=tuple(sorted(changed)))) if changed else []
        snapshot = replace(self._snapshot(overview, torrents), before=known.rid)
        _store(self.token, snapshot, known.before)
        found = {
            "torrents": _by_hash(torrents, self.at),
            "torrents_removed": sorted(gone),
            "tags": [tag for tag in snapshot.tags if tag not in known.tags],
            "tags_removed": [tag for tag in known.tags if tag not in snapshot.tags],
            "trackers": {
                name: hashes
                for name, hashes in overview.trackers.items()
                if name and known.trackers.get(name) != snapshot.trackers[name]
            },
            "trackers_removed": [name for name in known.trackers if name and name not in snapshot.trackers],
            "server_state": {
                name: value for name, value in snapshot.server.items() if known.server.get(name) != value
            },
        }
        return {"rid": snapshot.rid} | {name: section for name, section in found.items() if section}

    def _changed(self, known: Snapshot, overview: Overview) -> set[str]:
        """Return the hashes of torrents that are new or may have changed."""
        seen = overview.by_hash
        found = {
            glance.info_hash
            for glance in overview.glances
            if glance.revision > known.revisions[glance.account_id]
        }
        of_copies = {row.info_hash for row in self._removed(known, overview)}
        return (found | of_copies | {*known.unsettled}) & seen.keys()

    def _gone(self, known: Snapshot, overview: Overview) -> set[str] | None:
        """Return the hashes of torrents that were deleted, or None if something else must have happened."""
        seen = overview.by_hash
        new = fingerprint(info_hash for info_hash, glance in seen.items() if glance.pk > known.newest)
        there = (sum(known.trackers.values()) + new - fingerprint(seen)) % MODULUS
        rows = [
            row
            for row in self._removed(known, overview)
            if row.pk <= known.newest and row.info_hash not in seen
        ]
        lately = {row.info_hash for row in rows if row.removed >= known.at}
        # A row that was deleted before may have got a newer revision when TorBox had deleted it, too.
        for gone in (lately, {row.info_hash for row in rows}):
            if fingerprint(gone) == there:
                return gone
        return None

    def _removed(self, known: Snapshot, overview: Overview) -> list[RemovedRow]:
        return [row for row in overview.removed if row.revision > known.revisions[row.account_id]]

    def _snapshot(self, overview: Overview, torrents: Iterable[Known]) -> Snapshot:
        return Snapshot(
            at=self.at,
            versions=self.versions,
            revisions={account.pk: account.revision for account in self.reading.accounts},
            newest=overview.newest,
            trackers={name: fingerprint(hashes) for name, hashes in overview.trackers.items()},
            tags=sorted(overview.tags - self.reading.categories.keys()),
            categories=self.categories,
            server=overview.server_state(),
            unsettled=sorted(
                known.row.info_hash for known in torrents if known.copy.saving == Saving.AWAITED
            ),
        )


def categories_as_facts(categories: Categories) -> dict[str, Any]:
    """Return categories as qBittorrent does. `savePath` is empty for those that aren't saved."""
    return {
        name: {"name": name, "savePath": destination.path if destination else ""}
        for name, destination in categories.items()
    }


def _by_hash(torrents: Iterable[Known], now: int) -> dict[str, Facts]:
    found = {}
    for known in torrents:
        facts = facts_of(known, now)
        found[facts.pop("hash")] = facts
    return found


def _load(token: int, rid: int) -> Snapshot | None:
    """Return the snapshot of an answer, or None if it is lost, or from another version of the app."""
    kept = cache.get(key_of(token, rid)) if rid > 0 else None
    try:
        return Snapshot(**kept) if kept else None
    except TypeError:
        return None


def _store(token: int, snapshot: Snapshot, superseded: int = 0) -> None:
    """Keep a snapshot, and forget the one that no answer can be asked for any more."""
    write_if_possible(partial(cache.set, key_of(token, snapshot.rid), vars(snapshot), KEPT))
    if superseded not in (0, snapshot.rid):
        write_if_possible(partial(cache.delete, key_of(token, superseded)))


def key_of(token: int, rid: int) -> str:
    """Return the key of a snapshot in the cache."""
    return f"api.qbittorrent.sync:{token}:{rid}"
