from __future__ import annotations

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_clock() -> float:
    """Return seconds since the machine started, time asleep included.

    It does not jump when the time of day is set, and it keeps running while the machine is suspended.
    """
    return time.clock_gettime(_CLOCK)
