"""Find the end of a magnet link inside a text.

People paste links with spaces, quotes, and brackets in the name, so no single character ends a link. A link continues
while another of its `&key=` follows on the line, and only its last value ends like a word. Every step looks at each
character a bounded number of times.
"""

from __future__ import annotations

import re

KEY = re.compile(
    r"&(?:amp;|#0*38;|#x0*26;)*(xt|dn|tr|xl|ws|xs|as|so|kt|mt|x\.pe)(?:\.[0-9]{1,4})?=", re.IGNORECASE
)

_FIRST_KEY = re.compile(r"\s*([\w.]{2,6})=")
_ENTITY_BREAK = r"&(?:quot|lt|gt|apos|nbsp|#0*3[49]|#x0*2[27]);"
_BREAK = re.compile(rf"[\s\x00-\x1f\"'<>]|{_ENTITY_BREAK}", re.IGNORECASE)
# What ends the last value. An apostrophe may be part of it, and `_closed_at` handles quotes in pairs.
_STOP = re.compile(rf"[\s\x00-\x1f\"<>`]|{_ENTITY_BREAK}", re.IGNORECASE)
_PLAIN_STOP = re.compile(r"[|\\^{}“”‘’«»「」、。，；]")
_CJK_STOP = re.compile(r"[“”«»「」、。，；]")
_OPENER = re.compile(r"(?:&(?:quot|lt|apos|#0*3[49]|#x0*2[27]);|[\"'<(\[`*“‘«「])\Z", re.IGNORECASE)
_CLOSERS = {"<": ">", "(": ")", "[": "]", "“": "”", "‘": "’", "«": "»", "「": "」", "&lt;": "&gt;"}
_OPENERS = {"]": "[", "}": "{", ">": "<"}
_BLANK = re.compile(r"\+|%20")
_NO_NAME = re.compile(r"://|\b(?:[0-9a-fA-F]{40}|[A-Z2-7]{32}|[a-z2-7]{32})\b|</?[a-zA-Z]")
_NESTED_STOP = re.compile(r"[&#\s\"<>`]")
_LONGEST_OPENER = 9  # characters of an entity


def link_end(text: str, start: re.Match[str], following: int) -> int:
    """Return the end of the magnet that begins at `start`, at most `following`."""
    end = _closed_at(text, start, following)
    if "%" in start[0]:  # a value inside another URL, whose separators end it
        return _first(_NESTED_STOP, text, start.end(), end)
    first = _FIRST_KEY.match(text, start.end(), end)
    key, value = (first[1].lower(), first.end()) if first else ("", start.end())
    for following_key in KEY.finditer(text, value, end):
        if _is_foreign(key, text[value : following_key.start()]):
            break
        key, value = following_key[1].lower(), following_key.end()
    stop = _value_end(text, start.start(), key, value, end)
    return _without_punctuation(text, start.start(), value, stop)


def _closed_at(text: str, start: re.Match[str], following: int) -> int:
    """Return where the bracket or quote before the link closes, unless the link continues right after it."""
    opener = _OPENER.search(text, max(0, start.start() - _LONGEST_OPENER), start.start())
    if opener is None:
        return following
    opening = opener[0].lower()
    closing = _CLOSERS.get(opening, opening)
    marks = re.compile(
        f"(?P<close>{re.escape(closing)})|(?P<open>{re.escape(opening)})|(?P<key>{KEY.pattern})"
        f"|(?P<break>{_BREAK.pattern})",
        re.IGNORECASE,
    )
    depth, closed = 1, -1
    for mark in marks.finditer(text, start.end(), following):
        if mark["key"] is not None:
            depth, closed = 1, -1
        elif closed >= 0:
            if mark["open"] or _BREAK.fullmatch(mark[0]):
                return closed
        elif mark["close"] is not None:
            depth -= 1
            closed = mark.start() if depth == 0 else -1
        elif mark["open"] is not None:
            depth += 1
    return closed if closed >= 0 else following


def _is_foreign(key: str, value: str) -> bool:
    """Return whether the `&key=` after `value` belongs to another URL that begins inside it."""
    run = re.split(r"[\s\"'<>]", value[-2000:])[-1]
    if "://" not in run:
        return False
    return (
        key == "dn"
        or not re.match(r"\s*[a-z]{2,5}://", value, re.IGNORECASE)
        or len(run) < len(value.strip())
    )


def _value_end(text: str, begin: int, key: str, value: int, end: int) -> int:
    """Return the end of the last value. On a line with only the link, a raw name extends to the end of the line."""
    stop = _first(_STOP, text, value, end)
    alone = begin == 0 and end == len(text)
    if alone and key == "dn" and not _BLANK.search(text, value, stop):
        return stop if _NO_NAME.search(text, stop, end) else end
    if alone and stop == end:
        return stop
    if key != "dn":
        return _first(_PLAIN_STOP, text, value, stop)
    cut = _first(_CJK_STOP, text, value, stop)
    return cut if text[value:cut].isascii() else stop


def _without_punctuation(text: str, begin: int, value: int, end: int) -> int:
    """Strip the punctuation of the text around the link. A link alone on its line keeps what may be part of its name."""
    if end == value or text[end - 1] not in ",;:!?'*]}>._~":
        return end
    marks = ",;'*]}>" if begin == 0 and end == len(text) else ",;:!?'*]}>._~"
    surplus = {mark: text.count(mark, value, end) - text.count(_OPENERS[mark], value, end) for mark in "]}>"}
    while end > value and (mark := text[end - 1]) in marks and surplus.get(mark, 1) > 0:
        end -= 1
        if mark in surplus:
            surplus[mark] -= 1
    return end


def _first(pattern: re.Pattern[str], text: str, begin: int, end: int) -> int:
    found = pattern.search(text, begin, end)
    return found.start() if found else end
