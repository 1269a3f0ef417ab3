"""The speed limit that all files share."""

from __future__ import annotations

import threading
import time

from saving.engine.throttle import Throttle

MB = 1_000_000


def seconds_for(throttle: Throttle, size: int, portions: int) -> float:
    """Return how long it takes to be allowed some portions, and one more byte."""
    began = time.monotonic()
    for _ in range(portions):
        throttle.take(size)
    throttle.take(1)
    return time.monotonic() - began


def test_without_a_limit_nothing_waits():
    assert seconds_for(Throttle(), 100 * MB, 100) < 0.5


def test_a_limit_holds():
    took = seconds_for(Throttle(MB), 50_000, 10)
    assert took > 0.35


def test_threads_share_one_limit():
    throttle, began = Throttle(MB), time.monotonic()
    threads = [threading.Thread(target=seconds_for, args=(throttle, 50_000, 5)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began > 0.6  # 750 kB at 1 MB/s, less what may pile up


def test_those_who_wait_notice_a_higher_limit():
    throttle = Throttle(1)
    throttle.take(MB)  # from now on, the next one would wait for days
    waiting = threading.Thread(target=throttle.take, args=(1,), daemon=True)
    waiting.start()
    throttle.set(0)
    waiting.join(5)
    assert not waiting.is_alive()


def test_portions_are_small_while_it_is_slow():
    assert Throttle().portion(512_000) == 512_000
    assert Throttle(100_000).portion(512_000) == 25_000
    assert Throttle(1).portion(512_000) == 4096
