"""Accounts and their torrents."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from simulator.content_library import Work
from simulator.lifecycle import Torrent

GIB, GB = 1024**3, 1000**3
FREE, ESSENTIAL, PRO, STANDARD = 0, 1, 2, 3


@dataclass(frozen=True)
class Plan:
    id: int
    name: str
    slots: int
    max_bytes: int
    airlock_bytes: int


PLANS = {
    FREE: Plan(FREE, "free", 1, 10 * GIB, 0),
    ESSENTIAL: Plan(ESSENTIAL, "essential", 3, 200 * GIB, 300 * GB),
    PRO: Plan(PRO, "pro", 10, 500 * GIB, 1000 * GB),
    STANDARD: Plan(STANDARD, "standard", 5, 200 * GIB, 500 * GB),
}
"""The plans (docs/torbox-api.md#user-and-plans and docs/torbox-api.md#airlock). Their ids aren't in order of price."""


def plan_id(value: int | str) -> int:
    if isinstance(value, int) and value in PLANS:
        return value
    found = [plan.id for plan in PLANS.values() if plan.name == str(value).lower()]
    if not found:
        raise ValueError(f"no plan {value!r}")
    return found[0]


@dataclass(frozen=True)
class Addition:
    """The parsed arguments of a create call."""

    work: Work
    magnet: str | None = None
    uploaded: bool = False
    name: str | None = None
    seed: int = 1
    allow_zip: bool = True
    as_queued: bool = False
    only_if_cached: bool = False


@dataclass(frozen=True)
class QueueItem:
    id: int
    addition: Addition
    created_at: float


@dataclass
class Account:
    id: int
    auth_id: str
    keys: list[str]
    email: str
    plan: int
    created_at: float
    additional_slots: int = 0
    premium_expires_at: float | None = None
    cooldown_until: float | None = None
    monthly_used: int = 0
    monthly_limit: int | None = None
    torrents_downloaded: int = 0
    bytes_downloaded: int = 0
    airlock_bytes: int | None = None
    """The limit of AirLock, if it isn't the plan's."""
    torrents: dict[int, Torrent] = field(default_factory=dict)
    by_hash: dict[str, int] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    """Ids that used a slot at the last check."""
    airlocked: set[int] = field(default_factory=set)
    """Ids of torrents in AirLock."""
    queue: list[QueueItem] = field(default_factory=list)
    user_ips: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        return PLANS[self.plan].slots + self.additional_slots

    @property
    def airlock_used(self) -> int:
        return sum(self.torrents[id_].work.size for id_ in self.airlocked)

    def airlock_limit(self, now: float) -> int:
        """Return the bytes that AirLock may hold, 0 for a plan without it and once the plan has lapsed."""
        if self.premium_expires_at is not None and now >= self.premium_expires_at:
            return 0
        return PLANS[self.plan].airlock_bytes if self.airlock_bytes is None else self.airlock_bytes

    def put(self, torrent: Torrent) -> None:
        self.torrents[torrent.id] = torrent
        self.by_hash[torrent.work.info_hash] = torrent.id
        self.running.add(torrent.id)
        (self.airlocked.add if torrent.airlocked else self.airlocked.discard)(torrent.id)

    def remove(self, torrent: Torrent) -> None:
        del self.torrents[torrent.id]
        self.by_hash.pop(torrent.work.info_hash, None)
        self.running.discard(torrent.id)
        self.airlocked.discard(torrent.id)

    def active(self, now: float) -> set[int]:
        """Return the ids that use a slot, and drop those that no longer do."""
        self.running = {id_ for id_ in self.running if self.torrents[id_].released_at > now}
        return self.running

    def torrent_for(self, info_hash: str) -> Torrent | None:
        id_ = self.by_hash.get(info_hash)
        return None if id_ is None else self.torrents[id_]

    def queued_for(self, info_hash: str) -> QueueItem | None:
        return next((item for item in self.queue if item.addition.work.info_hash == info_hash), None)


def auth_id_for(key: str) -> str:
    """Return the account id of a key. It is fixed, so that a restarted simulator is still the same TorBox."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"simulator:{key}"))
