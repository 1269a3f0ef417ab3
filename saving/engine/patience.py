"""How often a file is tried, and how long between two tries, until its thread turns to something else."""

from __future__ import annotations

import time
from collections.abc import Callable

from torrents.saving_states import SavingState as State

from ..models import Job
from .failures import Blocked, Stopped

TRIES = 6  # without a single new byte, until the file waits
FEW_TRIES = (
    2  # if another one has just been tried in vain. Enough to learn that a file is empty, or of another size
)
MAX_PAUSE = 30.0  # seconds between two tries
MAX_LANE_WAIT = 60.0  # seconds for which a thread waits; for longer ones the file does
LOOK_SECONDS = 0.5
LATER = 60.0


class Patience:
    """Counts the tries of a file that bring nothing. `tries`: after how many more it waits."""

    def __init__(self, tries: int, goes_on: Callable[[], bool]) -> None:
        self._tries, self._goes_on = tries, goes_on
        self.fruitless = 0
        self._has_addresses = True

    def check(self) -> None:
        """Raise `Stopped` if the work doesn't go on."""
        if not self._goes_on():
            raise Stopped

    def renew(self) -> None:
        """Note that something came."""
        self.fruitless, self._has_addresses = 0, True

    def lack_address(self) -> None:
        """Note that TorBox gave no address, so that it isn't about the file."""
        self._has_addresses = False

    def count(self, wait: float | None, tries: int = 1) -> None:
        """Note that nothing came, and rest: for `wait` seconds if the other side has said so. Raises `Blocked`."""
        self.fruitless += tries
        pause = min(MAX_PAUSE, 2.0 ** (self.fruitless - 1)) if wait is None else wait
        if self.fruitless > self._tries or pause > MAX_LANE_WAIT:
            wait = max(LATER, pause)
            raise Blocked(State.WAITING, Job.Cause.TORBOX, retry_after=wait, is_unsent=self._has_addresses)
        self.rest(pause)

    def rest(self, seconds: float) -> None:
        """Wait, unless the work stops."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(LOOK_SECONDS, left))
