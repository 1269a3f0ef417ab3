"""Preview a paste or an upload before anything is stored: one line for each torrent found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torbox
from accounts.models import TorBoxAccount, User
from torbox import magnet_scanner, torrentfiles
from torbox.magnet_scanner import TorrentLink
from torbox.sanitize import plain_text
from torrents.link_reasons import LINK
from torrents.models import Torrent
from torrents.skip_reason_text import TOO_MANY_TORRENTS

from . import cache_check, looking_up
from .adding import BATCH, NewTorrent
from .torrent_links import Fetched

MOST = 5000
MAX_LOOKUPS = 30


@dataclass(frozen=True)
class SkippedLine:
    """A line, link, or file that can't be used. `reason` and `params` are for `skip_reason_text`.

    `left_out`: how many torrents beyond the limit of one paste are left out, for that reason only.
    """

    reason: str
    text: str
    line: int | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True)
class FoundTorrents:
    """The torrents in a paste and in files, by info hash in order, and what can't be used.

    `fetched`: the files behind the links of the paste, by URL.
    """

    new_torrents: dict[str, NewTorrent] = field(default_factory=dict)
    skipped: list[SkippedLine] = field(default_factory=list)
    repeated: int = 0
    fetched: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class PreviewLine:
    """A line of the preview. `cached` is None if TorBox was not asked, or didn't respond.

    `incomplete`: the line should be looked up separately after the preview is shown.
    """

    new_torrent: NewTorrent
    name: str
    size: int
    file_count: int = 0
    cached: bool | None = None
    existing: Torrent | None = None
    seeds: int | None = None
    incomplete: bool = False


@dataclass(frozen=True)
class Plan:
    """The result of pressing Add: `new_torrents` to add, how many already exist, and how many are not cached."""

    new_torrents: list[NewTorrent]
    existing: int = 0
    uncached: int = 0


@dataclass(frozen=True)
class Preview:
    """The lines of a preview. `cache_unknown`: TorBox could not be asked what is cached."""

    lines: list[PreviewLine] = field(default_factory=list)
    skipped: list[SkippedLine] = field(default_factory=list)
    repeated: int = 0
    cache_unknown: bool = False
    fetched: dict[str, bytes] = field(default_factory=dict)

    @property
    def new(self) -> list[PreviewLine]:
        return [line for line in self.lines if line.existing is None]


def understand(
    scan: magnet_scanner.Scan,
    files: Iterable[tuple[str, bytes]],
    without: Iterable[str] = (),
    fetch: Callable[[Sequence[TorrentLink]], list[Fetched]] | None = None,
) -> FoundTorrents:
    """Combine the torrents of a paste and of .torrent files (name, bytes). A bad line, link, or file is skipped.

    `without`: info hashes that the person removed. `fetch` fetches the links; without it, no link is fetched.
    """
    reading = _Reading(
        {found.magnet.info_hash: NewTorrent(found.magnet) for found in scan.found}, len(scan.repeated)
    )
    reading.skipped = [SkippedLine(line.reason, line.text, line.line, line.params) for line in scan.skipped]
    answers = (
        fetch(scan.links)
        if fetch and scan.links
        else [Fetched(link, reason="no_account") for link in scan.links]
    )
    for answer in answers:
        reading.take_fetched(answer)
    reading.skipped.sort(key=lambda skipped: skipped.line or 0)
    for name, data in files:
        reading.take(data, name[:200])
    return reading.result(without)


class _Reading:
    """The torrents that `understand` has read so far."""

    def __init__(self, new_torrents: dict[str, NewTorrent], repeated: int) -> None:
        self.new_torrents, self.repeated = new_torrents, repeated
        self.skipped: list[SkippedLine] = []
        self.fetched: dict[str, bytes] = {}

    def take_fetched(self, answer: Fetched) -> None:
        link = answer.link
        text = plain_text(link.url, 200)
        if answer.reason:
            self.skipped.append(SkippedLine(LINK + answer.reason, text, link.line, answer.params))
        elif self.take(answer.data, text, link.line):
            self.fetched[link.url] = answer.data

    def take(self, data: bytes, text: str, line: int | None = None) -> bool:
        """Add a .torrent file and return whether it is usable. `text` names it if it is skipped."""
        try:
            meta = torrentfiles.parse(data)
        except torrentfiles.InvalidTorrentFile as error:
            self.skipped.append(SkippedLine(error.reason, text, line, error.params))
            return False
        self.repeated += meta.info_hash in self.new_torrents
        self.new_torrents[meta.info_hash] = NewTorrent(meta.magnet, meta.data, meta.size)
        return True

    def result(self, without: Iterable[str]) -> FoundTorrents:
        for info_hash in without:
            self.new_torrents.pop(info_hash, None)
        new_torrents = self.new_torrents
        if len(new_torrents) > MOST:
            left_out = len(new_torrents) - MOST
            self.skipped.append(SkippedLine(TOO_MANY_TORRENTS, "", params={"limit": MOST}, left_out=left_out))
            new_torrents = dict(list(new_torrents.items())[:MOST])
        return FoundTorrents(new_torrents, self.skipped, self.repeated, self.fetched)


def preview(*, person: User, account: TorBoxAccount | None, found: FoundTorrents) -> Preview:
    """Return a line for each torrent found, with its cached state from one check and the row if the person has it."""
    existing = _existing(person, list(found.new_torrents))
    new = [info_hash for info_hash in found.new_torrents if info_hash not in existing]
    cached, unknown = _cached(account, new)
    lines = [
        _line(new_torrent, existing.get(info_hash), cached)
        for info_hash, new_torrent in found.new_torrents.items()
    ]
    return Preview(_with_looked_up(lines), found.skipped, found.repeated, unknown, found.fetched)


def plan(*, person: User, found: FoundTorrents, uncached: Collection[str] = ()) -> Plan:
    """Return which torrents of `found` to add, by the same rule as the preview.

    Torrents that the person can already see are left out. So are those in `uncached`, which the preview showed as not
    cached while only cached ones are wanted.
    """
    existing = _existing(person, list(found.new_torrents))
    new = {
        info_hash: new_torrent
        for info_hash, new_torrent in found.new_torrents.items()
        if info_hash not in existing
    }
    new_torrents = [new_torrent for info_hash, new_torrent in new.items() if info_hash not in uncached]
    return Plan(new_torrents, len(existing), len(new) - len(new_torrents))


def _existing(person: User, hashes: list[str]) -> dict[str, Torrent]:
    """Return the rows that the person can already see on any account, preferring downloadable copies."""
    rows: dict[str, Torrent] = {}
    for start in range(0, len(hashes), BATCH):
        mine = Torrent.objects.visible_to(person).filter(info_hash__in=hashes[start : start + BATCH])
        best_last = sorted(mine.for_display(person), key=lambda row: row.downloadable)
        rows |= {row.info_hash: row for row in best_last if not row.ended}
    return rows


def _cached(
    account: TorBoxAccount | None, hashes: list[str]
) -> tuple[dict[str, torbox.CachedTorrent] | None, bool]:
    """Return the cached torrents, or None if unknown, and whether TorBox could not be asked."""
    if account is None or not hashes:
        return None, False
    try:
        return cache_check.check(account, hashes, list_files=len(hashes) <= 100), False
    except torbox.TorBoxError:
        return None, True


def _line(
    new_torrent: NewTorrent, existing: Torrent | None, cached: dict[str, torbox.CachedTorrent] | None
) -> PreviewLine:
    if existing:
        return PreviewLine(new_torrent, str(existing), existing.size, existing.file_count, existing=existing)
    hit = cached.get(new_torrent.magnet.info_hash) if cached is not None else None
    size = new_torrent.size or new_torrent.magnet.size or 0
    if hit is None:
        return PreviewLine(
            new_torrent, new_torrent.magnet.name, size, cached=None if cached is None else False
        )
    return PreviewLine(
        new_torrent, hit.name or new_torrent.magnet.name, hit.size or size, len(hit.files), cached=True
    )


def _with_looked_up(lines: list[PreviewLine]) -> list[PreviewLine]:
    """Fill in the first uncached lines without a name or size if they were looked up, and mark the others."""
    wanting = [line for line in lines if line.cached is False and not (line.name and line.size)]
    wanted = {line.new_torrent.magnet.info_hash for line in wanting[:MAX_LOOKUPS]}
    if not wanted:
        return lines
    known = looking_up.remembered(wanted)
    return [
        _completed(line, known) if line.new_torrent.magnet.info_hash in wanted else line for line in lines
    ]


def _completed(line: PreviewLine, known: dict[str, looking_up.Known | None]) -> PreviewLine:
    info_hash = line.new_torrent.magnet.info_hash
    if info_hash not in known:
        return replace(line, incomplete=True)
    return filled(line, known[info_hash])


def filled(line: PreviewLine, known: looking_up.Known | None) -> PreviewLine:
    """Return the line with the data that was looked up, if any."""
    if known is None:
        return line
    name, size = known.name or line.name, known.size or line.size
    return replace(line, name=name, size=size, file_count=known.file_count, seeds=known.seeds)
