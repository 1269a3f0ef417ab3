"""A replacement of time.sleep under libfaketime, whose clock_nanosleep fails if the monotonic clock isn't faked."""

import select
import time


def sleep(seconds: float) -> None:
    """Sleep as time.sleep does, which raises ValueError for a negative number."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
