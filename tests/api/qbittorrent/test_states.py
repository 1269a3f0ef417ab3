"""The state that programs get for everything that a torrent and its copy can do. A wrong one makes *arr lose torrents."""

from __future__ import annotations

from itertools import product

import pytest

from api.qbittorrent.states import Saving, State, state_of
from torrents.reasons import Reason
from torrents.states import Status

# What *arr makes of a state (docs/arr.md).
QUEUED = {State.QUEUED, State.METADATA, State.CHECKING}
DOWNLOADING = {State.DOWNLOADING, State.MOVING}
WARNING = {State.ERROR, State.MISSING_FILES, State.STALLED}
WAITS = (
    Reason.NO_SLOT,
    Reason.QUEUE_FULL,
    Reason.MONTH_USED_UP,
    Reason.COOLDOWN,
    Reason.HOURLY_LIMIT,
    Reason.MINUTE_LIMIT,
    Reason.KEY_REJECTED,
    Reason.THROTTLED,
    Reason.TORBOX_DOWN,
    Reason.TORBOX_TROUBLE,
)
UNSAVED = (Saving.NONE, Saving.AWAITED, Saving.GOING_ON, Saving.PAUSED, Saving.BLOCKED)


@pytest.mark.parametrize("reason", WAITS)
def test_what_waits_to_be_sent_is_queued_and_never_an_error(reason):
    assert state_of(Status.WAITING, reason, Saving.NONE) is State.QUEUED


@pytest.mark.parametrize("reason", ["", Reason.ANSWER_LOST])
def test_what_may_be_at_torbox_already_looks_for_its_files(reason):
    assert state_of(Status.WAITING, reason, Saving.NONE) is State.METADATA


def test_no_reason_to_wait_looks_like_a_failure():
    found = {state_of(Status.WAITING, reason, saving) for reason, saving in product(["", *Reason], UNSAVED)}
    assert found <= QUEUED


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.QUEUED, State.QUEUED),
        (Status.METADATA, State.METADATA),
        (Status.DOWNLOADING, State.DOWNLOADING),
        (Status.CHECKING, State.CHECKING),
        (Status.STORING, State.MOVING),
        (Status.WORKING, State.DOWNLOADING),
        (Status.STALLED, State.STALLED),
        (Status.PAUSED, State.STOPPED),
        (Status.READY, State.COMPLETE),
        (Status.FAILED, State.ERROR),
        (Status.GONE, State.MISSING_FILES),
    ],
)
def test_without_a_copy_the_status_decides(status, state):
    assert state_of(status, "", Saving.NONE) is state


@pytest.mark.parametrize(
    ("saving", "state"),
    [
        (Saving.AWAITED, State.DOWNLOADING),
        (Saving.GOING_ON, State.DOWNLOADING),
        (Saving.PAUSED, State.STOPPED),
        (Saving.BLOCKED, State.ERROR),
        (Saving.DONE, State.COMPLETE),
    ],
)
def test_with_a_copy_a_ready_torrent_is_complete_only_when_all_is_saved(saving, state):
    assert state_of(Status.READY, "", saving) is state


@pytest.mark.parametrize("status", Status)
def test_what_is_saved_is_complete_whatever_torbox_does(status):
    assert state_of(status, "", Saving.DONE) is State.COMPLETE


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.MISSING_FILES, State.MISSING_FILES),
        (Reason.INACTIVE, State.ERROR),
        (Reason.TIMED_OUT, State.ERROR),
        (Reason.UNAVAILABLE, State.ERROR),
        (Reason.REFUSED, State.ERROR),
        (Reason.NOT_CACHED, State.ERROR),
        (Reason.GIVEN_UP, State.ERROR),
    ],
)
def test_what_failed_is_shown_with_a_warning(reason, state):
    assert state_of(Status.FAILED, reason, Saving.NONE) is state


def test_every_combination_has_a_state_and_only_what_failed_or_stalled_warns():
    for status, reason, saving in product(Status, ["", *Reason], Saving):
        state = state_of(status, reason, saving)
        assert state in {*QUEUED, *DOWNLOADING, *WARNING, State.STOPPED, State.COMPLETE}
        if state in WARNING:
            assert status in (Status.FAILED, Status.GONE, Status.STALLED) or saving is Saving.BLOCKED
        if state is State.COMPLETE:
            assert saving is Saving.DONE or (status == Status.READY and saving is Saving.NONE)
