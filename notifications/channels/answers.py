"""Read what a service answered: whether it took the message, when to try again, and its own words."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus

from torbox.sanitize import sentence

from ..models import Trouble
from ..models.channels import MAX_DETAIL
from .message import DELIVERED, Outcome

MAX_WAIT = 3600.0  # seconds that a service can make us wait
HIDDEN = "•••"
SHORTEST_SECRET = 4  # shorter ones stand in many words
RETRY = frozenset(
    {Trouble.RATE_LIMITED, Trouble.SERVICE_ERROR, Trouble.TIMEOUT, Trouble.UNREACHABLE, Trouble.TLS}
)
"""Troubles that may end by themselves."""

WORDS = (
    "errorDescription",
    "error_description",
    "description",
    "message",
    "error",
    "errors",
    "detail",
    "title",
)
"""The fields of a JSON answer that say what is wrong, the most telling first."""


@dataclass(frozen=True)
class Answer:
    """What a service answered. It doesn't hold what it was asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body if it is JSON, else None."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def outcome_of(found: Answer | Trouble, secrets: Iterable[str] = ()) -> Outcome:
    """Return what an answer, or its absence, means. `secrets` are never part of it."""
    if isinstance(found, Trouble):
        return Outcome(found, found in RETRY)
    trouble = _trouble(found.status)
    if trouble is None:
        return DELIVERED
    return with_words(found, trouble, secrets)


def with_words(answer: Answer, trouble: Trouble, secrets: Iterable[str] = ()) -> Outcome:
    """Return an outcome with the service's own words."""
    retry = trouble in RETRY
    wait = _retry_after(answer) if retry else None
    return Outcome(trouble, retry, wait, answer.status, words(answer, secrets))


def _trouble(status: int) -> Trouble | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Trouble.REDIRECT
    if status == 429:
        return Trouble.RATE_LIMITED
    if status in (404, 410):
        return Trouble.GONE
    if status in (408, 425) or status >= 500:
        return Trouble.SERVICE_ERROR
    return Trouble.REFUSED


def _retry_after(answer: Answer) -> float | None:
    """Return how many seconds the service asks to wait: by its header, or by the fields of Discord, Matrix, Telegram."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    found = _seconds(headers.get("retry-after", ""))
    if found is None and isinstance(body := answer.json(), dict):
        parameters = body.get("parameters")
        inner = parameters if isinstance(parameters, dict) else {}
        in_ms = body.get("retry_after_ms")
        found = _number(body.get("retry_after", inner.get("retry_after")))
        if found is None and (ms := _number(in_ms)) is not None:
            found = ms / 1000
    return None if found is None else min(max(found, 0.0), MAX_WAIT)


def _seconds(value: str) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or a date."""
    if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", value, re.ASCII):
        return float(value)
    try:
        return parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError, OSError):
        return None


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
        return float(value) if math.isfinite(value) else None
    return None


def words(answer: Answer, secrets: Iterable[str] = ()) -> str:
    """Return the service's own words as one line, without the secrets, or ""."""
    body = answer.json()
    if isinstance(body, dict | list):
        text = next(_texts(body), "")
    else:
        text = answer.body.decode("utf-8", "replace") if _is_plain(answer) else ""
    return without(secrets, text)


def _is_plain(answer: Answer) -> bool:
    kind = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
    return kind.split(";")[0].strip().lower() in ("text/plain", "application/json", "")


def _texts(body: Any, depth: int = 3) -> Iterator[str]:
    """Yield the sentences in a JSON answer."""
    if isinstance(body, str) and body.strip():
        yield body
    elif isinstance(body, list) and depth:
        for inner in body[:10]:
            yield from _texts(inner, depth - 1)
    elif isinstance(body, dict) and depth:
        for name in WORDS:
            if name in body:
                yield from _texts(body[name], depth - 1)


def without(secrets: Iterable[str], text: str) -> str:
    """Return one short line in which every spelling of the secrets is hidden."""
    for spelling in sorted(_spellings(secrets), key=len, reverse=True):
        text = re.sub(re.escape(spelling), HIDDEN, text, flags=re.IGNORECASE)
    return sentence(text, MAX_DETAIL)


def _spellings(secrets: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for secret in secrets:
        escaped = json.dumps(secret)[1:-1]
        found |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), escaped}
    return {one for one in found if len(one) >= SHORTEST_SECRET}
