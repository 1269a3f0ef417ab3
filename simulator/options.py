"""Every switch: name, default, allowed values, meaning.

The open questions of docs/torbox-api.md#open-questions are here with their documented default,
next to the quirks a client has to survive and the lengths of time that shape a torrent's life.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.errors import Unsupported

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Option:
    name: str
    default: Any
    allowed: tuple[Any, ...]
    meaning: str

    def parse(self, value: Any) -> Any:
        """Accepts the value itself or the text of it from a command line."""
        parsed = self._from_text(value) if isinstance(value, str) else value
        if self.allowed and parsed not in self.allowed:
            raise Unsupported(f"{self.name} must be one of {self.allowed}, not {value!r}")
        if not self.allowed and not self._fits(parsed):
            raise Unsupported(f"{self.name} does not take {value!r}")
        return parsed

    def _fits(self, value: Any) -> bool:
        if self.default is None:
            return value is None or isinstance(value, int | float)
        if isinstance(self.default, str):
            return isinstance(value, str)
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0

    def _from_text(self, value: str) -> Any:
        for known in self.allowed:
            if not isinstance(known, bool) and str(known) == value:
                return known
        if True in self.allowed and value.lower() in TRUE | FALSE:
            return value.lower() in TRUE
        return value if isinstance(self.default, str) else _number(value)


def _number(text: str) -> int | float | str | None:
    if text.lower() in ("none", "null"):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


BOTH = (False, True)
NUMBER: tuple[Any, ...] = ()

OPEN_QUESTIONS = (
    Option("error_on_success", "null", ("null", "false"), "1: what `error` holds when a call succeeds"),
    Option("missing_id", "404", ("404", "null", "empty_list"), "2: mylist with an id nobody has"),
    Option("cache_miss", "null", ("null", "object", "list"), "3: checkcached when nothing is cached"),
    Option("redirect_status", 307, (307, 302), "4: status of requestdl with redirect"),
    Option("link_seconds", 3600, NUMBER, "4: how long a download link can be started (3600 or 10800)"),
    Option("no_slot", "queue", ("queue", "active_limit"), "5: a create without a free slot"),
    Option("active_limit_style", "400", ("200", "400", "500", "200_null"), "5: how ACTIVE_LIMIT is told"),
    Option("business_status", 400, (200, 400, 500), "5: HTTP status of the other business refusals"),
    Option("duplicate", "same_id", ("same_id", "error", "by_state"), "6: adding what is there already"),
    Option("missing_token", "403", ("403", "401"), "7: no credential at all"),
    Option("create_per_minute", 10, NUMBER, "8: edge limit on uncached creates, 0 for none"),
    Option("cached_counts", False, BOTH, "8: cached creates cost the uncached budget too"),
    Option("info_timeout", 30, NUMBER, "9: default seconds of GET torrentinfo (POST is always 10)"),
    Option(
        "info_timeout_error",
        "ITEM_NOT_FOUND",
        ("ITEM_NOT_FOUND", "DOWNLOAD_SERVER_ERROR", "UNKNOWN_ERROR"),
        "9: code when torrentinfo finds nobody in time",
    ),
    Option("checkcached_auth", True, BOTH, "9: checkcached needs a key"),
    Option("extra_operations", True, BOTH, "10: pause, stop_seeding and recheck are accepted"),
    Option(
        "export_refusal",
        "INVALID_OPTION",
        ("INVALID_OPTION", "ITEM_NOT_FOUND"),
        "11: code when exportdata cannot export",
    ),
    Option(
        "export_type",
        "application/x-bittorrent",
        ("application/x-bittorrent", "application/octet-stream"),
        "11: content type of an exported file",
    ),
    Option("async_data", "null", ("null", "object"), "12: data of asynccreatetorrent"),
    Option(
        "only_if_cached_refusal",
        "DIFF_ISSUE",
        ("DIFF_ISSUE", "ITEM_NOT_FOUND", "INVALID_OPTION"),
        "12: code when add_only_if_cached finds nothing cached",
    ),
    Option("pro_max_bytes", 536870912000, NUMBER, "13: largest item on Pro (500 GiB, or 1 TB)"),
    Option("free_plan_api", True, BOTH, "13: the free plan may use the API"),
    Option("file_ids", "opaque", ("opaque", "zero_based"), "14: numbering of files"),
    Option("inactive_check", False, BOTH, "15: rows carry inactive_check"),
    Option("list_extra_row", False, BOTH, "16: limit N answers N+1 rows"),
)

QUIRKS = (
    Option("timestamps", "z", ("z", "offset"), "form of timestamps, new or old"),
    Option("progress", "float", ("float", "int", "percent"), "progress as 0..1, as 0 or 1, or as 0..100"),
    Option("unknown_fields", False, BOTH, "rows carry fields nobody has documented"),
    Option("upper_hashes", False, BOTH, "list answers spell hashes in upper case"),
    Option("files_null", False, BOTH, "every row has files null"),
    Option("empty_list_null", False, BOTH, "an empty list is data null"),
    Option("null_create_data", False, BOTH, "a successful create has data null"),
    Option("requestdl_torrent_file", True, BOTH, "requestdl knows torrent_file"),
    Option("hourly_headers", False, BOTH, "the hourly 429 carries rate limit headers"),
    Option(
        "reset_style", "mixed", ("mixed", "delta", "unix", "float"), "x-ratelimit-reset: seconds or a time"
    ),
    Option("info_unknown", "timeout", ("timeout", "invent"), "torrentinfo of a hash never seen"),
    Option("info_delay", 0, NUMBER, "real seconds torrentinfo takes before it gives up"),
    Option("latency", 0, NUMBER, "real seconds added to every API answer"),
    Option(
        "links_at",
        "",
        (),
        "where download links lead, when a browser reaches the simulator under another address",
    ),
)

LENGTHS = (
    Option("create_per_hour", 60, NUMBER, "uncached creates per rolling hour and key"),
    Option("calls_per_minute", 300, NUMBER, "calls per minute, key and endpoint"),
    Option("list_cache_seconds", 600, NUMBER, "age mylist may have without bypass_cache"),
    Option("queue_cache_seconds", 600, NUMBER, "age getqueued may have without bypass_cache"),
    Option("checkcached_seconds", 3600, NUMBER, "how long a checkcached answer is kept"),
    Option(
        "fresh_lag_seconds", 0, NUMBER, "how far even bypassing lists lag behind; one id asked for never does"
    ),
    Option("queue_max", 100, NUMBER, "most queued items of an account"),
    Option("queue_seconds", 30, NUMBER, "least time an item waits in the queue"),
    Option("free_monthly", 10, NUMBER, "downloads a month on the free plan"),
    Option("free_cooldown", 86400, NUMBER, "seconds between downloads on the free plan"),
    Option("meta_seconds", None, NUMBER, "metadata phase; unset means 2 to 6, by hash"),
    Option("download_seconds", None, NUMBER, "download phase; unset means 35 to 95, by hash"),
    Option("store_seconds", 4, NUMBER, "from finished to present"),
    Option("seed_seconds", 45, NUMBER, "seeding with seed=1"),
    Option("long_seed_seconds", 86400, NUMBER, "seeding with seed=2"),
    Option("expire_seconds", 30 * 86400, NUMBER, "how long a stored item is kept"),
)

SWITCHES = {option.name: option for option in OPEN_QUESTIONS + QUIRKS + LENGTHS}


class Options:
    """Current values. `version` rises with every change so that rendered rows can be thrown away."""

    def __init__(self, **values: Any) -> None:
        self._values = {name: option.default for name, option in SWITCHES.items()}
        self.version = 0
        self.update(values)

    def update(self, values: dict[str, Any]) -> None:
        for name in values:
            if name not in SWITCHES:
                raise Unsupported(f"unknown option {name!r}")
        self._values.update({name: SWITCHES[name].parse(value) for name, value in values.items()})
        self.version += 1

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def as_dict(self) -> dict[str, Any]:
        return dict(self._values)
