"""Wait on a machine of any speed: as long as something advances."""

from __future__ import annotations

import time
from collections.abc import Callable

STALLED_SECONDS = 90.0
MAX_SECONDS = 600.0
LOOK_SECONDS = 0.5


def wait_while_it_advances(
    is_over: Callable[[], bool],
    progress: Callable[[], int],
    *,
    stalled: float = STALLED_SECONDS,
    at_most: float = MAX_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    rest: Callable[[float], None] = time.sleep,
) -> bool:
    """Return whether it is over. Gives up once `progress` hasn't risen for `stalled` seconds, or after `at_most`.

    A busy machine may take minutes for what takes seconds, but it never stops. What is lost or stuck does.
    """
    began = advanced_at = clock()
    best = progress()
    while not is_over():
        now = clock()
        if now - advanced_at >= stalled or now - began >= at_most:
            return False
        rest(LOOK_SECONDS)
        if (reached := progress()) > best:
            best, advanced_at = reached, clock()
    return True
