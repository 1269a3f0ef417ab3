"""Rolling windows of calls. Rejected calls count too, so retrying in a loop never succeeds."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from simulator.errors import Limited
from simulator.options import Options

HOUR, MINUTE = 3600.0, 60.0
NAMES = {HOUR: "hour", MINUTE: "minute"}


@dataclass(frozen=True)
class Rule:
    scope: str
    limit: int
    window: float

    @property
    def sentence(self) -> str:
        return f"{self.limit} per 1 {NAMES[self.window]}"


class Limits:
    def __init__(self, options: Options) -> None:
        self.options = options
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def clear(self) -> None:
        self._calls.clear()

    def endpoint(self, key: str, name: str, now: float) -> None:
        """Count a call. Raises Limited if `key` has no calls left for this endpoint."""
        self._spend(key, [Rule(name, int(self.options.calls_per_minute), MINUTE)], now)

    def create(self, key: str, cached: bool, now: float) -> dict[str, str]:
        """Count a create and return the headers with the remaining number."""
        rules = [Rule("create_cached", int(self.options.calls_per_minute), MINUTE)]
        if not cached or self.options.cached_counts:
            rules = [Rule("create_hour", int(self.options.create_per_hour), HOUR)]
            if self.options.create_per_minute:
                rules.append(Rule("create_minute", int(self.options.create_per_minute), MINUTE))
        self._spend(key, rules, now)
        return self._headers(key, rules[0], now, "float")

    def _spend(self, key: str, rules: list[Rule], now: float) -> None:
        broken = [rule for rule in rules if len(self._recent(key, rule, now)) >= rule.limit]
        for rule in rules:
            self._calls[key, rule.scope].append(now)
        if broken:
            raise Limited(broken[0].sentence, self._refusal_headers(key, broken[0], now))

    def _recent(self, key: str, rule: Rule, now: float) -> deque[float]:
        calls = self._calls[key, rule.scope]
        while calls and calls[0] <= now - rule.window:
            calls.popleft()
        return calls

    def _refusal_headers(self, key: str, rule: Rule, now: float) -> dict[str, str]:
        if rule.window == HOUR and not self.options.hourly_headers:
            return {}
        wait = str(int(self._wait(key, rule, now)) + 1)
        return {"retry-after": wait, **self._headers(key, rule, now, "delta")}

    def _wait(self, key: str, rule: Rule, now: float) -> float:
        """Return the seconds until another call is allowed."""
        calls = self._recent(key, rule, now)
        if len(calls) < rule.limit or not calls:
            return rule.window
        return calls[len(calls) - max(rule.limit, 1)] + rule.window - now

    def _headers(self, key: str, rule: Rule, now: float, style: str) -> dict[str, str]:
        if self.options.reset_style != "mixed":
            style = self.options.reset_style
        wait = self._wait(key, rule, now)
        left = max(0, rule.limit - len(self._recent(key, rule, now)))
        reset = {"delta": str(int(wait) + 1), "unix": str(int(now + wait) + 1), "float": f"{now + wait:.6f}"}
        return {
            "x-ratelimit-limit": str(rule.limit),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": reset[style],
        }
