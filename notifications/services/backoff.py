"""How long a channel that fails is left alone."""

from __future__ import annotations

import random
from datetime import timedelta

from ..channels.message import Outcome

FIRST_WAIT = 30.0  # seconds
MAX_WAIT = timedelta(hours=1)
JITTER = 0.2  # so that channels of one service don't come back at the same moment


def wait_after(outcome: Outcome, failures: int) -> timedelta:
    """Return the wait after a failure, the `failures`-th in a row: as the service asked, else twice the last one."""
    longest = MAX_WAIT.total_seconds()
    if outcome.retry_after is not None and outcome.retry_after > 0:
        return timedelta(seconds=min(outcome.retry_after, longest))
    doubled = min(FIRST_WAIT * 2 ** min(failures - 1, 16), longest)
    spread = random.uniform(1 - JITTER, 1 + JITTER)
    return timedelta(seconds=min(doubled * spread, longest))
