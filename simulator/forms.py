"""Parsing of urlencoded and multipart form bodies: text as str, uploads as bytes."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from simulator.errors import Invalid, Unreadable
from simulator.params import Fields
from simulator.wire import Request


def form(request: Request) -> Fields:
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("application/x-www-form-urlencoded"):
        text = request.body.decode("utf-8", "replace")
        return Fields("body", dict(parse_qsl(text, keep_blank_values=True)))
    if kind.startswith("multipart/form-data"):
        return Fields("body", _multipart(request))
    if request.body.strip():
        _refuse(request)
    return Fields("body", {})


def _refuse(request: Request) -> None:
    """Raise the error for a JSON body where a form is expected. The SDK sends one when it retries."""
    given = request.body[:200].decode("utf-8", "replace")
    problem = {"type": "form_expected", "loc": ["body"], "msg": "Input should be a form", "input": given}
    raise Invalid([problem])


def _multipart(request: Request) -> dict[str, str | bytes]:
    found = re.search(r'boundary="?([^";,]+)"?', request.headers["content-type"])
    if found is None:
        raise Unreadable("Missing boundary in multipart.")
    mark = b"\r\n--" + found.group(1).encode()
    parts = (b"\r\n" + request.body).split(mark)[1:]
    return dict(_part(part) for part in parts if not part.startswith(b"--"))


def _part(part: bytes) -> tuple[str, str | bytes]:
    head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode("utf-8", "replace")
    name = re.search(r'[; ]name="([^"]*)"', text)
    is_file = re.search(r"filename\*?=", text) is not None
    return (name.group(1) if name else ""), data if is_file else data.decode("utf-8", "replace")


def upload(fields: Fields, name: str) -> bytes | None:
    """Return an uploaded file. An empty one counts as none."""
    value = fields.values.get(name)
    return value if isinstance(value, bytes) and value else None
