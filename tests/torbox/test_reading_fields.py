"""The quirks of single values: numbers as text, two kinds of time, absurdities."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torbox import Added, File, Malformed, Queued, Torrent, User
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
        ("hash", "dd82"), ("hash", 5), ("hash", None), ("hash", "z" * 40),
        ("size", "many"), ("size", {}), ("active", "perhaps"), ("active", []), ("progress", "half"),
        ("expires_at", "tomorrow"), ("expires_at", 5), ("expires_at", "0001-01-01T00:00:00+14:00"),
        ("files", {}), ("files", [5]), ("tags", "a"), ("tags", [1]), ("name", []), ("name", True),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_names_its_field(field: str, value: Any) -> None:
    with pytest.raises(Malformed) as caught:
        torrent(**{field: value})
    assert caught.value.field == field


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


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted(Torrent.__dataclass_fields__) + ["hash", "download_state", "data"]), JSON
    )
)
def test_any_json_is_read_or_refused(values: dict[str, Any]) -> None:
    source = json.loads(json.dumps({"id": 1, "hash": HASH} | values))
    for kind in (Torrent, Queued, CachedTorrent, TorrentInfo, User, File, Added):
        try:
            kind.from_json(source)  # type: ignore[attr-defined]
        except Malformed as error:
            assert error.field
