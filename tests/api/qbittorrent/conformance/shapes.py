"""What programs rely on in an answer, and how two answers differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .calls import Answer

HASH = re.compile(r"[0-9a-f]{40}")
NAMED = ("categories", "torrents", "peers", "trackers")  # objects whose keys are names or hashes
WORDS = {"": "nothing", "Ok.": "Ok.", "Fails.": "Fails."}


class Difference(NamedTuple):
    """One difference of a call. `theirs` is qBittorrent's side."""

    call: str
    what: str
    theirs: str
    ours: str


def differences(call: str, theirs: Answer, ours: Answer) -> Iterator[Difference]:
    """Compare two answers: the statuses, then kinds of content, then fields and their types at every depth."""
    if theirs.status != ours.status:
        yield Difference(call, "status", _status(theirs), _status(ours))
        return
    if ours.status >= 400:  # no program reads the words of an error
        return
    their_kind, our_kind = _kind(theirs), _kind(ours)
    if their_kind != our_kind:
        yield Difference(call, "body", their_kind, our_kind)
    elif our_kind == "JSON":
        yield from _fields(call, "", shape(theirs.body), shape(ours.body))


def shape(value: Any, name: str = "") -> Any:
    """Return a value with types in place of what it says.

    A list has one shape for all that is in it, and so has an object whose keys aren't fields.
    """
    match value:
        case dict() if name in NAMED or (value and all(map(HASH.fullmatch, value))):
            return [_merged([shape(one) for one in value.values()])]
        case dict():
            return {key: shape(one, key) for key, one in value.items()}
        case list():
            return [_merged([shape(one) for one in value])]
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case None:
            return "null"
    return "text"


def _merged(shapes: list[Any]) -> Any:
    if shapes and all(isinstance(one, dict) for one in shapes):
        return {key: value for one in shapes for key, value in one.items()}
    return shapes[0] if shapes else "nothing"


def _fields(call: str, where: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(theirs.keys() & ours.keys()):
            yield from _fields(call, f"{where}.{key}".lstrip("."), theirs[key], ours[key])
        missing, more = sorted(theirs.keys() - ours.keys()), sorted(ours.keys() - theirs.keys())
        if missing:
            yield Difference(call, f"fields {where}".strip(), ", ".join(missing), "—")
        if more:
            yield Difference(call, f"fields {where}".strip(), "—", ", ".join(more))
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _fields(call, f"{where}[]", theirs[0], ours[0])
    elif theirs != ours:
        yield Difference(call, f"type of {where}".strip(), _words(theirs), _words(ours))


def _words(shape: Any) -> str:
    if isinstance(shape, str):
        return shape
    return "list" if isinstance(shape, list) else "object"


def _status(answer: Answer) -> str:
    return str(answer.status or "not asked")


def _kind(answer: Answer) -> str:
    if not isinstance(answer.body, str):
        return "JSON"
    return WORDS.get(answer.body, answer.media_type)
