"""Planned faults: calls that fail next, and calls that fail now and then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import Any

from simulator import wire
from simulator.errors import Unsupported
from simulator.wire import Response

HUGE = 100 * 1024 * 1024
GATEWAY = "<html><body><h1>502 Bad Gateway</h1></body></html>"
TRUNCATED = '{"success": true, "error": null, "detail": "Torrent li'


def _envelope(code: str, detail: str) -> dict[str, Any]:
    return {"success": False, "error": code, "detail": detail, "data": None}


@dataclass
class Fault:
    """A planned fault. With `after` the call takes effect, but this replaces its response."""

    kind: str = "status"
    endpoint: str = "*"
    key: str = "*"
    times: int = 1
    status: int = 500
    body: Any = None
    """Text is sent as it is, anything else as JSON."""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Real seconds."""
    after: bool = False
    size: int = HUGE

    def matches(self, endpoint: str, key: str) -> bool:
        return self.times > 0 and self.endpoint in ("*", endpoint) and self.key in ("*", key)

    def apply(self, answer: Response | None) -> Response:
        """Return the faulty response. `answer` is the correct one, or None if the call had no effect."""
        response = self._response(answer)
        response.delay = max(response.delay, self.delay)
        return response

    def _response(self, answer: Response | None) -> Response:
        if self.kind in ("drop", "refuse"):
            return Response(damage=self.kind)
        if self.kind in ("truncate", "drip", "delay") and answer is not None:
            return replace(answer, damage="" if self.kind == "delay" else self.kind)
        if self.kind == "truncate":
            return Response(200, (TRUNCATED * 2).encode(), {"content-type": wire.JSON}, damage="truncate")
        if self.kind == "huge":
            return _huge(self.size)
        return self._written()

    def _written(self) -> Response:
        body = self.body
        if body is None and self.kind == "status":
            body = _envelope(
                "DATABASE_ERROR" if self.status >= 500 else "UNKNOWN_ERROR", "Please try again later."
            )
        text = body if isinstance(body, str) else json.dumps(body)
        kind = wire.HTML if text.lstrip().startswith("<") else wire.JSON
        return Response(self.status, text.encode(), {"content-type": kind} | self.headers)

    @property
    def carries_out(self) -> bool:
        return self.after or self.kind in ("delay", "drip")


def _huge(size: int) -> Response:
    pieces = (b" " * 65536 for _ in range(size // 65536))
    return Response(200, b"", {"content-type": wire.JSON}, pieces, size // 65536 * 65536)


PRESETS: dict[str, dict[str, Any]] = {
    "timeout": {"kind": "drop", "delay": 3.0},
    "html502": {"kind": "status", "status": 502, "body": GATEWAY},
    "500": {"kind": "status", "status": 500, "body": "Internal Server Error"},
    "500_envelope": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503, "body": GATEWAY.replace("502 Bad Gateway", "503 Unavailable")},
    "429": {"kind": "status", "status": 429, "body": {"detail": "60 per 1 hour"}},
    "429_headers": {
        "kind": "status",
        "status": 429,
        "body": {"detail": "10 per 1 minute"},
        "headers": {"retry-after": "37", "x-ratelimit-limit": "10", "x-ratelimit-remaining": "0"},
    },
    "403_key": {"kind": "status", "status": 403, "body": _envelope("BAD_TOKEN", "Token is invalid.")},
    "403_plan": {
        "kind": "status",
        "status": 403,
        "body": _envelope("PLAN_RESTRICTED_FEATURE", "Plan does not include this feature."),
    },
    "401": {"kind": "status", "status": 401, "body": {"detail": "Not authenticated"}},
    "auth_error": {
        "kind": "status",
        "status": 403,
        "body": _envelope("AUTH_ERROR", "Could not verify the key."),
    },
    "422": {
        "kind": "status",
        "status": 422,
        "body": {
            "detail": [{"type": "missing", "loc": ["query", "id"], "msg": "Field required", "input": None}]
        },
    },
    "wrong_types": {
        "kind": "body",
        "status": 200,
        "body": {"success": "maybe", "error": 7, "detail": ["?"], "data": [{"id": "x", "hash": 5}, 3]},
    },
    "not_json": {"kind": "body", "status": 200, "body": "certainly not JSON"},
    "empty": {"kind": "body", "status": 200, "body": ""},
}
KINDS = {"status", "body", "delay", "drop", "refuse", "truncate", "drip", "huge"}
CHAOS = (
    "refuse", "drop", "truncate", "html502", "500", "500_envelope", "429", "429_headers", "422",
    "wrong_types", "not_json", "empty",
)  # fmt: skip
NAMES = {item.name for item in fields(Fault)}


def fault(values: dict[str, Any]) -> Fault:
    """Make a fault. Raises Unsupported for an unknown kind or field. The name of a preset also works as a kind."""
    kind = str(values.get("kind", "status"))
    merged = {
        **PRESETS.get(kind, {"kind": kind}),
        **{name: item for name, item in values.items() if name != "kind"},
    }
    if merged["kind"] not in KINDS or not set(merged) <= NAMES:
        raise Unsupported(f"no such fault: {values!r}; kinds are {sorted(KINDS | set(PRESETS))}")
    if merged["kind"] == "body":
        merged.setdefault("status", 200)
    return Fault(**merged)


@dataclass
class Every:
    """A plan by which every nth call fails in a random way of `kinds`."""

    nth: int
    kinds: list[Any]
    after: bool | str
    random: Random
    count: int = 0

    def draw(self) -> Fault | None:
        self.count += 1
        if self.count % self.nth:
            return None
        chosen = self.random.choice(self.kinds)
        values = {"kind": chosen} if isinstance(chosen, str) else dict(chosen)
        late = self.random.random() < 0.5 if self.after == "random" else bool(self.after)
        return fault({"after": late} | values)


class Faults:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.planned: list[Fault] = []
        self.every: dict[str, Every] = {}
        self.done = 0

    def plan(self, values: dict[str, Any]) -> Fault:
        planned = fault(values)
        self.planned.append(planned)
        return planned

    def plan_every(
        self,
        nth: int,
        kinds: list[Any] | None = None,
        endpoint: str = "*",
        seed: int = 0,
        after: bool | str = "random",
    ) -> None:
        """Plan faults for one endpoint, in addition to the plan for all others. 0 ends it, or with "*" all plans."""
        chosen = list(kinds or CHAOS)
        for kind in chosen:
            fault({"kind": kind} if isinstance(kind, str) else kind)
        self.every = {name: plan for name, plan in self.every.items() if endpoint not in ("*", name) or nth}
        if nth:
            self.every[endpoint] = Every(nth, chosen, after, Random(seed))

    def pick(self, endpoint: str, key: str) -> Fault | None:
        for planned in self.planned:
            if planned.matches(endpoint, key):
                planned.times -= 1
                self.planned = [left for left in self.planned if left.times > 0]
                self.done += 1
                return planned
        plan = self.every.get(endpoint) or self.every.get("*")
        drawn = plan.draw() if plan else None
        self.done += drawn is not None
        return drawn
