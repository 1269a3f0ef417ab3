"""From an HTTP answer to TorBox's data, or to the error it stands for.

The envelope's `success` decides; the HTTP status is a hint, since TorBox reports refusals under
200, 400 and 500 alike (docs/torbox-api.md#envelope).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torbox.cleaning import plain_text
from torbox.errors import DETAIL_LIMIT, ErrorData
from torbox.failures import Problem, failure

Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete HTTP answer: `headers` case-insensitive, `body` decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A successful answer: TorBox's sentence and its data, which may be None."""

    detail: str
    data: Any


def unwrap(answer: Answer, hide: Hide) -> Envelope:
    """The envelope of a success. `hide` removes the API key from text. Raises any TorBoxError."""
    payload = _json(answer.body)
    if isinstance(payload, dict) and _succeeded(payload):
        return Envelope(_sentence(payload.get("detail"), hide), payload.get("data"))
    raise failure(_problem(answer, payload, hide))


def unwrap_bytes(answer: Answer, hide: Hide) -> bytes:
    """The body of a file answer; an envelope in its place is a failure. Raises any TorBoxError."""
    if 200 <= answer.status < 300 and answer.body.startswith(b"d"):
        return answer.body
    raise failure(_problem(answer, _json(answer.body), hide))


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # not JSON, not text at all, or nested to hurt
        return None


def _succeeded(payload: dict[str, Any]) -> bool:
    success = payload.get("success")
    return success is True or success == 1 or (isinstance(success, str) and success.lower() == "true")


def _failed(payload: dict[str, Any]) -> bool:
    """Whether it says no. Neither yes nor no is no verdict, and the request may have taken effect."""
    success = payload.get("success")
    return success is False or success == 0 or (isinstance(success, str) and success.lower() == "false")


def _problem(answer: Answer, payload: object, hide: Hide) -> Problem:
    fields = payload if isinstance(payload, dict) else {}
    html = _is_html(answer)
    detail = fields["detail"] if "detail" in fields else _body_text(answer, payload, html)
    return Problem(
        status=answer.status,
        headers=answer.headers,
        code=_code(fields.get("error"), hide),
        detail=_sentence(detail, hide),
        data=_safe_data(fields.get("data"), hide),
        enveloped=_failed(fields),
        html=html,
    )


def _code(error: object, hide: Hide) -> str | None:
    """A machine code in capitals; null, false and "" are none."""
    return (_clean(error, hide, 100).upper() or None) if isinstance(error, str) else None


def _is_html(answer: Answer) -> bool:
    start = answer.body[:200].lstrip().lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<center"))


def _body_text(answer: Answer, payload: object, html: bool) -> str:
    """A plain-text error's own words; nothing of pages and of JSON without a sentence."""
    if html or payload is not None or answer.status < 400:
        return ""
    return answer.body[: DETAIL_LIMIT * 4].decode("utf-8", "replace")


def _sentence(detail: object, hide: Hide) -> str:
    """TorBox's text, or the first messages of a validation answer (docs/torbox-api.md#statuses)."""
    if isinstance(detail, str):
        return _clean(detail, hide)
    if isinstance(detail, list):
        return _clean("; ".join(_complaint(item, hide) for item in detail[:5]), hide)
    return ""


def _complaint(item: object, hide: Hide) -> str:
    if not isinstance(item, dict):
        return ""
    where, message = item.get("loc"), item.get("msg")
    place = where[-1] if isinstance(where, list) and where else None
    named = _clean(place, hide, 100) if isinstance(place, str) else "request"
    return f"{named}: {_clean(message, hide, 200) if isinstance(message, str) else 'not valid'}"


def _safe_data(data: object, hide: Hide) -> ErrorData:
    """What is worth keeping of a failure's data: a short text, or the scalars of a flat object."""
    if isinstance(data, str):
        return _clean(data, hide)
    if isinstance(data, dict):
        return {_clean(key, hide, 100): _scalar(value, hide) for key, value in list(data.items())[:50]}
    return None


def _scalar(value: object, hide: Hide) -> object:
    if isinstance(value, str):
        return _clean(value, hide)
    return value if isinstance(value, (bool, int, float)) else None


def _clean(text: str, hide: Hide, limit: int = DETAIL_LIMIT) -> str:
    # Hidden before the cut, which could leave a part of the key, and again after control
    # characters are gone, which could have stood inside it.
    return hide(plain_text(hide(text), limit))
