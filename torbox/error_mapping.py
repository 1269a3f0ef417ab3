"""Map unsuccessful responses to errors, as in the table of docs/torbox-api.md#error-codes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from torbox import fields
from torbox.errors import (
    AuthError,
    Duplicate,
    ErrorData,
    LimitReached,
    Malformed,
    NotFound,
    RateLimited,
    Refused,
    TorBoxError,
    Unavailable,
)

AUTH_CODES = frozenset({"BAD_TOKEN", "NO_AUTH", "OAUTH_VERIFICATION_ERROR"})
RATE_CODES = frozenset({"RATE_LIMIT", "TOO_MANY_REQUESTS", "RATE_LIMITED"})
LIMIT_CODES = frozenset({"ACTIVE_LIMIT", "MONTHLY_LIMIT", "COOLDOWN_LIMIT"})

# Refusals that also come with status 403 or 404, where they must not be taken for a bad key or a missing item.
REFUSAL_CODES = frozenset(
    """
    PLAN_RESTRICTED_FEATURE PLAN_RESTRICTION INVALID_OPTION MISSING_REQUIRED_OPTION TOO_MANY_OPTIONS
    TOO_MUCH_DATA ENDPOINT_NOT_FOUND DEPRECATED DIFF_ISSUE DOWNLOAD_TOO_LARGE FILE_TOO_LARGE SLOTS_FULL
    BOZO_TORRENT BOZO_NZB BOZO_FILE BOZO_RSS_FEED BOZO_REGEX LINK_OFFLINE INVALID_LINK UNSUPPORTED_SITE
    TEMPORARILY_DISABLED INVALID_DEVICE DEVICE_ALREADY_AUTHED NOT_OWNER PERMISSION_DENIED
    BAD_CONFIRMATION CONFIRMATION_EXPIRED VENDOR_DISABLED BANNED_USER BREACH_OF_TOS
    BANNED_CONTENT_DETECTED SEEDING_LIMIT COULD_NOT_PERFORM_ACTION
    """.split()  # noqa: SIM905 - a block of words is easier to read than 33 quoted lines
)

MAX_WAIT = 24 * 3600.0  # seconds; the longest window that TorBox is known to use is an hour
_UNIX_TIME = 1e9  # a larger "reset" is a Unix time, a smaller one a number of seconds

Kind = TypeVar("Kind", bound=TorBoxError)


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """The parts of an unsuccessful response. `enveloped`: TorBox itself sent `success: false`."""

    status: int
    headers: Mapping[str, str]
    code: str | None
    detail: str
    data: ErrorData
    enveloped: bool
    html: bool

    def says(self, *words: str) -> bool:
        return all(word in self.detail.lower() for word in words)

    def values(self) -> dict[str, object]:
        return self.data if isinstance(self.data, dict) else {}


def failure(problem: ApiProblem) -> TorBoxError:
    """Return the error for `problem`, for the caller to raise."""
    if problem.html and problem.status >= 300:
        return _gateway(problem)
    if problem.status == 429 or problem.code in RATE_CODES:
        return rate_limited(problem)
    return _by_code(problem) or _by_text(problem) or _by_status(problem)


def rate_limited(problem: ApiProblem) -> RateLimited:
    error = _make(RateLimited, problem)
    error.retry_after = retry_after(problem.headers, datetime.now(UTC))
    return error


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait from `now`, at most a day, or None if no header tells.

    `retry-after` is a number of seconds or an HTTP date. `x-ratelimit-reset` is a number of seconds or a Unix time.
    Both numbers may have a fraction (docs/torbox-api.md#limits).
    """
    wait = _seconds(headers.get("retry-after"), now)
    if wait is None:
        wait = _seconds(headers.get("x-ratelimit-reset"), now)
    return None if wait is None else max(0.0, min(wait, MAX_WAIT))


def _seconds(value: str | None, now: datetime) -> float | None:
    if not value or len(value) > 100:
        return None
    try:
        number = float(value)
    except ValueError:
        return _until_date(value, now)
    if not math.isfinite(number):
        return None
    return number - now.timestamp() if number > _UNIX_TIME else number


def _until_date(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError, IndexError):
        return None


