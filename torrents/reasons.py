"""Codes for why a torrent waits or failed, and why an operation failed. Their sentences are in `reason_text.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

MAX_DETAIL = 500  # characters of TorBox's own sentence


class Reason(models.TextChoices):
    """A code stored in `Torrent`, `AddRequest`, `ControlRequest`, and `Activity`, along with parameters.

    The parameters are listed behind each code; all are optional. TorBox's own sentence is kept as `upstream_detail`.
    """

    # Why it waits to be sent.
    NO_SLOT = "no_slot"  # used, limit: torrents
    QUEUE_FULL = "queue_full"
    MONTH_USED_UP = "month_used_up"  # used, limit: downloads
    COOLDOWN = "cooldown"
    HOURLY_LIMIT = "hourly_limit"  # limit: adds
    MINUTE_LIMIT = "minute_limit"  # limit: adds
    KEY_REJECTED = "key_rejected"
    THROTTLED = "throttled"
    TORBOX_DOWN = "torbox_down"
    TORBOX_TROUBLE = "torbox_trouble"
    ANSWER_LOST = "answer_lost"  # until: when it will be sent again, as an ISO date and time

    # Why TorBox didn't take it, or why an operation failed. operation: the key of that operation.
    REFUSED = "refused"
    NOT_CACHED = "not_cached"
    NOT_FOUND = "not_found"
    NOT_AT_TORBOX_YET = "not_at_torbox_yet"
    IN_QUEUE = "in_queue"

    # Why TorBox gave up on it. longer_than: a length of time in TorBox's words, such as “30 days”.
    INACTIVE = "inactive"  # longer_than
    TIMED_OUT = "timed_out"  # longer_than
    MISSING_FILES = "missing_files"
    UNAVAILABLE = "unavailable"
    ERROR = "error"
    UNEXPLAINED = "unexplained"
    GIVEN_UP = "given_up"  # the reason is in `upstream_detail`


@dataclass(frozen=True)
class Explanation:
    """A reason, its parameters, and TorBox's own sentence: all that a sentence is made from."""

    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    upstream_detail: str = ""

    def columns(self) -> dict[str, object]:
        """Return it as columns of a torrent."""
        return {
            "reason": self.reason,
            "reason_params": dict(self.params),
            "upstream_detail": self.upstream_detail[:MAX_DETAIL],
        }


NO_REASON = Explanation()
EXPLANATION_COLUMNS = tuple(NO_REASON.columns())
