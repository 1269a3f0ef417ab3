"""The quirks of single values: numbers as text, two kinds of time, absurdities."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torbox import Added, File, Malformed, NotFound, Queued, Torrent, UsageDay, UsageStats, User
from torbox.account import MAX_DAYS
from torbox.models import CachedTorrent, TorrentInfo

HASH = "DD8255ECDC7CA55FB0BBF81323D87062DB1F6D1C"
BASE = {"id": 1, "hash": HASH}


def torrent(**values: Any) -> Torrent:
    return Torrent.from_json(BASE | values)


def test_little_is_enough() -> None:
    bare = torrent()
    assert (bare.info_hash, bare.state, bare.files, bare.download_finished) == (HASH.lower(), "", None, None)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (0, 0.0), (1, 1.0), (0.4271, 0.4271), ("0.5", 0.5), (42.71, 0.4271), (100, 1.0), (250, 1.0), (-3, 0.0),
        (1.0000001, 1.0), (float("nan"), 0.0), (float("inf"), 0.0), (10**400, 0.0), (None, 0.0),
    ],
)  # fmt: skip
def test_progress_is_a_share(sent: Any, read: float) -> None:
    assert torrent(progress=sent).progress == pytest.approx(read)


@pytest.mark.parametrize(
    ("sent", "read"),
    [(14, 14), (0, 0), ("14", 14), (14.7, 14), (8640000, None), (99999999, None), (-1, None), (None, None)],
)
def test_eta_is_none_when_unknown(sent: Any, read: int | None) -> None:
    assert torrent(eta=sent).eta == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2023-12-22T22:12:34.78989+00:00", datetime(2023, 12, 22, 22, 12, 34, 789890, UTC)),
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_times_are_utc(sent: Any, read: datetime | None) -> None:
    assert torrent(expires_at=sent).expires_at == read


@pytest.mark.parametrize("sent", [True, 1, 1.0, "true", "True", "1"])
def test_truth_has_spellings(sent: Any) -> None:
    assert torrent(active=sent).active is True


@pytest.mark.parametrize(("sent", "read"), [(None, None), (False, False), (0, False), (True, True)])
def test_finished_may_be_unknown(sent: Any, read: bool | None) -> None:
    assert torrent(download_finished=sent).download_finished is read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (None, UsageStats()),
        ({}, UsageStats()),
        ({"general": None, "bandwidth": None}, UsageStats()),
        ({"general": [], "bandwidth": {}}, UsageStats()),
        ({"general": {"airlocked_downloads": "12", "airlock_storage_limit": -1}}, UsageStats(12, None)),
        (
            {"general": {"airlocked_downloads": {}, "airlock_storage_limit": 3e11}},
            UsageStats(None, 3 * 10**11),
        ),
        ({"bandwidth": [None, 5, {}]}, UsageStats(days=(UsageDay(None, 0, None),))),
        (
            {"bandwidth": [{"date": "2026-11-28", "bytes_downloaded": 7, "bytes_uploaded": 0}]},
            UsageStats(days=(UsageDay(date(2026, 11, 28), 7, 0),)),
        ),
        (
            {"bandwidth": [{"date": "x", "day": "2026-11-28T23:00:00Z", "bytes_downloaded": "7"}]},
            UsageStats(days=(UsageDay(date(2026, 11, 28), 7, None),)),
        ),
    ],
)
def test_statistics_may_lack_any_part(sent: Any, read: UsageStats) -> None:
    assert UsageStats.from_json(sent) == read


def test_statistics_are_bounded() -> None:
    assert len(UsageStats.from_json({"bandwidth": [{"date": "2026-11-28"}] * 5000}).days) == MAX_DAYS


def test_a_list_of_texts_that_is_too_long_is_cut_and_named() -> None:
    """The field is named as unread, because an edit would lose the rest."""
    odd = torrent(tags=["x"] * 1001, alternative_hashes=["y"] * 1000)
    assert (len(odd.tags), len(odd.alternative_hashes), odd.unread) == (1000, 1000, ("tags",))


def test_no_files_and_unknown_files_differ() -> None:
    assert torrent(files=[]).files == ()
    assert torrent(files=None).files is None


def test_absurd_numbers_are_clamped_where_they_only_count() -> None:
    assert torrent(size=10**30).size == 2**63 - 1
    assert torrent(seeds=-5).seeds == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None), ("id", 2**63), ("id", -1), ("id", 1.5), ("id", "x"), ("id", True), ("id", float("nan")),
        ("id", "1e400"), ("hash", "dd82"), ("hash", 5), ("hash", None), ("hash", "z" * 40), ("hash", "ab" * 32),
    ],
)  # fmt: skip
def test_without_what_tells_rows_apart_there_is_no_row(field: str, value: Any) -> None:
    with pytest.raises(Malformed) as caught:
        torrent(**{field: value})
    assert caught.value.field == field


UNKNOWN = torrent()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tags", [{"name": "x"}]), ("tags", "x,y"), ("tags", [1]), ("alternative_hashes", [None]),
        ("created_at", 1714550000), ("created_at", "Wed, 01 May 2024 10:00:00 GMT"), ("expires_at", "tomorrow"),
        ("expires_at", "0001-01-01T00:00:00Z"), ("expires_at", "0001-01-01T00:00:00+14:00"),
        ("updated_at", "1969-12-31T23:59:59Z"), ("cached_at", "2201-01-01T00:00:00Z"), ("cached_at", "9999-12-31T23:59:59Z"),
        ("files", {}), ("ratio", "inf"), ("ratio", "1e999"), ("ratio", 10**400), ("progress", "NaN"), ("progress", "half"),
        ("progress", float("inf")), ("seeds", "unknown"), ("peers", {}), ("eta", "soon"), ("tracker", ["udp://a"]),
        ("error", {"code": 1}), ("private", "yes"), ("cached", 2), ("active", "perhaps"), ("active", []),
        ("size", "many"), ("size", {}), ("name", []), ("name", True), ("download_state", 5 * [1]),
        ("download_finished", "maybe"), ("download_present", 3), ("airlocked", "perhaps"), ("magnet", {}), ("auth_id", []),
    ],
)  # fmt: skip
def test_any_other_odd_value_costs_its_field(field: str, value: Any) -> None:
    odd = torrent(**{field: value})
    assert odd.unread == (field,)
    assert replace(odd, unread=(), digest="") == replace(UNKNOWN, digest="")


@pytest.mark.parametrize(
    ("file", "left"), [({"id": None, "name": "a/b"}, 0), (5, 0), ({"id": 2, "size": []}, 1), ({"id": 2, "name": 1.5}, 1)]
)  # fmt: skip
def test_an_odd_file_costs_itself_or_its_field(file: Any, left: int) -> None:
    odd = torrent(files=[{"id": 1, "name": "a/c", "size": 5}, file])
    assert len(odd.files or ()) == 1 + left and odd.unread_files == 1 - left
    assert odd.unread == (() if isinstance(file, dict) and file.get("name") == 1.5 else ("files",))


MD5 = "0123456789ABCDEFabcdef0123456789"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (MD5, MD5.lower()), (f" {MD5}\n", MD5.lower()), (None, ""), ("", ""), (MD5[:-1], ""), (MD5 + "0", ""),
        (f"{MD5}-12", ""), (f'"{MD5}"', ""), ("g" * 32, ""), ("\u0661" * 32, ""), (int("1" * 32), ""), (True, ""),
        ([MD5], ""), ({"md5": MD5}, ""), ("x" * 10**6, ""),
    ],
    ids=lambda value: ascii(value)[:40],
)  # fmt: skip
def test_a_checksum_is_read_if_it_is_one(sent: Any, read: str) -> None:
    """Everything else is no reason to read the row again each time, because a file can be saved without."""
    row = torrent(files=[{"id": 1, "name": "O/a.mkv", "size": 5, "md5": sent}])
    assert [file.md5 for file in row.files or ()] == [read]
    assert row.unread == ()


def test_padding_is_no_file() -> None:
    names = ["O/e1.mkv", "O/.pad/16381", ".pad/5", "O/.pad/notes.txt", "O/padding_file_1.txt"]
    names.append("O/_____padding_file_0_if you see this file, please update to BitComet 0.85 or above____")
    files = [{"id": number, "name": name, "size": 5} for number, name in enumerate(names)]
    shown = ["O/e1.mkv", "O/.pad/notes.txt", "O/padding_file_1.txt"]
    assert [file.path for file in torrent(files=files).files or ()] == shown
    for kind in (CachedTorrent, TorrentInfo):
        assert [file.path for file in kind.from_json(BASE | {"files": files}).files] == shown


INVISIBLE = ["", " ", "\u200b", "\u200e\u200f", "\u2800", "\u3164\u115f", "\ufeff", "\u2060\u00ad", "\ue000"]


@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
def test_a_name_nobody_can_see_is_none(name: str) -> None:
    assert torrent(name=name).name == ""
    files = [{"id": number, "name": f"O/{name}", "short_name": name} for number in (1, 2)]
    expected = [f"O/{HASH.lower()} file {number}" for number in (1, 2)]
    assert [file.path for file in torrent(files=files).files or ()] == expected


@pytest.mark.parametrize(("sent", "read"), [("/", ""), ("a//b", "a/b"), ("/a/b", "a/b"), ("\u200b/b", "b")])
def test_paths_have_no_empty_folders(sent: str, read: str) -> None:
    (file,) = torrent(files=[{"id": 7, "name": sent}]).files or ()
    assert file.path == (read or f"{HASH.lower()} file 7")


def test_what_a_database_could_not_keep_is_clamped() -> None:
    assert torrent(seeds=10**12, peers="3000000000").seeds == 2**31 - 1
    user = User.from_json({"id": 1, "plan": 2, "additional_concurrent_slots": 10**30})
    assert user.slots is not None and user.slots < 2**31


def test_sentences_hold_nothing_that_turns_them_around() -> None:
    odd = torrent(
        error="a\u202eb\x1b[31m\u200b c", tracker_message="\u2067x", download_state="failed (\u202eno)"
    )
    assert (odd.error, odd.tracker_message, odd.state) == ("ab[31m c", "x", "failed (no)")
    assert NotFound("No\u202e such\u2066 thing\n").detail == "No such thing"


def test_text_is_made_storable() -> None:
    assert torrent(name="a\x00b\ud800c\nd").name == "abc d"


def test_a_file_without_path_goes_by_its_short_name() -> None:
    assert File.from_json({"id": 0, "short_name": "a.mp4"}).path == "a.mp4"
    assert File.from_json({"id": 0, "name": "x/a.mp4"}).short_name == "a.mp4"


@pytest.mark.parametrize(
    ("data", "detail", "torrent_id", "queued_id", "cached"),
    [
        ({"torrent_id": 5, "hash": HASH}, "Found Cached Torrent. Using it.", 5, None, True),
        ({"torrent_id": 5, "hash": HASH}, "FOUND CACHED torrent", 5, None, True),
        ({"queued_id": 7, "hash": HASH}, "Queued.", None, 7, False),
        (None, "Fine.", None, None, False),
    ],
)
def test_added(data: Any, detail: str, torrent_id: int | None, queued_id: int | None, cached: bool) -> None:
    added = Added.from_json(data, detail)
    assert (added.torrent_id, added.queued_id, added.cached) == (torrent_id, queued_id, cached)
    assert added.info_hash == (HASH.lower() if data else None)


@pytest.mark.parametrize("plan", ["x", {}, -1, 70_000, None])
def test_an_odd_plan_is_an_unknown_one(plan: Any) -> None:
    user = User.from_json(
        {"id": 1, "plan": plan, "premium_expires_at": 5, "cooldown_until": "0001-01-01T00:00:00Z"}
    )
    assert (user.plan, user.slots, user.premium_expires_at, user.cooldown_until) == (None, None, None, None)


@pytest.mark.parametrize(("plan", "slots"), [(0, 3), (1, 5), (2, 12), (3, 7), (9, None)])
def test_slots_are_the_plan_and_the_extras(plan: int, slots: int | None) -> None:
    user = User.from_json({"id": 1, "plan": plan, "additional_concurrent_slots": 2})
    assert user.slots == slots
    assert user.plan_name


def test_an_unknown_plan_is_not_guessed() -> None:
    user = User.from_json({"id": 1, "plan": 9})
    assert (user.plan_name, user.max_item_size) == ("Plan 9", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(HASH),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


UNLIKE_OURS = ["hash", "download_state", "data", "general", "bandwidth"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*sorted(Torrent.__dataclass_fields__), *UNLIKE_OURS]), JSON))
def test_any_json_is_read_or_refused(values: dict[str, Any]) -> None:
    source = json.loads(json.dumps({"id": 1, "hash": HASH} | values))
    for kind in (Torrent, Queued, CachedTorrent, TorrentInfo, User, UsageStats, File, Added):
        try:
            kind.from_json(source)  # type: ignore[attr-defined]
        except Malformed as error:
            assert error.field
