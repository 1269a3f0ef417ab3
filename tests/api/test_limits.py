"""How many requests a minute a token may send."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from threading import Thread
from typing import Any

import pytest
from django.test import Client

from api.limits import MAX_KNOWN, Counter, Limit, LimitReached
from tests.api.factories import make_token, program_with

WHO = "/api/v1/who"
A_MINUTE = 60.0


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(counter: Counter, key: int = 1, limit: Limit = Limit.CHANGES) -> int:
    """Send requests until one is refused, and return how many weren't."""
    for number in count():
        try:
            counter.take(key, limit)
        except LimitReached:
            return number
    return 0


@pytest.mark.parametrize("limit", Limit)
def test_so_many_requests_may_come_at_once(clock, limit):
    counter = Counter(clock)
    assert taken(counter, limit=limit) == limit.value
    assert taken(counter, limit=limit) == 0


def test_what_is_left_fills_up_evenly_and_never_beyond_a_minute(clock):
    counter = Counter(clock)
    taken(counter)
    clock.seconds += A_MINUTE / 4
    assert taken(counter) == Limit.CHANGES.value // 4
    clock.seconds += 10 * A_MINUTE
    assert taken(counter) == Limit.CHANGES.value


def test_each_token_and_each_kind_of_request_has_its_own_limit(clock):
    counter = Counter(clock)
    taken(counter, key=1)
    assert taken(counter, key=2) == Limit.CHANGES.value
    assert taken(counter, key=1, limit=Limit.REQUESTS) == Limit.REQUESTS.value


def test_whoever_waits_as_long_as_told_may_go_on(clock):
    counter = Counter(clock)
    taken(counter)
    with pytest.raises(LimitReached) as reached:
        counter.take(1, Limit.CHANGES)
    assert reached.value.retry_after == 1
    clock.seconds += reached.value.retry_after
    assert taken(counter) > 0


def test_it_remembers_only_the_tokens_that_were_used_last(clock):
    counter = Counter(clock)
    taken(counter, key=1)
    for key in range(2, MAX_KNOWN + 2):
        counter.take(key, Limit.CHANGES)
    assert taken(counter, key=1) == Limit.CHANGES.value  # forgotten, like any that hasn't come for long


def test_many_threads_together_get_no_more(clock):
    counter, got = Counter(clock), []
    threads = [Thread(target=lambda: got.append(taken(counter))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == Limit.CHANGES.value


def until_refused(program: Client, sent: Callable[[int], dict[str, Any]] = lambda number: {}):
    """Send changes until one is refused, and return that answer. Meanwhile a few more are allowed again."""
    for number in range(3 * Limit.CHANGES.value):
        answer = program.post(WHO, **sent(number))
        if answer.status_code == 429:
            assert number >= Limit.CHANGES.value
            return answer
    raise AssertionError("no limit")


@pytest.mark.django_db
@pytest.mark.urls("tests.api.probe_urls")
def test_a_program_over_the_limit_is_told_when_to_go_on(cast):
    busy, calm = (program_with(make_token(cast.member)) for _ in range(2))
    assert int(until_refused(busy)["Retry-After"]) >= 1
    assert busy.get(WHO).status_code == 200 and calm.post(WHO).status_code == 200


@pytest.mark.django_db
@pytest.mark.urls("tests.api.probe_urls")
def test_another_address_is_no_way_around_it(cast):
    def elsewhere(number: int) -> dict[str, Any]:
        last = number % 250
        return {"headers": {"x-forwarded-for": f"203.0.113.{last}"}, "REMOTE_ADDR": f"192.0.2.{last}"}

    until_refused(program_with(make_token(cast.member)), elsewhere)
