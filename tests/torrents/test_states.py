"""Every state TorBox was seen to report has its word; ready is the bytes being there, never the state's name."""

from __future__ import annotations

import pytest

import torbox
from tests.factories import make_hash
from torrents.reason_text import reason_words
from torrents.reasons import Reason
from torrents.states import Status, is_incomplete, status_of, why_ended


def remote(state: str, *, active=True, finished=False, present=False, **more) -> torbox.Torrent:
    row = {"id": 1, "hash": make_hash("x"), "name": "x", "download_state": state, "active": active}
    return torbox.Torrent.from_json(row | {"download_finished": finished, "download_present": present} | more)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("metaDL", Status.METADATA),
        ("downloading", Status.DOWNLOADING),
        ("forcedDL", Status.DOWNLOADING),
        ("stalled (no seeds)", Status.STALLED),
        ("stalledDL (No seeds)", Status.STALLED),
        ("Stalled", Status.STALLED),
        ("incomplete", Status.STALLED),
        ("Incomplete (no seeds)", Status.STALLED),
        ("checkingResumeData", Status.CHECKING),
        ("checkingDL", Status.CHECKING),
        ("queuedDL", Status.CHECKING),
        ("allocating", Status.CHECKING),
        ("processing", Status.CHECKING),
        ("moving", Status.STORING),
        ("paused", Status.PAUSED),
        ("pausedDL", Status.PAUSED),
        ("something new", Status.WORKING),
        ("unknown", Status.WORKING),
    ],
)
def test_while_it_is_on_its_way(state, status):
    assert status_of(remote(state)) == status


@pytest.mark.parametrize(
    "state", ["uploading", "uploading (no peers)", "completed", "cached", "stalledUP", "pausedUP", ""]
)
def test_ready_is_finished_and_present_whatever_the_state_is_called(state):
    assert status_of(remote(state, finished=True, present=True)) == Status.READY


def test_completed_without_the_bytes_is_not_ready():
    assert status_of(remote("completed", active=False, finished=True)) == Status.GONE
    assert status_of(remote("completed")) == Status.WORKING


def test_present_alone_is_enough_when_finished_is_missing():
    row = {"id": 1, "hash": make_hash("x"), "download_state": "cached", "download_present": True}
    assert status_of(torbox.Torrent.from_json(row)) == Status.READY


def test_between_finished_and_present_it_is_being_stored():
    assert status_of(remote("uploading", finished=True)) == Status.STORING


@pytest.mark.parametrize(
    "state",
    [
        "failed",
        "failed (Aborted)",
        "error",
        "missingFiles",
        "timedout (>2 days)",
        "inactive (>30 days)",
        "unavailable",
    ],
)
def test_given_up(state):
    assert status_of(remote(state, active=False)) == Status.FAILED


def test_a_download_that_waits_for_seeds_has_not_failed():
    for state in ("incomplete", "Incomplete (no seeds)"):
        assert status_of(remote(state, active=False, progress=0.4)) == Status.STALLED
        assert is_incomplete(state)
    assert not is_incomplete("stalled (no seeds)")


@pytest.mark.parametrize("field", ["download_state", "active", "download_finished", "download_present"])
def test_nothing_is_called_ended_for_want_of_a_field(field):
    facts = {"download_state": "cached", "active": False, "download_finished": True, "download_present": True}
    row = torbox.Torrent.from_json({"id": 1, "hash": make_hash("x")} | facts | {field: {"odd": 1}})
    assert status_of(row, undecided=Status.READY) == Status.READY
    assert status_of(row) in (Status.READY, Status.WORKING)


def test_expired_is_gone():
    assert status_of(remote("expired", active=False, finished=True)) == Status.GONE


def words_of(item):
    why = why_ended(item)
    return reason_words(why.reason, why.params, why.upstream_detail)


def test_what_torbox_said_is_kept_beside_the_code():
    kept = [
        remote("failed (Download stalled for too long)"),
        remote("failed", error="No space"),
        remote("failed"),
    ]
    found = [(why_ended(item).reason, why_ended(item).upstream_detail) for item in kept]
    assert found == [
        (Reason.GIVEN_UP, "Download stalled for too long"),
        (Reason.GIVEN_UP, "No space"),
        (Reason.UNEXPLAINED, "failed"),
    ]


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("inactive (>30 days)", Reason.INACTIVE, "It was inactive for more than 30 days."),
        ("Inactive ( > 30 days )", Reason.INACTIVE, "It was inactive for more than 30 days."),
        ("timedout (>2 days)", Reason.TIMED_OUT, "It didn’t finish within 2 days."),
        ("timedout", Reason.TIMED_OUT, "It didn’t finish in time."),
        ("failed (Download stalled for too long)", Reason.GIVEN_UP, "Download stalled for too long"),
        ("failed", Reason.UNEXPLAINED, "TorBox didn’t give a reason."),
        ("error", Reason.ERROR, "TorBox reported an error."),
        ("missingFiles", Reason.MISSING_FILES, "Files are missing on TorBox."),
        ("missing", Reason.MISSING_FILES, "Files are missing on TorBox."),
        ("unavailable", Reason.UNAVAILABLE, "It isn’t available on TorBox."),
        ("inactive", Reason.INACTIVE, "It was inactive for too long."),
    ],
)
def test_a_reason_is_a_code_and_told_in_words(state, reason, words):
    item = remote(state, active=False)
    assert (why_ended(item).reason, words_of(item)) == (reason, words)


def test_an_error_of_torbox_is_told_as_it_is():
    assert words_of(remote("failed", error="Not (>enough) space")) == "Not (>enough) space"
