"""The errors the simulator responds with."""

from __future__ import annotations

from typing import Any


class Rejection(Exception):
    """A rejected call: an error code, a sentence, and sometimes an object with limits."""

    def __init__(self, code: str, detail: str, data: Any = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.data = code, detail, data


class Limited(Exception):
    """Too many calls: HTTP 429 with a bare `detail`."""

    def __init__(self, detail: str, headers: dict[str, str]) -> None:
        super().__init__(detail)
        self.detail, self.headers = detail, headers


class Invalid(Exception):
    """FastAPI's 422: a list of problems without an envelope."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(problems)} invalid values")
        self.problems = problems


class Unreadable(Exception):
    """A body that FastAPI can't parse: 400 with a bare `detail`."""


class Unsupported(Exception):
    """An invalid control call: 400 under /_sim/."""
