"""The plan of a run: what each person adds, and what goes wrong when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from simulator.control import Control
from simulator.faults import CHAOS

FULL_SECONDS = 180
HAVOC_SHARE = 0.55
"""Share of a run's seconds. The rest is for starting, settling, and the verdict."""
EVERY_NTH = 10
# A 429 names the shortest time that can be seen to be respected. One without a time pauses its endpoint for a minute, and
# creates for five, longer than a run. So it hits only endpoints that aren't needed, and in a long run one list, early.
SILENT_429 = "429"
REFUSALS = ("500_envelope", "422", SILENT_429, "429_headers")
"""Responses that clearly say that nothing was done. All others may follow a call that took effect."""
KINDS: list[Any] = [
    *(kind for kind in CHAOS if kind not in REFUSALS),
    {"kind": "500_envelope", "after": False},
    {"kind": "422", "after": False},
    {"kind": "429_headers", "after": False, "headers": {"retry-after": "2"}},
    "503",
    {"kind": "huge", "size": 70 * 1024 * 1024},
    {"kind": "drop", "delay": 1.4},  # longer than TORBOX_TIMEOUT_SECONDS
    {"kind": "delay", "delay": 0.5},
]
LIST_LAG = 2  # seconds by which even fresh lists lag, less than SETTLE_SECONDS
SLOTS = {"ann": 10, "ben": 2, "cleo": 0}


@dataclass(frozen=True)
class Scale:
    """The counts of a run with a number of seconds. Those of the full run are for three minutes."""

    seconds: float

    def of(self, full: int) -> int:
        return max(1, round(full * self.seconds / FULL_SECONDS))

    @property
    def havoc_seconds(self) -> float:
        return self.seconds * HAVOC_SHARE

    @property
    def is_long(self) -> bool:
        return self.seconds >= FULL_SECONDS

    @property
    def events(self) -> dict[str, int]:
        return {"worker": self.of(20), "web": self.of(5), "beat": self.of(3), "wipe": self.of(3)}


@dataclass(frozen=True)
class Thing:
    """Something to add: a magnet or a .torrent file."""

    info_hash: str
    magnet: str
    torrent_file: bytes | None = field(default=None, repr=False)


@dataclass
class Holder:
    """A TorBox account, its key, and what is added to it. `pk` is its id in the app."""

    name: str
    key: str = field(repr=False)
    things: list[Thing]
    """In the order in which they are added."""
    pk: int = 0

    @property
    def wanted(self) -> set[str]:
        return {thing.info_hash for thing in self.things}


def make_holders(control: Control, scale: Scale, rng: Random) -> list[Holder]:
    """Make three accounts at the simulated TorBox and plan their torrents. Some hashes are added to two accounts."""
    control.options(queue_seconds=5, download_seconds=12, seed_seconds=10, fresh_lag_seconds=LIST_LAG)
    holders = []
    shares = zip(
        SLOTS.items(), split(scale.of(300), len(SLOTS)), split(scale.of(30), len(SLOTS)), strict=True
    )
    for (name, slots), magnets, files in shares:
        key = str(UUID(int=rng.getrandbits(128), version=4))
        control.seed(accounts=[{"key": key, "name": name, "plan": "essential", "slots": slots}])
        things = [_magnet(f"{name} {number} {rng.random()}") for number in range(magnets)]
        things += [_file(control, f"{name} file {number}", rng) for number in range(files)]
        holders.append(Holder(name, key, things))
    both = scale.of(6)
    holders[2].things[:both] = holders[1].things[:both]
    for holder in holders:
        _cache_most(control, holder, scale.of(10), rng)
    return holders


def _magnet(name: str) -> Thing:
    info_hash = hashlib.sha1(name.encode()).hexdigest()
    return Thing(info_hash, f"magnet:?xt=urn:btih:{info_hash}&dn={name.replace(' ', '+')}")


def _file(control: Control, name: str, rng: Random) -> Thing:
    work = control.make_work(name, 40_000, source=str(rng.random()))
    return Thing(work.info_hash, work.magnet, work.torrent_bytes)


def _cache_most(control: Control, holder: Holder, uncached: int, rng: Random) -> None:
    """Cache all but a few, which are added early, because TorBox accepts ten uncached ones per minute."""
    things = rng.sample(holder.things, len(holder.things))
    early, late = things[: len(things) // 2], things[len(things) // 2 :]
    control.cache([thing.info_hash for thing in early[uncached:] + late])
    holder.things = rng.sample(early, len(early)) + late


def split(count: int, parts: int) -> list[int]:
    """Split `count` into `parts` that differ by at most one."""
    return [count // parts + (part < count % parts) for part in range(parts)]


def spread(count: int, seconds: float, rng: Random) -> list[float]:
    """Return `count` random times in `seconds`, one in each equal part."""
    return [(part + rng.random()) * seconds / count for part in range(count)]
