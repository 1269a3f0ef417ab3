"""A service that is down half of the time, and loses the worker while it answers when asked to."""

from __future__ import annotations

import threading
import time
from random import Random

from tests.notifications.hooks import CLOSE, HANG, LOSE, Answer, Hooks, Taken

DOWN: tuple[Answer, ...] = (500, 503, 429, CLOSE, CLOSE, LOSE)


class Moody:
    """Takes turns being up and down until `calm` is set: for six seconds each, or without `real` for two requests each.

    With `real`, every tenth failure is a time-out, which takes ten seconds.
    """

    def __init__(self, hooks: Hooks, rng: Random, *, real: bool) -> None:
        self.hooks, self.rng, self.real = hooks, rng, real
        self.began = time.monotonic()
        self.calm = threading.Event()
        self.wanted = threading.Event()  # a kill while a message is on its way
        self.caught = threading.Event()
        self.asked = threading.Event()
        self.requests = self.failures = 0
        hooks.otherwise, hooks.on_take = self.answer, self.on_take

    def answer(self, path: str) -> Answer:
        self.asked.set()
        if self.calm.is_set() or self.wanted.is_set() or not self._is_down():
            return 200
        self.failures += 1
        return HANG if self.real and self.failures % 10 == 0 else self.rng.choice(DOWN)

    def _is_down(self) -> bool:
        if self.real:
            return (time.monotonic() - self.began) // 6 % 2 == 1
        self.requests += 1
        return self.requests % 4 in (2, 3)

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
