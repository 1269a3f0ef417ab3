"""While every tenth call fails in one way or another, every add still reaches TorBox exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TorBoxAccount
from tests.factories import make_account, make_hash, make_key, make_user
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import AddRequest, RequestState, Torrent
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing

KINDS = [
    "drop",
    "truncate",
    "html502",
    "500",
    "500_envelope",
    "503",
    "429",
    "429_headers",
    "wrong_types",
    "not_json",
    "empty",
]
ACCOUNTS, WISHES, HOURS = 3, 24, 4
STEP = 30  # seconds of virtual time


def beat() -> None:
    """One round of what beat and a worker do."""
    for account_id in refreshing.due_account_ids():
        tasks.refresh_account(account_id)
    for account_id in sending.account_ids_with_due():
        tasks.send_adds(account_id)
    for account_id in controls.account_ids_with_due():
        tasks.send_controls(account_id)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_wish_arrives_exactly_once(db, sim, settings, time_machine, seed):
    settings.TORBOX_TIMEOUT = (1, 5)
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)
    wanted: dict[str, set[str]] = {}
    for number in range(ACCOUNTS):
        key = make_key(f"chaos {seed} {number}")
        sim.control.seed(accounts=[{"key": key, "plan": "pro", "slots": 40}])
        person = make_user(f"person{number}")
        account = make_account(person, key, label=f"Account {number}")
        names = [f"{seed} {number} {new_torrent}" for new_torrent in range(WISHES)]
        new_torrents = [NewTorrent(Magnet(make_hash(name), name)) for name in names]
        add(person=person, account=account, new_torrents=new_torrents, options=Options())
        wanted[key] = {make_hash(name) for name in names}
    sim.control.every(10, KINDS, seed=seed)
    for _ in range(HOURS * 3600 // STEP):
        time_machine.shift(timedelta(seconds=STEP))
        sim.control.advance(STEP)
        beat()
        if not AddRequest.objects.exclude(state=RequestState.DONE).exists():
            break
    sim.control.every(0)
    for key, hashes in wanted.items():
        assert sim.control.accepted(key) == dict.fromkeys(hashes, 1)
    states = dict.fromkeys(AddRequest.objects.values_list("state", flat=True))
    assert list(states) == [RequestState.DONE]
    time_machine.shift(timedelta(seconds=1200))
    sim.control.advance(1200)
    TorBoxAccount.objects.update(probe_at=None)
    beat()
    assert not Torrent.objects.filter(remote_id=None, queued_id=None).exists()
