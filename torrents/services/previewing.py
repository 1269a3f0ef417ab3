"""What a paste or upload would do, before anything is kept: one line per thing found."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount, User
from torbox import magnets, torrentfiles

from ..models import Torrent
from . import looking_up
from .adding import BATCH, Wish

MOST = 5000
MOST_LOOKED_UP = 30
TOO_MANY = f"Up to {MOST:,} torrents at once; paste the rest afterwards."
NOT_CHECKED = "TorBox cannot be asked just now what is cached. You can add all the same."


@dataclass(frozen=True)
class Skipped:
    """A line or file of which nothing can be made, and why."""

    reason: str
    text: str
    line: int | None = None


@dataclass(frozen=True)
class Found:
    """What was understood of a paste and some files: wishes by info hash in order, and what was not."""

    wishes: dict[str, Wish] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    repeated: int = 0


@dataclass(frozen=True)
class Line:
    """One line of the preview; `cached` is None when TorBox was not or could not be asked.

    `incomplete`: worth a look-up of its own, after the preview has been shown.
    """

    wish: Wish
    name: str
    size: int
    file_count: int = 0
    cached: bool | None = None
    existing: Torrent | None = None
    seeds: int | None = None
    incomplete: bool = False


@dataclass(frozen=True)
class Plan:
    """What pressing *Add* does: `wishes` to add; how many are there already, and how many were not cached."""

    wishes: list[Wish]
    existing: int = 0
    uncached: int = 0


@dataclass(frozen=True)
class Preview:
    lines: list[Line] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    repeated: int = 0
    warning: str = ""

    @property
    def new(self) -> list[Line]:
        return [line for line in self.lines if line.existing is None]


def understand(text: str, files: Iterable[tuple[str, bytes]], without: Iterable[str] = ()) -> Found:
    """Read a paste and .torrent files (name, bytes). One bad line or file costs that one only.

    `without`: info hashes the person took out again.
    """
    scan = magnets.scan(text)
    wishes = {found.magnet.info_hash: Wish(found.magnet) for found in scan.found}
    skipped = [Skipped(line.reason, line.text, line.line) for line in scan.skipped]
    repeated = len(scan.repeated)
    for name, data in files:
        try:
            meta = torrentfiles.parse(data)
        except torrentfiles.InvalidTorrentFile as error:
            skipped.append(Skipped(str(error), name[:200]))
            continue
        repeated += meta.info_hash in wishes
        wishes[meta.info_hash] = Wish(meta.magnet, data, meta.size)
    for info_hash in without:
        wishes.pop(info_hash, None)
    if len(wishes) > MOST:
        skipped.append(Skipped(TOO_MANY, f"{len(wishes) - MOST:,} more"))
        wishes = dict(list(wishes.items())[:MOST])
    return Found(wishes, skipped, repeated)


def preview(*, person: User, account: TorBoxAccount | None, found: Found) -> Preview:
    """Each thing found with its cached state from one check, and whether the person has it already."""
    existing = _existing(person, list(found.wishes))
    new = [info_hash for info_hash in found.wishes if info_hash not in existing]
    cached, warning = _cached(account, new)
    lines = [_line(wish, existing.get(info_hash), cached) for info_hash, wish in found.wishes.items()]
    return Preview(_with_looked_up(lines), found.skipped, found.repeated, warning)


def plan(*, person: User, found: Found, uncached: Collection[str] = ()) -> Plan:
    """What of `found` is to be added, by the same rule as the preview: nothing that the person can see already,
    and none of `uncached`, the hashes that the preview called not cached when only cached ones are wanted.
    """
    existing = _existing(person, list(found.wishes))
    new = {info_hash: wish for info_hash, wish in found.wishes.items() if info_hash not in existing}
    wishes = [wish for info_hash, wish in new.items() if info_hash not in uncached]
    return Plan(wishes, len(existing), len(new) - len(wishes))


def _existing(person: User, hashes: list[str]) -> dict[str, Torrent]:
    """What the person can see already, on whatever account; of two copies the one that can be downloaded."""
    rows: dict[str, Torrent] = {}
    for start in range(0, len(hashes), BATCH):
        mine = Torrent.objects.visible_to(person).filter(info_hash__in=hashes[start : start + BATCH])
        best_last = sorted(mine.for_display(person), key=lambda row: row.downloadable)
        rows |= {row.info_hash: row for row in best_last if not row.ended}
    return rows


def _cached(
    account: TorBoxAccount | None, hashes: list[str]
) -> tuple[dict[str, torbox.CachedTorrent] | None, str]:
    """None for the answer when TorBox gave none: not knowing is not the same as not cached."""
    if account is None or not hashes:
        return None, ""
    try:
        with client_for(account, somebody_waits=True) as client:
            return client.check_cached(hashes, list_files=len(hashes) <= 100), ""
    except torbox.TorBoxError:
        return None, NOT_CHECKED


def _line(wish: Wish, existing: Torrent | None, cached: dict[str, torbox.CachedTorrent] | None) -> Line:
    if existing:
        return Line(wish, str(existing), existing.size, existing.file_count, existing=existing)
    hit = cached.get(wish.magnet.info_hash) if cached is not None else None
    size = wish.size or wish.magnet.size or 0
    if hit is None:
        return Line(wish, wish.magnet.name, size, cached=None if cached is None else False)
    return Line(wish, hit.name or wish.magnet.name, hit.size or size, len(hit.files), cached=True)


def _with_looked_up(lines: list[Line]) -> list[Line]:
    """The first few uncached lines without a size: filled in as far as they were looked up, marked where not yet."""
    wanting = [line for line in lines if line.cached is False and not (line.name and line.size)]
    wanted = {line.wish.magnet.info_hash for line in wanting[:MOST_LOOKED_UP]}
    if not wanted:
        return lines
    known = looking_up.remembered(wanted)
    return [_completed(line, known) if line.wish.magnet.info_hash in wanted else line for line in lines]


def _completed(line: Line, known: dict[str, looking_up.Known | None]) -> Line:
    info_hash = line.wish.magnet.info_hash
    if info_hash not in known:
        return replace(line, incomplete=True)
    return filled(line, known[info_hash])


def filled(line: Line, known: looking_up.Known | None) -> Line:
    """The line with what was looked up; as it was when that was nothing."""
    if known is None:
        return line
    name, size = known.name or line.name, known.size or line.size
    return replace(line, name=name, size=size, file_count=known.file_count, seeds=known.seeds)
