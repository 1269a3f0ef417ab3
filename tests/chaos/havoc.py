"""Random faults: processes are killed, and the queue is lost."""

from __future__ import annotations

import time
from collections import Counter
from random import Random
from typing import Protocol

from simulator.control import Control

from .people import Person
from .plan import EVERY_NTH, KINDS, SILENT_429, Holder, Scale
from .processes import Instance


class Wipeable(Protocol):
    def wipe(self) -> None: ...


def fail_every_tenth_call(control: Control, holders: list[Holder], scale: Scale, seed: int) -> None:
    control.every(EVERY_NTH, KINDS, seed=seed)
    control.every(EVERY_NTH, [*KINDS, SILENT_429], endpoint="checkcached", seed=seed + 1)
    if scale.is_long:
        control.fail("mylist", SILENT_429, key=holders[-1].key)


def wreak(
    instance: Instance, broker: Wipeable, people: list[Person], scale: Scale, rng: Random
) -> Counter[str]:
    """Kill and wipe at random moments, restart dead processes as a supervisor would, and count each."""
    began = time.monotonic()
    done: Counter[str] = Counter()
    for at, what in schedule(scale, rng):
        time.sleep(max(0.0, began + at - time.monotonic()))
        if what == "wipe":
            broker.wipe()
        else:
            _kill(instance, what, people, rng)
        done[what] += 1
    time.sleep(max(0.0, began + scale.havoc_seconds - time.monotonic()))
    return done


def _kill(instance: Instance, what: str, people: list[Person], rng: Random) -> None:
    if what == "web":
        _wait_for_a_paste(people)
        time.sleep(rng.uniform(0, 0.03))
    instance.services[what].kill()
    time.sleep(rng.uniform(0, 1 if what == "web" else 0.3))
    instance.services[what].start()


def _wait_for_a_paste(people: list[Person]) -> None:
    """Wait for the worst moment, when someone waits for the response to a paste."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and not any(person.pasting.is_set() for person in people):
        time.sleep(0.002)


def schedule(scale: Scale, rng: Random) -> list[tuple[float, str]]:
    """Return random times, in seconds, and what happens then, in bursts with pauses between them."""
    moments = [
        (rng.uniform(0, scale.havoc_seconds), what)
        for what, count in scale.events.items()
        for _ in range(count)
    ]
    return sorted(moments)