def _by_code(problem: ApiProblem) -> TorBoxError | None:
    code = problem.code
    if code in AUTH_CODES:
        return _make(AuthError, problem)
    if code == "ITEM_NOT_FOUND":
        return _make(NotFound, problem)
    if code == "DUPLICATE_ITEM":
        return _make(Duplicate, problem)
    if code in LIMIT_CODES:
        return _limit_reached(problem, str(code))
    if code and code.endswith("ERROR"):
        return _make(Unavailable, problem)
    return None


def _by_text(problem: ApiProblem) -> TorBoxError | None:
    """Return an error that only the message or the data reveals (docs/torbox-api.md#duplicates)."""
    if not problem.enveloped:
        return None
    if problem.says("already queued") or problem.says("queued successfully"):
        return _make(Duplicate, problem)
    if problem.says("maximum queued") and problem.code in (None, "DIFF_ISSUE"):
        return _limit_reached(problem, "QUEUE_FULL")
    code = None if problem.code else _unnamed_limit(problem)
    return _limit_reached(problem, code) if code else None


def _unnamed_limit(problem: ApiProblem) -> str | None:
    values = problem.values()
    if "cooldown_until" in values:
        return "COOLDOWN_LIMIT"
    if "monthly_limit" in values:
        return "MONTHLY_LIMIT"
    if "active_limit" in values or problem.says("active", "limit"):
        return "ACTIVE_LIMIT"
    return None


def _by_status(problem: ApiProblem) -> TorBoxError:
    status = problem.status
    if problem.code in REFUSAL_CODES:
        return _make(Refused, problem)
    if status in (401, 403):
        return _make(AuthError, problem)
    if status == 404 and problem.enveloped:
        return _make(NotFound, problem)
    if problem.enveloped and (problem.code or status < 500):
        return _make(Refused, problem)
    if status < 400:
        return _not_an_envelope(problem)
    if status >= 500 or status == 408:
        return _without_their_words(problem)
    if problem.enveloped or status in (422, 451):
        return _make(Refused, problem)
    # The answer comes from a proxy, and TorBox didn't see the request.
    return _make(Unavailable, problem)


def _without_their_words(problem: ApiProblem) -> Unavailable:
    """Leave out the text of a 500 that a proxy wrote, because it is not TorBox's message."""
    told = problem if problem.enveloped else replace(problem, detail="")
    return _make(Unavailable, told, maybe_done=not problem.enveloped)


def _not_an_envelope(problem: ApiProblem) -> Malformed:
    error = Malformed.at("success", "is missing")
    if problem.status >= 300:
        error = Malformed.at("location", "is a redirect, which is never followed")
    error.status = problem.status
    return error


def _gateway(problem: ApiProblem) -> TorBoxError:
    """Return the error for an HTML page, which tells nothing about the key or the item."""
    if problem.status < 400:
        return _not_an_envelope(problem)
    if problem.status == 429:
        return rate_limited(problem)
    return _make(Unavailable, problem, maybe_done=problem.status >= 500)


def _limit_reached(problem: ApiProblem, code: str) -> LimitReached:
    error = _make(LimitReached, problem)
    error.code = code
    error.limit = _count(problem, "active_limit", "monthly_limit") or _limit_in_text(problem.detail)
    error.current = _count(problem, "current_active_downloads", "current_downloads")
    error.until = _until(problem)
    return error


def _count(problem: ApiProblem, *keys: str) -> int | None:
    for key in keys:
        value = problem.values().get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9:
            return int(value)
    return None


def _limit_in_text(detail: str) -> int | None:
    found = re.search(r"limit of (\d{1,6})\b", detail, re.IGNORECASE | re.ASCII)
    return int(found[1]) if found else None


def _until(problem: ApiProblem) -> datetime | None:
    try:
        return fields.timestamp(problem.values().get("cooldown_until"), "cooldown_until")
    except Malformed:  # the refusal is clear, but its end is not
        return None


def _make(kind: type[Kind], problem: ApiProblem, maybe_done: bool | None = None) -> Kind:
    return kind(
        problem.detail,
        code=problem.code,
        status=problem.status,
        data=problem.data,
        maybe_done=maybe_done,
    )
