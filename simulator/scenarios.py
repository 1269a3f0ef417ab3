"""Named initial states: empty, household, busy, thousands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random
from typing import Any

from simulator import content_library, lifecycle, seeding
from simulator.catalogue import COSMOS_LAUNDROMAT, SINTEL, by_name, named_hash
from simulator.clock import weekday
from simulator.errors import Unsupported
from simulator.lifecycle import Torrent
from simulator.world import Simulator

DEMO_KEYS = {
    "mara": "5e1f0a3c-0b2d-4c6e-9a71-1d0c5b7e2f01",
    "jon": "7a94c2d8-3e55-4b1a-8c0f-62b9d4e1a702",
    "spare": "c03b6f12-9d48-4e27-b5a6-f81e07d92c03",
}
"""Made-up keys. `spare` belongs to an account that isn't connected yet."""

DEMO_MAGNETS = {
    "cached": by_name("Sintel").magnet,
    "first": by_name("Big Buck Bunny").magnet,
    "second": by_name("Tears of Steel").magnet,
}
DAY, GB = 86400, 1000**3
MARA, JON, SPARE = DEMO_KEYS["mara"], DEMO_KEYS["jon"], DEMO_KEYS["spare"]
Row = dict[str, Any]


def load(sim: Simulator, name: str, **settings: Any) -> None:
    """Discard everything and build the scenario. Only `thousands` has settings: count and files."""
    if name not in SCENARIOS:
        raise Unsupported(f"no scenario {name!r}; there are {sorted(SCENARIOS)}")
    sim.clear()
    SCENARIOS[name](sim, **settings)


def people(sim: Simulator) -> None:
    seeding.account(sim, {"key": MARA, "name": "mara", "plan": "pro", "id": 4242, "slots": 2})
    seeding.account(sim, {"key": JON, "name": "jon", "plan": "essential", "id": 4243, "premium_days": 12})
    seeding.account(sim, {"key": SPARE, "name": "spare", "plan": "standard", "id": 4244})


def empty(sim: Simulator) -> None:
    people(sim)
    sim.state.cache |= {SINTEL, COSMOS_LAUNDROMAT}


def household(sim: Simulator) -> None:
    """Build a family's account with a row in every state, most of them done, and a month of downloads."""
    empty(sim)
    for row in [*MARAS, *JONS]:
        seeding.torrent(sim, row)
    _downloads_so_far(sim)
    _month(sim, MARA, usual=48)
    _month(sim, JON, usual=290)


def _known(key: str, name: str, state: str, **more: Any) -> Row:
    return {"key": key, "work": by_name(name), "state": state, **more}


def _other(key: str, name: str, state: str, **more: Any) -> Row:
    return {"key": key, "hash": named_hash(name), "name": name, "state": state, **more}


def _reels(folder: str, count: int, size: int) -> list[tuple[str, int]]:
    return [(f"{folder}/Reel {n:02d}.mkv", size + 7_340_033 * n) for n in range(1, count + 1)]


