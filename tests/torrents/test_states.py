"""Every state TorBox was seen to report has its word; ready is the bytes being there, never the state's name."""

from __future__ import annotations

import pytest

import torbox
from tests.factories import make_hash
from torrents.states import Status, reason_of, status_of


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


def test_expired_is_gone():
    assert status_of(remote("expired", active=False, finished=True)) == Status.GONE


def test_the_reason_is_torbox_s_own():
    assert reason_of(remote("failed (Download stalled for too long)")) == "Download stalled for too long"
    assert reason_of(remote("failed", error="No space")) == "No space"
    assert reason_of(remote("failed")) == "failed"
