"""Find all magnets, hashes, and links to .torrent files in a pasted text, including prose, HTML, and several per line.

Every step looks at each character a bounded number of times, so the time a paste takes is proportional to its length.

A bare hash is 40 hex digits as a separate word outside a web address, or 32 base32 characters where only hashes and
magnets are around. The base32 form must use one case throughout and include a digit, because a long word of letters
would pass otherwise. Text that only resembles a hash is reported as skipped.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from torbox.escapes import without_backslashes, without_entities
from torbox.link_ends import link_end
from torbox.magnets import START, InvalidMagnet, Magnet, hex_hash, parse, unwrapped, visible
from torbox.sanitize import plain_text
from torbox.skip_reasons import SkipReason

TEXT_LIMIT = 200
SHORTEST_HASH = 32
MAX_SKIPPED = 200
MAX_UNUSABLE = (
    50_000  # lines and magnets; a bound on the work, far more than a web page has around its magnets
)

_LINE_END = re.compile(r"\r\n|\r|\n")
_HEX_WORD = re.compile(r"(?<![\w/.%@#&+-])[0-9a-fA-F]{40}(?![\w/%@#&+=-])")
_BASE32 = re.compile(r"(?=[A-Z]*[2-7])[A-Z2-7]{32}|(?=[a-z]*[2-7])[a-z2-7]{32}")
_HEX = re.compile(r"[0-9a-fA-F]{40}")
_SEPARATORS = re.compile(r"[\s,;|]+")
_SUSPECT = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{40}|(?=[A-Z]*[2-7])[A-Z2-7]{32}|(?=[a-z]*[2-7])[a-z2-7]{32})(?![0-9A-Za-z])"
)
_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\"<>`]+", re.IGNORECASE)
_TORRENT_LINK = re.compile(r"https?://[^/?#]+[/?].*?\.torrent(?:$|[?#&])", re.IGNORECASE)


@dataclass(frozen=True)
class FoundMagnet:
    """A magnet and the number of its line, counted from 1."""

    magnet: Magnet
    line: int


@dataclass(frozen=True)
class TorrentLink:
    """The URL of a .torrent file and the number of its line."""

    url: str
    line: int


@dataclass(frozen=True)
class SkippedText:
    """Text of a line that can't be used, at most 200 characters, and why."""

    line: int
    text: str
    reason: SkipReason
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scan:
    """The result of reading a paste.

    `found`: each torrent once, at its first line. `repeated`: the same hashes pasted again.
    `links`: URLs of .torrent files, each once.
    """

    found: tuple[FoundMagnet, ...]
    skipped: tuple[SkippedText, ...]
    repeated: tuple[FoundMagnet, ...]
    links: tuple[TorrentLink, ...] = ()


def scan(text: str) -> Scan:
    """Return everything usable in `text`, and a reason for each line that has nothing. Never raises."""
    collected = _Collected()
    for number, line in enumerate(_LINE_END.split(text), 1):
        content = visible(line)
        if content and collected.is_full:
            collected.stop(number)
            break
        if content:
            _Line(content, number, collected).read()
    return collected.result()


def whole_links(text: str) -> str:
    """Return `text` with each magnet that fills its line in canonical form, so that `scan` doesn't cut it short.

    Use it for a link that a browser passes on: raw spaces, quotes, and hashes in it belong to its name.
    """
    return "\n".join(map(_whole_link, _LINE_END.split(text)))


def _whole_link(line: str) -> str:
    link = unwrapped(visible(without_backslashes(line)))
    if START.match(link) and START.search(link, len("magnet:")) is None:
        with contextlib.suppress(InvalidMagnet):
            magnet = parse(link)
            return line if magnet.left_out else magnet.uri
    return line


