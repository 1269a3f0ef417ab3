"""What programs need of answers, as their source has it. Each function raises AssertionError, or returns one that does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .replaying import Answer, Need

NET_VERSION = re.compile(r"\d+\.\d+(\.\d+){0,2}")  # what .NET's Version parses
LAST_WITHOUT_204 = (2, 11, 4)


def status(*known: int) -> Need:
    def is_known(answer: Answer) -> None:
        assert answer.status in known, answer.status

    return is_known


def succeeds(answer: Answer) -> None:
    assert 200 <= answer.status < 300, answer.status


def says(*texts: str) -> Need:
    def is_said(answer: Answer) -> None:
        assert answer.text in texts, answer.text

    return is_said


def does_not_say_fails(answer: Answer) -> None:
    assert answer.text != "Fails."


def is_plain_text(answer: Answer) -> None:
    assert answer.headers["content-type"].split(";")[0] == "text/plain"


def is_json(answer: Answer) -> None:
    assert answer.headers["content-type"].split(";")[0] == "application/json"


def has_a_body(answer: Answer) -> None:
    assert answer.body


def sets_cookie(name: str) -> Need:
    def does(answer: Answer) -> None:
        assert answer.headers["set-cookie"].startswith(f"{name}=")
        assert "httponly" in answer.headers["set-cookie"].lower()

    return does


def is_a_version_of_net(answer: Answer) -> None:
    """Compare the version as .NET's `Version`, on which *arr decides whether limits travel with an add, and so on."""
    assert NET_VERSION.fullmatch(answer.text), answer.text
    assert tuple(map(int, answer.text.split("."))) == LAST_WITHOUT_204


def is_at_least_5_without_v(answer: Answer) -> None:
    assert int(answer.text.removeprefix("v").split(".")[0]) >= 5, answer.text


def preferences_suit_arr(answer: Answer) -> None:
    """*arr refuses a client that removes torrents by itself, or that needs trackers in magnets."""
    facts = answer.json
    limits = facts["max_ratio_enabled"] or facts["max_seeding_time_enabled"]
    limits = limits or facts["max_inactive_seeding_time_enabled"]
    assert not (limits and facts["max_ratio_act"] in (1, 3))
    assert facts["dht"] is True and facts["queueing_enabled"] is True
    assert facts["save_path"].startswith("/")
    assert {"max_ratio", "max_seeding_time", "max_inactive_seeding_time"} <= set(facts)


def has_category(name: str, path: str | None = None) -> Need:
    def has(answer: Answer) -> None:
        assert answer.json[name]["name"] == name
        if path is not None:
            assert answer.json[name]["savePath"].endswith(path), answer.json[name]

    return has


def lacks_category(name: str) -> Need:
    def lacks(answer: Answer) -> None:
        assert name not in answer.json

    return lacks


ARR_FIELDS = {
    "hash": str,
    "name": str,
    "size": int,
    "progress": (int, float),
    "eta": int,
    "state": str,
    "category": str,
    "save_path": str,
    "content_path": str,
    "ratio": (int, float),
    "ratio_limit": (int, float),
    "seeding_time": int,
    "seeding_time_limit": int,
    "inactive_seeding_time_limit": int,
    "last_activity": int,
}


def lists_nothing(answer: Answer) -> None:
    assert answer.json == []


def lists_one(**facts: Any) -> Need:
    """Need a list with one torrent, with all fields that *arr reads, and with these values."""

    def lists(answer: Answer) -> None:
        (row,) = answer.json
        for name, kind in ARR_FIELDS.items():
            assert isinstance(row[name], kind), (name, row[name])
        wrong = {name: row[name] for name, value in facts.items() if row[name] != value}
        assert not wrong, wrong

    return lists


def can_be_imported_by_arr(answer: Answer) -> None:
    """Need a complete torrent whose content is on disk, and which *arr may remove afterwards."""
    (row,) = answer.json
    assert row["state"] in ("pausedUP", "stoppedUP", "uploading", "stalledUP", "queuedUP", "forcedUP")
    assert row["content_path"] != row["save_path"]
    assert Path(row["content_path"]).exists(), row["content_path"]
    assert row["state"] in ("pausedUP", "stoppedUP")
    assert row["ratio_limit"] >= 0 and row["ratio"] >= row["ratio_limit"] - 0.001


def each(name: str, **facts: Any) -> Need:
    """Need a list in which something is named so, and has these values."""

    def has(answer: Answer) -> None:
        row = next(row for row in answer.json if row.get("name") == name or row.get("url") == name)
        wrong = {key: row[key] for key, value in facts.items() if row[key] != value}
        assert not wrong, wrong

    return has


def json_has(*names: str) -> Need:
    def has(answer: Answer) -> None:
        missing = [name for name in names if name not in answer.json]
        assert not missing, missing

    return has


def torrent_in_maindata(info_hash: str, **facts: Any) -> Callable[[Answer], None]:
    def has(answer: Answer) -> None:
        rows = answer.json["torrents"]
        assert len(rows) == 1, info_hash
        (row,) = rows.values()
        wrong = {name: row.get(name) for name, value in facts.items() if row.get(name) != value}
        assert not wrong, wrong

    return has


def maindata_removes_one(answer: Answer) -> None:
    assert len(answer.json["torrents_removed"]) == 1
