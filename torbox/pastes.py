"""All magnets in a pasted text: in prose, in HTML, several to a line, as bare hashes.

Every step looks at each character a bounded number of times, so a paste of megabytes costs
time in proportion to its length and no more.

What counts as a bare hash: 40 hex digits standing as a word of their own anywhere outside a web
address; 32 base32 characters only on a line made of nothing but hashes, in one case throughout and
with a digit among them, since a long word of letters would pass otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from torbox.cleaning import plain_text
from torbox.links import START, InvalidMagnet, Magnet, hex_hash, parse, unwrapped, visible

TEXT_LIMIT = 200
MAX_SKIPPED = 200

_LINE_END = re.compile(r"\r\n|\r|\n")
# Where a magnet in running text must stop, HTML-escaped quotes and brackets included.
_STOP = re.compile(
    r"[\s\x00-\x1f\"<>`|\\^{}“”‘’«»「」、。，]|&(?:quot|lt|gt|apos|nbsp|#0*3[49]|#x0*2[27]);", re.IGNORECASE
)
_CLOSERS = {"(": ")", "[": "]", "'": "'", "*": "*"}
_HEX_WORD = re.compile(r"(?<![\w/.%@#&+-])[0-9a-fA-F]{40}(?![\w/%@#&+=-])")
_BASE32 = re.compile(r"(?=[A-Z]*[2-7])[A-Z2-7]{32}|(?=[a-z]*[2-7])[a-z2-7]{32}")
_HEX = re.compile(r"[0-9a-fA-F]{40}")
_SEPARATORS = re.compile(r"[\s,;|]+")


@dataclass(frozen=True)
class Found:
    """A magnet and the line it stands on, counted from 1."""

    magnet: Magnet
    line: int


@dataclass(frozen=True)
class Skipped:
    """A line nothing could be taken from; `text` at most 200 characters, `reason` one plain sentence."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """`found`: each torrent once, where it came first. `repeated`: the same hashes pasted again."""

    found: tuple[Found, ...]
    skipped: tuple[Skipped, ...]
    repeated: tuple[Found, ...]


def scan(text: str) -> Scan:
    """Everything usable in `text`, and a reason for each line that has nothing. Never raises."""
    collected = _Collected()
    for number, line in enumerate(_LINE_END.split(text), 1):
        content = visible(line)
        if content:
            _read_line(content, number, collected)
    return collected.result()


@dataclass
class _Collected:
    found: dict[str, Found] = field(default_factory=dict)
    repeated: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    overflow: int = 0
    overflow_line: int = 0

    def add(self, magnet: Magnet, line: int) -> None:
        found = Found(magnet, line)
        if magnet.info_hash in self.found:
            self.repeated.append(found)
        else:
            self.found[magnet.info_hash] = found

    def skip(self, line: int, text: str, reason: str) -> None:
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(Skipped(line, plain_text(text, TEXT_LIMIT), reason))
            return
        self.overflow += 1
        self.overflow_line = self.overflow_line or line

    def result(self) -> Scan:
        if self.overflow:
            reason = f"From line {self.overflow_line} on, {self.overflow} more lines could not be used."
            self.skipped.append(Skipped(self.overflow_line, "", reason))
        return Scan(tuple(self.found.values()), tuple(self.skipped), tuple(self.repeated))


def _read_line(content: str, number: int, collected: _Collected) -> None:
    """Take what the line has. A broken magnet is reported even next to good ones, once per line."""
    complaint = ""
    some = False
    for candidate in _candidates(content):
        try:
            collected.add(parse(candidate), number)
            some = True
        except InvalidMagnet as error:
            complaint = complaint or f"Line {number}: {error}"
    if complaint or not some:
        collected.skip(number, content, complaint or _reason(content, number))


def _candidates(content: str) -> Iterator[str]:
    """Texts for `parse`: the magnets of the line, or else its bare hashes."""
    starts = list(START.finditer(content))
    if not starts:
        yield from _bare_hashes(content)
    for index, start in enumerate(starts):
        following = starts[index + 1].start() if index + 1 < len(starts) else len(content)
        yield _segment(content, start, following)


def _segment(content: str, start: re.Match[str], following: int) -> str:
    """The magnet that begins at `start`, without the punctuation of the text around it."""
    stop = _STOP.search(content, start.end(), following)
    end = stop.start() if stop else following
    segment = content[start.start() : end]
    if "%" in start[0]:  # as a value inside another address: that one's separators end it
        segment = re.split("[&#]", segment, maxsplit=1)[0]
    if start.start() > 0:
        segment = _cut_at_closer(segment, content[start.start() - 1])
    alone = start.start() == 0 and end == len(content)
    return segment.rstrip(",;:!?'*]}>" if alone else ",;:!?'*]}>._~")


def _cut_at_closer(segment: str, opener: str) -> str:
    """Up to the bracket or quote that closes `opener`, minding pairs inside the segment."""
    closer = _CLOSERS.get(opener)
    if closer is None:
        return segment
    depth = 1
    for mark in re.finditer(f"[{re.escape(opener + closer)}]", segment):
        depth += 1 if mark[0] == opener != closer else -1
        if depth == 0:
            return segment[: mark.start()]
    return segment


def _bare_hashes(content: str) -> Iterator[str]:
    words = [unwrapped(word) for word in _SEPARATORS.split(content) if word]
    if all(_HEX.fullmatch(word) or _BASE32.fullmatch(word) for word in words):
        yield from (hex_hash(word) for word in words)
        return
    for word in content.split():
        if "://" not in word and not word.lower().startswith("www."):
            yield from _HEX_WORD.findall(word)


def _reason(content: str, number: int) -> str:
    if re.match(r"https?://\S{1,2000}\.torrent(?![\w/])", content, re.IGNORECASE):
        return f"Line {number} is a link to a .torrent file; download the file and upload it here."
    return f"Line {number} is not a magnet, hash or .torrent link."
