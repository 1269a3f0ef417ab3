"""Chaos runs wait as long as something advances, and give up on what stands still."""

from __future__ import annotations

import pytest

from .waiting import wait_while_it_advances


class Adds:
    """Adds of which one arrives every so many seconds, until `stops` of them are there. No real time passes."""

    def __init__(self, every: float, stops: int) -> None:
        self.every, self.stops, self.now = every, stops, 0.0

    def arrived(self) -> int:
        return min(self.stops, int(self.now / self.every))

    def rest(self, seconds: float) -> None:
        self.now += seconds

    def all_arrive(self, wanted: int) -> bool:
        return wait_while_it_advances(
            lambda: self.arrived() >= wanted,
            self.arrived,
            stalled=90,
            at_most=600,
            clock=lambda: self.now,
            rest=self.rest,
        )


def test_a_slow_machine_gets_the_time_that_it_needs():
    adds = Adds(every=9, stops=60)
    assert adds.all_arrive(60)
    assert adds.now == 540


def test_what_stands_still_is_given_up_after_the_last_progress():
    adds = Adds(every=1, stops=53)
    assert not adds.all_arrive(60)
    assert 53 + 90 <= adds.now < 53 + 92


def test_progress_without_end_is_given_up_too():
    adds = Adds(every=80, stops=60)
    assert not adds.all_arrive(60)
    assert adds.now == pytest.approx(600, abs=1)


def test_what_is_over_already_takes_no_time():
    adds = Adds(every=1, stops=0)
    assert adds.all_arrive(0)
    assert adds.now == 0
