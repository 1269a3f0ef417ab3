"""What the simulator answers when it refuses."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A business refusal: machine code, human sentence, and sometimes a small object of limits."""

    def __init__(self, code: str, detail: str, data: Any = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.data = code, detail, data


class Limited(Exception):
    """Too many calls: HTTP 429 with a bare `detail`."""

    def __init__(self, detail: str, headers: dict[str, str]) -> None:
        super().__init__(detail)
        self.detail, self.headers = detail, headers


class Invalid(Exception):
    """FastAPI's 422: a list of problems and no envelope."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(problems)} invalid values")
        self.problems = problems


class Unsupported(Exception):
    """A control call that makes no sense; answered with 400 under /_sim/."""
