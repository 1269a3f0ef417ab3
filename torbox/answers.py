"""Turn an HTTP response into TorBox's data, or into an error.

The envelope's `success` decides. The HTTP status is only a hint, because TorBox sends refusals with 200, 400, and 500
alike (docs/torbox-api.md#envelope).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torbox.error_mapping import ApiProblem, failure
from torbox.errors import DETAIL_LIMIT, ErrorData
from torbox.sanitize import sentence

Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP response: `headers` case-insensitive, `body` decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A successful response: TorBox's message and its data, which may be None."""

    detail: str
    data: Any


def unwrap(answer: Answer, hide: Hide) -> Envelope:
    """Return the envelope of a success. `hide` removes the API key from text. Raises any TorBoxError."""
    payload = _json(answer.body)
    if isinstance(payload, dict) and _succeeded(payload):
        return Envelope(_sentence(payload.get("detail"), hide), payload.get("data"))
    raise failure(_problem(answer, payload, hide))


def unwrap_bytes(answer: Answer, hide: Hide) -> bytes:
    """Return the body of a response that is a file. Raises any TorBoxError, also for an envelope in its place."""
    if 200 <= answer.status < 300 and answer.body.startswith(b"d"):
        return answer.body
    raise failure(_problem(answer, _json(answer.body), hide))


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # not JSON, not text, or nested too deeply
        return None


def _succeeded(payload: dict[str, Any]) -> bool:
    success = payload.get("success")
    return success is True or success == 1 or (isinstance(success, str) and success.lower() == "true")


def _failed(payload: dict[str, Any]) -> bool:
    """Return whether TorBox refused. If it neither agreed nor refused, the request may have taken effect."""
    success = payload.get("success")
    return success is False or success == 0 or (isinstance(success, str) and success.lower() == "false")


def _problem(answer: Answer, payload: object, hide: Hide) -> ApiProblem:
    fields = payload if isinstance(payload, dict) else {}
    html = _is_html(answer)
    detail = fields["detail"] if "detail" in fields else _body_text(answer, payload, html)
    return ApiProblem(
        status=answer.status,
        headers=answer.headers,
        code=_code(fields.get("error"), hide),
        detail=_sentence(detail, hide),
        data=_safe_data(fields.get("data"), hide),
        enveloped=_failed(fields),
        html=html,
    )


def _code(error: object, hide: Hide) -> str | None:
    """Return a machine code in capitals, or None for null, false, and ""."""
    return (_clean(error, hide, 100).upper() or None) if isinstance(error, str) else None


def _is_html(answer: Answer) -> bool:
    start = answer.body[:200].lstrip().lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<center"))


def _body_text(answer: Answer, payload: object, html: bool) -> str:
    """Return the text of a plain-text error, and "" for HTML and for JSON without a message."""
    if html or payload is not None or answer.status < 400:
        return ""
    return answer.body[: DETAIL_LIMIT * 4].decode("utf-8", "replace")


def _sentence(detail: object, hide: Hide) -> str:
    """Return TorBox's message, or the first messages of a validation response (docs/torbox-api.md#statuses)."""
    if isinstance(detail, str):
        return _clean(detail, hide)
    if isinstance(detail, list):
        return _clean("; ".join(filter(None, (_complaint(item, hide) for item in detail[:5]))), hide)
    return ""


def _complaint(item: object, hide: Hide) -> str:
    if not isinstance(item, dict):
        return ""
    where, message = item.get("loc"), item.get("msg")
    if not isinstance(message, str):
        return ""
    place = where[-1] if isinstance(where, list) and where else None
    named = f"{_clean(place, hide, 100)}: " if isinstance(place, str) else ""
    return named + _clean(message, hide, 200)


def _safe_data(data: object, hide: Hide) -> ErrorData:
    """Return the useful part of a failure's data: a short text, or the scalars of a flat object."""
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
    # The key is hidden before the cut, which could leave a part of it, and again after the removal of control and
    # direction characters, which could have been inside it.
    return hide(sentence(hide(text), limit))