@dataclass
class _Collected:
    found: dict[str, FoundMagnet] = field(default_factory=dict)
    repeated: list[FoundMagnet] = field(default_factory=list)
    links: dict[str, TorrentLink] = field(default_factory=dict)
    skipped: list[SkippedText] = field(default_factory=list)
    overflow: int = 0
    overflow_line: int = 0
    unusable: int = 0
    stopped: SkippedText | None = None

    def add(self, magnet: Magnet, line: int) -> None:
        found = FoundMagnet(magnet, line)
        if magnet.info_hash in self.found:
            self.repeated.append(found)
        else:
            self.found[magnet.info_hash] = found

    @property
    def is_full(self) -> bool:
        return self.unusable >= MAX_UNUSABLE

    def skip(self, line: int, text: str, reason: SkipReason) -> None:
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(SkippedText(line, plain_text(text, TEXT_LIMIT), reason))
            return
        self.overflow += 1
        self.overflow_line = self.overflow_line or line

    def stop(self, line: int) -> None:
        self.stopped = SkippedText(line, "", SkipReason.READING_STOPPED, {"limit": MAX_UNUSABLE})

    def result(self) -> Scan:
        if self.overflow:
            count = {"count": self.overflow}
            self.skipped.append(SkippedText(self.overflow_line, "", SkipReason.MORE_LINES, count))
        if self.stopped:
            self.skipped.append(self.stopped)
        links = tuple(self.links.values())
        return Scan(tuple(self.found.values()), tuple(self.skipped), tuple(self.repeated), links)


class _Line:
    """One line of a paste, whose usable and unusable parts are added to `collected`."""

    def __init__(self, content: str, number: int, collected: _Collected) -> None:
        self.content, self.number, self.collected = content, number, collected
        self.some = False
        self.suspects: list[str] = []

    def read(self) -> None:
        for part in without_backslashes(self.content).split("\n"):
            self._read_part(visible(part))
        if not self.some and not self.collected.is_full:
            self.collected.unusable += 1
            self.collected.skip(self.number, self.content, SkipReason.NOTHING_USABLE)
        for suspect in self.suspects if self.some else ():
            self.collected.skip(self.number, suspect, SkipReason.POSSIBLE_HASH)

    def _read_part(self, text: str) -> None:
        """Take the magnets, and the links and hashes between them."""
        starts = list(START.finditer(text))
        place = 0
        for index, start in enumerate(starts):
            if self.collected.is_full:
                self.collected.stop(self.number)
                return
            following = starts[index + 1].start() if index + 1 < len(starts) else len(text)
            end = link_end(text, start, following)
            self._read_rest(text[place : start.start()])
            self._take_magnet(text[start.start() : end])
            place = end
        self._read_rest(text[place:])

    def _take_magnet(self, text: str) -> None:
        self.some = True
        try:
            self.collected.add(parse(text), self.number)
        except InvalidMagnet as error:
            self.collected.unusable += 1
            self.collected.skip(self.number, text, error.reason)

    def _read_rest(self, text: str) -> None:
        """Take the links and bare hashes of a text without magnets, and note words that only resemble a hash."""
        if "://" in text:
            text = _ADDRESS.sub(self._take_link, text)
        if len(text) < SHORTEST_HASH:
            return
        taken = list(_bare_hashes(text))
        for info_hash in taken:
            self.some = True
            self.collected.add(Magnet(hex_hash(info_hash)), self.number)
        known = set(taken)
        self.suspects += [word for word in _SUSPECT.findall(text) if word not in known]

    def _take_link(self, address: re.Match[str]) -> str:
        """Keep a URL if it leads to a .torrent file, and ignore it otherwise."""
        url = _trimmed(without_entities(address[0]))
        if _TORRENT_LINK.match(url):
            self.some = True
            self.collected.links.setdefault(url, TorrentLink(url, self.number))
        return " "


def _trimmed(url: str) -> str:
    """Return `url` without the punctuation of the text around it."""
    ending = re.search(r"(?<=\.torrent)[)\]}|'*].*", url, re.IGNORECASE)
    return url[: ending.start() if ending else len(url)].rstrip(".,;:!?)]}'*|")


def _bare_hashes(text: str) -> Iterator[str]:
    words = [unwrapped(word) for word in _SEPARATORS.split(text) if word]
    if all(map(_is_hash, words)):
        yield from words
        return
    for word in text.split():
        if len(word) >= 40 and not word.lower().startswith("www."):
            yield from _HEX_WORD.findall(word)


def _is_hash(word: str) -> bool:
    return bool(_HEX.fullmatch(word) or _BASE32.fullmatch(word))
