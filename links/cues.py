"""Read subtitle files into cues, and write cues as WebVTT. Pure functions.

The files come from outside, and some expressions of pysubs2 take a time that grows with the square of what they read.
So a file is cut down before pysubs2 gets it: to the lines that matter, and each line to a length.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import pysubs2
from pysubs2.exceptions import UnknownFPSError

MAX_CUES = 20_000
MAX_LINES = 8  # of one cue
MAX_LINE = 500  # characters
MAX_STYLED_LINE = 4_000  # characters of a line of ASS, most of which may be codes
MAX_TIME = 100 * 3600 * 1000  # milliseconds
USUAL_FPS = 24_000 / 1001  # where a MicroDVD file doesn't have its own
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
HTML_TAG = re.compile(r"<(/?)([^<>\n]{0,200})>")
TIMES = re.compile(r"\d[\d:.,]{3,15} {0,9}--> {0,9}\d")
FRAME_TIMES = re.compile(r" {0,9}\{ {0,9}\d{1,9} {0,9}\} {0,9}\{ {0,9}\d{1,9} {0,9}\}")
HEADING = re.compile(r"\[[^\[\]]{1,40}\]")
CODES = re.compile(r"\{(\\?[^{}\n]*)(?:\}|$)")
SWITCH = re.compile(r"\\([ibup])(\d{1,3})(?!\d)|\\(r)")
ON_TOP = re.compile(r"\\an[789](?!\d)")
SPACES = {r"\N": "\n", r"\n": "\n", r"\h": "\u00a0"}
STYLES = ("i", "b", "u")


class UnreadableSubtitles(Exception):
    """These are no subtitles that we can read."""


class Cue(NamedTuple):
    """A text to show from `start` to `end`, in milliseconds. `markup` is escaped and has no tags but i, b, and u."""

    start: int
    end: int
    markup: str
    on_top: bool


def read(text: str) -> list[Cue]:
    """Return the cues of a file in the order of their times. Raises `UnreadableSubtitles`."""
    text = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    form = _format_of(text)
    try:
        found = _parsed(form, "\n".join(CUT_DOWN[form](text.split("\n"))))
    except Exception:  # pysubs2 raises whatever its parsers run into
        raise UnreadableSubtitles from None
    cues = sorted((cue for cue in _cues(found, form) if cue.markup), key=lambda cue: cue.start)
    if not cues:
        raise UnreadableSubtitles
    return cues


def as_webvtt(cues: Iterable[Cue]) -> str:
    """Write cues as a WebVTT file."""
    blocks = (
        f"{_clock(cue.start)} --> {_clock(cue.end)}{' line:0' if cue.on_top else ''}\n{cue.markup}\n"
        for cue in cues
    )
    return "\n".join(["WEBVTT\n", *blocks])


def _format_of(text: str) -> str:
    """Return the format by the content, because the extension of a file may be wrong."""
    if text.lstrip().startswith("WEBVTT"):
        return "vtt"
    beginning = text[:20_000].lower()
    if "[v4 styles]" in beginning:
        return "ssa"
    if "[script info]" in beginning or "[v4+ styles]" in beginning:
        return "ass"
    if any(map(FRAME_TIMES.match, beginning.split("\n")[:50])):
        return "microdvd"
    return "srt"


def _parsed(form: str, text: str) -> pysubs2.SSAFile:
    try:
        return pysubs2.SSAFile.from_string(text, form, keep_html_tags=True)
    except UnknownFPSError:
        return pysubs2.SSAFile.from_string(text, form, fps=USUAL_FPS)


def _timed(lines: list[str]) -> Iterator[str]:
    """Yield the times of SubRip with at most MAX_LINES below each, and HTML as the codes of ASS."""
    room = 0
    for line in lines:
        if TIMES.search(line[:MAX_LINE]):
            room = MAX_LINES
            yield line[:MAX_LINE]
        elif room and line.strip():
            room -= 1
            yield HTML_TAG.sub(_as_code, line[:MAX_LINE].strip())
        elif room == MAX_LINES:
            room -= 1
            yield ""  # so that pysubs2 takes the number of the next cue for one when this cue is empty


def _webvtt(lines: list[str]) -> Iterator[str]:
    """Yield the cues of WebVTT without their names, settings, comments, and styles. A blank line ends a cue."""
    room = 0
    for line in lines:
        if not line.strip():
            room = 0
        elif room:
            room -= 1
            yield html.unescape(HTML_TAG.sub(_as_code, line[:MAX_LINE].strip()))
        elif TIMES.search(line[:MAX_LINE]):
            room = MAX_LINES
            yield line[:MAX_LINE]


def _styled(lines: list[str]) -> Iterator[str]:
    """Yield styles and dialogue of ASS or SSA, without fonts and pictures."""
    for line in map(str.strip, lines):
        if line.startswith(("Style:", "Dialogue:")) or HEADING.fullmatch(line):
            yield line[:MAX_STYLED_LINE]


def _framed(lines: list[str]) -> Iterator[str]:
    """Yield the cues of MicroDVD."""
    return islice((line[:MAX_LINE] for line in lines if FRAME_TIMES.match(line)), MAX_CUES)


CUT_DOWN: dict[str, Callable[[list[str]], Iterator[str]]] = {
    "srt": _timed, "vtt": _webvtt, "ass": _styled, "ssa": _styled, "microdvd": _framed,
}  # fmt: skip


def _as_code(tag: re.Match[str]) -> str:
    name = tag[2].strip().lower()
    return f"{{\\{name}{0 if tag[1] else 1}}}" if name in STYLES else ""


def _cues(found: pysubs2.SSAFile, form: str) -> Iterator[Cue]:
    shown = [event for event in found if 0 <= event.start < event.end <= MAX_TIME]
    for event in shown[:MAX_CUES]:
        style = found.styles.get(event.style)
        base = {"i": style.italic, "b": style.bold, "u": style.underline} if style else {}
        markup, on_top = _markup(event.text, base, only_codes=form in ("srt", "vtt"))
        yield Cue(event.start, event.end, markup, on_top)


def _markup(text: str, base: dict[str, bool], *, only_codes: bool) -> tuple[str, bool]:
    """Return the text of an event as escaped markup, and whether it belongs to the top of the picture.

    `only_codes`: braces are text unless they hold codes.
    """
    style, parts, on_top, done = dict(base), [], False, 0
    for codes in CODES.finditer(text):
        if only_codes and not codes[1].startswith("\\"):
            continue
        parts.append(_fragment(text[done : codes.start()], style))
        done = codes.end()
        on_top = on_top or bool(ON_TOP.search(codes[1]))
        for name, value, reset in SWITCH.findall(codes[1]):
            style = dict(base) if reset else style | {name: int(value) > 0}
    parts.append(_fragment(text[done:], style))
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line), on_top


def _fragment(text: str, style: dict[str, bool]) -> str:
    if style.get("p"):  # a drawing
        return ""
    for code, space in SPACES.items():
        text = text.replace(code, space)
    markup = html.escape(text, quote=False)
    if not markup.strip():
        return markup
    for name in STYLES:
        markup = f"<{name}>{markup}</{name}>" if style.get(name) else markup
    return markup


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