HOME_MOVIES, NEWSREELS = "Home movies 1926-1968, 4K scans", "Newsreels 1931-1945"
MARAS: tuple[Row, ...] = (
    _other(
        MARA,
        HOME_MOVIES,
        "completed",
        age=90 * DAY,
        files=_reels(HOME_MOVIES, 24, 13 * GB),
        tags=("Films", "Kids", "Series"),
        airlocked=True,
    ),
    _other(MARA, "Das Haus am See (1921) restored 4K", "expired", age=44 * DAY, tags=("Films",)),
    _other(MARA, "Observatory plates 1899-1911, part 2", "failed", age=9 * DAY, progress=0.02),
    _other(MARA, "Herman Melville - Moby-Dick (1851)", "cached", age=29.3 * DAY, tags=("Books",)),
    _known(MARA, "Apollo 11 flight journal scans", "completed", age=27.6 * DAY, uploaded=True),
    _known(MARA, "debian-12.7.0-amd64-netinst", "completed", age=25.2 * DAY, tags=("Linux",)),
    _known(
        MARA,
        "Émile Zola - Les Rougon-Macquart",
        "completed",
        age=64 * DAY,
        tags=("Books", "Series"),
        airlocked=True,
    ),
    _known(MARA, "夏目漱石 - 吾輩は猫である", "completed", age=13 * DAY, uploaded=True, tags=("Books",)),
    _known(MARA, "Night of the Living Dead (1968)", "completed", age=11 * DAY, tags=("Films",)),
    _known(
        MARA,
        "J. S. Bach - Open Goldberg Variations",
        "completed",
        age=41 * DAY,
        tags=("Music",),
        airlocked=True,
    ),
    _other(
        MARA, "Война и мир - читает хор (аудиокнига)", "cached", age=35 * DAY, used=7 * DAY, tags=("Books",)
    ),
    _other(MARA, "River Levels 2024, part 7", "completed", age=5 * DAY),
    _known(MARA, "Cosmos Laundromat", "cached", age=4 * DAY, tags=("Films", "Kids")),
    _known(MARA, "linuxmint-22-cinnamon-64bit", "completed", age=3 * DAY, tags=("Linux",), airlocked=True),
    _other(MARA, "Antonín Dvořák - String Quartets [1928] FLAC", "cached", age=2 * DAY, tags=("Music",)),
    _other(MARA, "The Paper Lantern (1919) 1080p", "paused", progress=0.5, age=DAY),
    _other(MARA, "A Trip Beyond the Moon (1903)", "stalled", progress=0.11, age=DAY),
    _known(MARA, "ubuntu-24.04.1-desktop-amd64", "seeding", seed=2, age=7200, tags=("Linux",)),
    _known(
        MARA,
        "Caruso - Victor recordings 1904-1920",
        "seeding",
        seed=2,
        age=3600,
        uploaded=True,
        tags=("Music",),
    ),
    _known(MARA, "Fedora-Workstation-Live-x86_64-42", "downloading", progress=0.62, download_seconds=900),
    _known(MARA, "debian-live-12.7.0-amd64-gnome", "downloading", progress=0.12, download_seconds=1500),
    _other(MARA, "Herbarium Scans 2019, part 3", "downloading", progress=0.9, download_seconds=240),
    _other(MARA, "Les Voyages - édition illustrée", "storing", age=300),
    _other(MARA, "Bird Calls 2021, part 12", "metadata"),
)
JONS: tuple[Row, ...] = (
    _other(
        JON,
        NEWSREELS,
        "completed",
        age=70 * DAY,
        files=_reels(NEWSREELS, 52, 4 * GB),
        tags=("Series",),
        airlocked=True,
    ),
    _other(JON, "Scott Joplin - Piano rolls [1916] FLAC", "expired", age=35 * DAY),
    _other(JON, "Jane Austen - Complete Novels (1811)", "completed", age=28.4 * DAY, tags=("Books",)),
    _known(
        JON,
        "Lewis Carroll - Alice's Adventures in Wonderland (illustrated)",
        "completed",
        age=2 * DAY,
        tags=("Books", "Kids"),
        airlocked=True,
    ),
    _known(JON, "archlinux-2026.05.01-x86_64", "cached", age=DAY, tags=("Linux",)),
    _known(JON, "alpine-standard-3.22.0-x86_64", "downloading", progress=0.3, download_seconds=180),
    _known(JON, "ubuntu-24.04.1-live-server-amd64", "downloading", progress=0.05, download_seconds=600),
    _other(JON, "City of Rain (1927) 720p", "stalled", progress=0.37, age=5000),
    _other(JON, "Old Maps 2008, part 31", "queued"),
)


def _downloads_so_far(sim: Simulator) -> None:
    for account in sim.state.accounts.values():
        account.torrents_downloaded = 40 + 3 * len(account.torrents)
        account.bytes_downloaded = sum(held.work.size for held in account.torrents.values()) * 4


def _month(sim: Simulator, key: str, usual: int) -> None:
    """Give an account 30 days of downloads around `usual` GB a day: more on weekends, and some quiet days."""
    rng, now = Random(f"month of {key}"), sim.clock.now()
    downloaded = []
    for ago in range(29, -1, -1):
        share = rng.uniform(0.35, 1.3) * (1.7 if weekday(now - ago * DAY) >= 5 else 1)
        downloaded.append(int(usual * GB * (0.06 if rng.random() < 0.12 else share)))
    sim.usage.set_history(sim.state.keys[key].auth_id, now, downloaded, [size // 30 for size in downloaded])


def busy(sim: Simulator) -> None:
    """Build an account with every slot in use, some by seeding torrents, and a queue."""
    empty(sim)
    for key, moving, waiting in ((MARA, 12, 60), (JON, 3, 12)):
        for n in range(moving):
            state = "seeding" if n % 6 == 5 else "downloading"
            row = {"progress": (n % 10) / 11, "download_seconds": 60 + 25 * n, "seed_seconds": 90 + 30 * n}
            seeding.torrent(
                sim, {"key": key, "hash": named_hash(f"busy {key[:4]} {n}"), "state": state, **row}
            )
        for n in range(waiting):
            seeding.torrent(sim, {"key": key, "hash": named_hash(f"queued {key[:4]} {n}"), "state": "queued"})
        for n in range(10):
            seeding.torrent(sim, {"key": key, "hash": named_hash(f"done {key[:4]} {n}"), "age": n * DAY})


def thousands(sim: Simulator, count: int = 10_000, files: int = 0) -> None:
    """Build `count` unchanging torrents in mara's account, each with at most `files` files."""
    empty(sim)
    owner = sim.state.keys[MARA]
    now = sim.clock.now()
    for n in range(int(count)):
        work = content_library.invent(hashlib.sha1(b"thousands %d" % n).hexdigest(), most_files=int(files))
        age = (count - n) * (25 * DAY / count)
        sim.state.keep(owner, _still(sim, owner.auth_id, work, n, now - age))


def _still(sim: Simulator, auth_id: str, work: content_library.Work, n: int, created: float) -> Torrent:
    course = lifecycle.course_for(work, sim.options, 3)
    sim.state.next_torrent += 1
    cached = created if n % 3 else None
    return Torrent(
        sim.state.next_torrent - 1, auth_id, work, course, created, created, changed_at=created,
        cached_at=cached, magnet=work.magnet, seed=3,
    )  # fmt: skip


SCENARIOS: dict[str, Callable[..., None]] = {
    "empty": empty,
    "household": household,
    "busy": busy,
    "thousands": thousands,
}
