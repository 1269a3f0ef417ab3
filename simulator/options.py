"""All switches: name, default, allowed values, and meaning.

They are the open questions of docs/torbox-api.md#open-questions with their documented defaults,
the quirks a client has to handle, and the durations in a torrent's lifecycle.
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
        """Return the value, which may be given as text from a command line."""
        parsed = self._from_text(value) if isinstance(value, str) else value
        if self.allowed and parsed not in self.allowed:
            raise Unsupported(f"{self.name} must be one of {self.allowed}, not {value!r}")
        if not self.allowed and not self._fits(parsed):
            raise Unsupported(f"{self.name} doesn't accept {value!r}")
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
    Option("error_on_success", "null", ("null", "false"), "1: the value of `error` when a call succeeds"),
    Option("missing_id", "404", ("404", "null", "empty_list"), "2: mylist with an unknown id"),
    Option("cache_miss", "null", ("null", "object", "list"), "3: checkcached if nothing is cached"),
    Option("redirect_status", 307, (307, 302), "4: status of requestdl with redirect"),
    Option("link_seconds", 3600, NUMBER, "4: how long a download link can be started (3600 or 10800)"),
    Option("no_slot", "queue", ("queue", "active_limit"), "5: a create without a free slot"),
    Option("active_limit_style", "400", ("200", "400", "500", "200_null"), "5: how ACTIVE_LIMIT is reported"),
    Option("business_status", 400, (200, 400, 500), "5: HTTP status of other rejections"),
    Option(
        "duplicate", "same_id", ("same_id", "error", "by_state"), "6: adding a torrent that already exists"
    ),
    Option("missing_token", "403", ("403", "401"), "7: no credential at all"),
    Option("create_per_minute", 10, NUMBER, "8: edge limit on uncached creates, 0 for none"),
    Option("cached_counts", False, BOTH, "8: cached creates also count as uncached ones"),
    Option("info_timeout", 30, NUMBER, "9: default seconds of GET torrentinfo (POST is always 10)"),
    Option(
        "info_timeout_error",
        "ITEM_NOT_FOUND",
        ("ITEM_NOT_FOUND", "DOWNLOAD_SERVER_ERROR", "UNKNOWN_ERROR"),
        "9: code if torrentinfo finds no peers in time",
    ),
    Option("checkcached_auth", True, BOTH, "9: checkcached needs a key"),
    Option("extra_operations", True, BOTH, "10: pause, stop_seeding and recheck are accepted"),
    Option(
        "export_refusal",
        "INVALID_OPTION",
        ("INVALID_OPTION", "ITEM_NOT_FOUND"),
        "11: code if exportdata can't export",
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
        "12: code if add_only_if_cached finds nothing cached",
    ),
    Option("pro_max_bytes", 536870912000, NUMBER, "13: largest item on Pro (500 GiB, or 1 TB)"),
    Option("free_plan_api", True, BOTH, "13: the free plan may use the API"),
    Option("file_ids", "opaque", ("opaque", "zero_based"), "14: numbering of files"),
    Option("inactive_check", False, BOTH, "15: rows carry inactive_check"),
    Option("list_extra_row", False, BOTH, "16: limit N returns N+1 rows"),
    Option(
        "cached_rows",
        "stored",
        ("stored", "found"),
        "17: cached and cached_at of everything stored, or only of items found in the cache",
    ),
    Option(
        "new_by_id", "found", ("found", "missing"), "18: mylist?id= of a new torrent, from the cached list"
    ),
    Option(
        "given_up",
        "failed",
        ("failed", "incomplete"),
        "19: the state of a download that has had no seeds for a minute",
    ),
    Option("export_any_file", True, BOTH, "20: exportdata has a .torrent for every torrent with known files"),
    Option("export_trackers", True, BOTH, "20: exported magnets keep their trackers"),
    Option("operations", "any_case", ("any_case", "lower_case"), "21: operations may have capital letters"),
    Option("checkcached_post", 5000, NUMBER, "22: maximum number of hashes in a POST to checkcached"),
    Option(
        "edit_fields", "overwrite", ("overwrite", "keep"), "23: edittorrent empties or keeps absent fields"
    ),
    Option("edit_uncached", False, BOTH, "23: edittorrent takes torrents that aren't stored"),
    Option(
        "airlock_refusal",
        "DIFF_ISSUE",
        ("DIFF_ISSUE", "COULD_NOT_PERFORM_ACTION", "PLAN_RESTRICTED_FEATURE"),
        "24: code if AirLock is full",
    ),
    Option(
        "airlock_end",
        "restart",
        ("restart", "continue"),
        "24: a torrent that leaves AirLock is kept for another 30 days, or counts from its last download",
    ),
    Option("row_airlocked", True, BOTH, "24: rows carry airlocked"),
    Option("row_expires_at", "ready", ("ready", "null"), "25: expires_at of stored torrents"),
    Option(
        "user_stats",
        "whole",
        ("whole", "null_bandwidth", "missing_general", "unknown_error"),
        "26: user/stats has everything, lacks a part, or fails",
    ),
    Option("usage_days", "all", ("all", "used"), "26: user/stats has all days, or those with traffic"),
)

QUIRKS = (
    Option("timestamps", "z", ("z", "offset"), "format of timestamps, new or old"),
    Option("progress", "float", ("float", "int", "percent"), "progress as 0..1, as 0 or 1, or as 0..100"),
    Option("updated_at", "forward", ("forward", "backward"), "updated_at rises with time, or falls"),
    Option(
        "list_rows",
        "own",
        ("own", "foreign", "mixed"),
        "mylist has the rows of the account, of other accounts, or both",
    ),
    Option("unknown_fields", False, BOTH, "rows have undocumented fields"),
    Option("upper_hashes", False, BOTH, "lists have hashes in upper case"),
    Option("files_null", False, BOTH, "files is null in every row"),
    Option("empty_list_null", False, BOTH, "data is null for an empty list"),
    Option("null_create_data", False, BOTH, "data is null after a successful create"),
    Option("requestdl_torrent_file", True, BOTH, "requestdl supports torrent_file"),
    Option("hourly_headers", False, BOTH, "the hourly 429 has rate limit headers"),
    Option(
        "reset_style", "mixed", ("mixed", "delta", "unix", "float"), "x-ratelimit-reset: seconds or a time"
    ),
    Option("info_unknown", "timeout", ("timeout", "invent"), "torrentinfo of an unknown hash"),
    Option("info_delay", 0, NUMBER, "real seconds before torrentinfo gives up"),
    Option("latency", 0, NUMBER, "real seconds added to every API response"),
    Option("cdn_ranges", True, BOTH, "the CDN sends the part of a file that was asked for, not all of it"),
    Option("cdn_cut_bytes", 0, NUMBER, "bytes after which the CDN breaks a connection, 0 for never"),
    Option("cdn_lost", "", (), "the CDN has no file whose path contains this text, and answers 404"),
    Option(
        "links_at",
        "",
        (),
        "base URL of download links, if a browser reaches the simulator at another address",
    ),
)

LENGTHS = (
    Option("create_per_hour", 60, NUMBER, "uncached creates per rolling hour and key"),
    Option("calls_per_minute", 300, NUMBER, "calls per minute, key and endpoint"),
    Option("list_cache_seconds", 600, NUMBER, "maximum age of mylist without bypass_cache"),
    Option("queue_cache_seconds", 600, NUMBER, "maximum age of getqueued without bypass_cache"),
    Option("checkcached_seconds", 3600, NUMBER, "how long a checkcached response is kept"),
    Option("fresh_lag_seconds", 0, NUMBER, "lag of lists even with bypass_cache; a single id never lags"),
    Option("queue_max", 100, NUMBER, "maximum number of queued items of an account"),
    Option("queue_seconds", 30, NUMBER, "minimum time an item waits in the queue"),
    Option("free_monthly", 10, NUMBER, "downloads a month on the free plan"),
    Option("free_cooldown", 86400, NUMBER, "seconds between downloads on the free plan"),
    Option("meta_seconds", None, NUMBER, "seconds to find metadata; unset means 2 to 6, by hash"),
    Option("download_seconds", None, NUMBER, "seconds to download; unset means 35 to 95, by hash"),
    Option("store_seconds", 4, NUMBER, "seconds from finished to present"),
    Option("seed_seconds", 45, NUMBER, "seconds of seeding with seed=1"),
    Option("long_seed_seconds", 86400, NUMBER, "seconds of seeding with seed=2"),
    Option("expire_seconds", 30 * 86400, NUMBER, "seconds a stored item is kept after its last download"),
    Option(
        "airlock_lapse_seconds", 7 * 86400, NUMBER, "seconds that AirLock lasts after the plan has lapsed"
    ),
)

SWITCHES = {option.name: option for option in OPEN_QUESTIONS + QUIRKS + LENGTHS}


class Options:
    """The current values. `version` increases with every change, so that rendered rows can be discarded."""

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
