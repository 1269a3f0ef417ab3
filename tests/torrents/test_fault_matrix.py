"""Everything that is asked of TorBox, against everything that can go wrong on the way.

What is asked stands in faults/situations.py, what goes wrong in faults/kinds.py, and what the app makes of it in
the tables there. In every cell nothing is lost or invented, and once TorBox is well again one more go leads to
the proper end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.utils import timezone

from tests.torrents.faults.kinds import FAULTS, rows_of
from tests.torrents.faults.situations import SITUATIONS
from tests.torrents.faults.tables_of_wishes import ADD
from tests.torrents.faults.world import World, outcome

# A call whose answer was lost may have been carried out; of the others that is known.
UNSURE = [fault for fault, row in rows_of(ADD).items() if row[1] == "unsure"]
ALL_CELLS = [
    (name, fault) for name in SITUATIONS for fault in (UNSURE if name.endswith("that arrives") else FAULTS)
]
# On PostgreSQL every eighth, in which each situation and each fault comes up, unless FAULTS=all.
EVERY = 1 if os.environ["STACK"] == "sqlite" or os.environ.get("FAULTS") == "all" else 8
CELLS = [
    (name, fault)
    for name, fault in ALL_CELLS
    if (list(SITUATIONS).index(name) + list(FAULTS).index(fault)) % EVERY == 0
]
# With a key that is not stored there is nothing to remember a pause by.
STORED = [name for name in SITUATIONS if name not in ("user/me on connecting", "createtorrent that arrives")]
# Knowing what is cached is not needed any more, and the plan is read once a day.
WAITS_LONGER = ("checkcached before sending", "user/me in the background")
WRITES = ("createtorrent", "controltorrent", "controlqueued")
RETRIES = 2


@pytest.fixture
def world(cast, sim, sign_in, time_machine, settings) -> Iterator[World]:
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)
    with World(cast, sim, sign_in(cast.owner), time_machine, settings) as world:
        yield world


def test_every_table_tells_of_every_fault():
    assert all(list(rows_of(situation.table)) == list(FAULTS) for situation in SITUATIONS.values())


def test_each_situation_and_each_fault_comes_up_on_each_database():
    assert {name for name, _ in CELLS} == set(SITUATIONS)
    assert {fault for _, fault in CELLS} == set(FAULTS)


@pytest.mark.parametrize(("name", "fault"), CELLS, ids=[" × ".join(cell) for cell in CELLS])
def test_a_fault_is_told_and_survived(world, name, fault):
    situation = SITUATIONS[name]
    expected = rows_of(situation.table)[fault]
    line = " | ".join(expected)
    situation.prepare(world)
    wanted = world.rows()

    world.begin(situation.endpoint, fault, arrives=name.endswith("that arrives"))
    page = situation.act(world) or world.open("list")
    assert outcome(world, page, line) == line
    assert set(world.rows()) == set(wanted) and (world.rows() == wanted or expected[1] == "failed")
    assert world.asked(situation.endpoint) <= (1 if situation.endpoint in WRITES else 1 + RETRIES)
    assert world.is_whole(page)

    world.end(fault)
    page = situation.again(world) or page
    assert situation.ended(world, page)
    assert set(wanted) <= set(world.rows()) <= set(world.at_torbox) | set(wanted)
    assert world.is_whole(page)


@pytest.mark.parametrize("name", STORED)
def test_an_endpoint_that_asked_for_a_pause_is_left_alone_for_it(world, name):
    situation = SITUATIONS[name]
    situation.prepare(world)
    world.begin(situation.endpoint, "429 with a time")
    for _ in range(3):
        situation.act(world)
        world.pass_time(seconds=10)
    assert world.asked(situation.endpoint) == 1
    world.pass_time(seconds=10)
    situation.act(world)
    assert world.asked(situation.endpoint) == 2 or name in WAITS_LONGER
