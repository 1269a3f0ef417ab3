"""A service that is down half of the time, and loses the worker while it answers when asked to."""

from __future__ import annotations

import threading
import time
from random import Random

from tests.notifications.hooks import CLOSE, HANG, LOSE, Answer, Hooks, Taken

DOWN: tuple[Answer, ...] = (500, 503, 429, CLOSE, CLOSE, LOSE)


class Moody:
    """Takes turns being up and down, for `seconds` each, until `calm` is set.

    `hangs`: every tenth failure is a time-out, which takes ten seconds.
    """

    def __init__(self, hooks: Hooks, seconds: float, rng: Random, *, hangs: bool) -> None:
        self.hooks, self.seconds, self.rng, self.hangs = hooks, seconds, rng, hangs
        self.began = time.monotonic()
        self.calm = threading.Event()
        self.wanted = threading.Event()  # a kill while a message is on its way
        self.caught = threading.Event()
        self.asked = threading.Event()
        self.failures = 0
        hooks.otherwise, hooks.on_take = self.answer, self.on_take

    def answer(self, path: str) -> Answer:
        self.asked.set()
        is_down = int((time.monotonic() - self.began) / self.seconds) % 2 == 1
        if self.calm.is_set() or not is_down or self.wanted.is_set():
            return 200
        self.failures += 1
        return HANG if self.hangs and self.failures % 10 == 0 else self.rng.choice(DOWN)

    def on_take(self, message: Taken) -> None:
        """Hold the answer until the worker is killed, if that is wanted now."""
        if self.wanted.is_set():
            self.caught.set()
            while self.wanted.is_set():
                time.sleep(0.01)

    def catch(self, within: float) -> bool:
        """Wait until a message is on its way, whose answer then doesn't come before `let_go`."""
        self.caught.clear()
        self.wanted.set()
        return self.caught.wait(within)

    def let_go(self) -> None:
        self.wanted.clear()

    def wait_for_a_request(self, within: float) -> bool:
        self.asked.clear()
        return self.asked.wait(within)
