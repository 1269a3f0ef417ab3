"""Requests and responses as values, the envelope, and its exceptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from simulator.errors import Invalid, Limited, Rejection
from simulator.options import Options

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""
    client: str = "127.0.0.1"
    path: str = field(init=False)
    query: list[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.path, _, text = self.target.partition("?")
        self.query = parse_qsl(text, keep_blank_values=True)

    def param(self, name: str) -> str | None:
        """Return the last value, as FastAPI does."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def params(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    @property
    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    @property
    def origin(self) -> str:
        return "http://" + self.headers.get("host", "127.0.0.1")


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None
    length: int | None = None
    """Announced length of a stream."""
    delay: float = 0.0
    """Real seconds before the response."""
    damage: str = ""
    """What happens in transit: drop, refuse, truncate, or drip."""
    cut_at: int = 0
    """Bytes of the body after which the connection breaks. 0 for never."""

    def content_length(self) -> int:
        return len(self.body) if self.length is None else self.length


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"content-type": JSON, **(headers or {})})


def html(status: int, text: str) -> Response:
    return Response(status, f"<html><body>{text}</body></html>".encode(), {"content-type": HTML})


def success(options: Options, detail: str, data: Any, headers: dict[str, str] | None = None) -> Response:
    error = False if options.error_on_success == "false" else None
    envelope = {"success": True, "error": error, "detail": detail, "data": data}
    return json_response(envelope, headers=headers)


def success_raw(options: Options, detail: str, data: str) -> Response:
    """Return a success whose data is already JSON text."""
    error = "false" if options.error_on_success == "false" else "null"
    body = f'{{"success":true,"error":{error},"detail":{json.dumps(detail)},"data":{data}}}'
    return Response(200, body.encode(), {"content-type": JSON})


def failure(status: int, code: str | None, detail: str, data: Any = None) -> Response:
    return json_response({"success": False, "error": code, "detail": detail, "data": data}, status)


FORBIDDEN = {"BAD_TOKEN", "NO_AUTH", "PLAN_RESTRICTED_FEATURE"}
MISSING = {"ITEM_NOT_FOUND", "ENDPOINT_NOT_FOUND"}


def refusal(options: Options, error: Rejection) -> Response:
    if error.code == "ACTIVE_LIMIT":
        return _active_limit(options.active_limit_style, error)
    return failure(_status(options, error.code), error.code, error.detail, error.data)


def _status(options: Options, code: str) -> int:
    if code in FORBIDDEN:
        return 403
    if code in MISSING:
        return 404
    if code == "DEPRECATED":
        return 410
    if code.endswith("_ERROR") and code != "NO_SERVERS_AVAILABLE_ERROR":
        return 500
    return int(options.business_status)


def _active_limit(style: str, error: Rejection) -> Response:
    if style == "200_null":
        limit = error.data["active_limit"]
        return failure(200, None, f"Active torrent download limit of {limit} reached.", error.data)
    return failure(int(style), error.code, error.detail, error.data)


def limited(error: Limited) -> Response:
    return json_response({"detail": error.detail}, 429, error.headers)


def invalid(error: Invalid) -> Response:
    return json_response({"detail": error.problems}, 422)
