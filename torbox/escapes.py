"""Undo the escapes that shells, Markdown, JSON, and HTML add to a link."""

from __future__ import annotations

import html
import re

_UNICODE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_LINE_BREAK = re.compile(r"\\[nrt]")
_ESCAPED = re.compile(r"\\([^\w\s]|[_ ])")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def without_backslashes(text: str) -> str:
    r"""Return `text` with `\&`, `\_`, `\/` and `\u0026` undone. An escaped line break becomes a real one."""
    for _ in range(2):  # JSON inside JSON
        if "\\" not in text:
            break
        text = _LINE_BREAK.sub("\n", _UNICODE.sub(_from_json, text))
        text = _ESCAPED.sub(r"\1", text)
    return text


def without_entities(text: str) -> str:
    """Return `text` with complete HTML entities undone. `&copy=1` is a parameter, not an entity."""
    for _ in range(2):  # the source of a page, shown on another page
        if "&" not in text or ";" not in text:
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text


def _from_json(escapes: re.Match[str]) -> str:
    """Decode a run of escapes, because JSON writes a character beyond the first plane as two of them."""
    units = bytes.fromhex(escapes[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")
