"""The control side: the same commands as Python methods and as JSON under /_sim/ (control_http.py).

Everything here is for tests and demos; nothing of it exists in TorBox.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from simulator import life, scenarios, seeding, works
from simulator.app import Simulator
from simulator.errors import Unsupported
from simulator.oddities import MYLIST, Oddity
from simulator.works import Work


class Control:
    def __init__(self, sim: Simulator, scenario: str = "empty") -> None:
        self._sim = sim
        self.scenario = scenario

    # -- the world

    def reset(
        self,
        scenario: str | None = None,
        options: dict[str, Any] | None = None,
        now: float | None = None,
        **settings: Any,
    ) -> str:
        """Back to the start, with default options but for those given. Settings go to the scenario.

        The clock goes on as it was, unless `now` sets it.
        """
        with self._sim.lock:
            self.scenario = scenario or self.scenario
            defaults = type(self._sim.options)().as_dict()
            self._sim.options.update(defaults | (options or {}))
            if now is not None:
                self._sim.clock.set(now)
            scenarios.load(self._sim, self.scenario, **settings)
            self._sim.listing.past.remember()
            return self.scenario

    def seed(
        self, accounts: list[dict[str, Any]] | None = None, torrents: list[dict[str, Any]] | None = None
    ) -> dict[str, Any]:
        """Adds accounts and torrents, described as in seeding.py; answers the ids they got."""
        with self._sim.lock:
            made = [seeding.account(self._sim, spec) for spec in accounts or []]
            placed = [seeding.torrent(self._sim, spec) for spec in torrents or []]
            self._sim.listing.past.remember()
            return {"accounts": [account.auth_id for account in made], "torrents": placed}

    def cache(self, hashes: list[str], cached: bool = True) -> int:
        """Makes hashes cached, or forgets that they are."""
        given = {info_hash.lower() for info_hash in hashes}
        with self._sim.lock:
            self._sim.state.cache = self._sim.state.cache | given if cached else self._sim.state.cache - given
            return len(self._sim.state.cache)

    def rotate(self, key: str, new_key: str) -> None:
        with self._sim.lock:
            self._sim.state.rotate(key, new_key)

    def account(self, key: str, **changes: Any) -> None:
        """Sets fields of an account: plan, additional_slots, cooldown_until, monthly_used …"""
        with self._sim.lock:
            owner = self._sim.state.keys[key]
            for name, value in changes.items():
                if not hasattr(owner, name):
                    raise Unsupported(f"an account has no {name}")
                setattr(owner, name, value)

    def remove(self, key: str, hash: str) -> None:
        """The torrent goes away without anybody asking for it."""
        with self._sim.lock:
            owner = self._sim.state.keys[key]
            torrent = owner.torrent_for(hash.lower())
            if torrent is not None:
                self._sim.state.delete(owner, torrent, self._sim.clock.now())
            self._sim.listing.past.remember()

    # -- works

    def make_work(
        self, name: str, files: dict[str, int] | list[tuple[str, int]] | int = 100_000, source: str = "",
        private: bool = False,
    ) -> Work:  # fmt: skip
        """A work with a true .torrent, known to the simulator from now on."""
        made = works.make(name, files, source=source, private=private)
        with self._sim.lock:
            self._sim.state.learn(made)
        return made

    def expected_bytes(self, info_hash: str, path: str) -> bytes:
        """What a download of this file must give; the path with or without the root folder."""
        return self.work(info_hash).expected_bytes(path)

    def work(self, info_hash: str) -> Work:
        with self._sim.lock:
            return self._sim.state.work(info_hash.lower())

    # -- time

    def now(self) -> float:
        return self._sim.clock.now()

    def advance(self, seconds: float) -> float:
        with self._sim.lock:
            self._sim.clock.advance(seconds)
            now = self._sim.state.settle()
            self._sim.listing.past.remember()
            return now

    def speed(self, factor: float) -> float:
        """Virtual seconds per real second; 0 stands still."""
        self._sim.clock.set_speed(factor)
        return factor

    def freeze(self) -> float:
        return self.speed(0)

    # -- misfortune and switches

    def fail(self, endpoint: str = "*", kind: str = "status", times: int = 1, **more: Any) -> None:
        """The next calls fail, see faults.py for kinds and fields."""
        with self._sim.lock:
            self._sim.faults.plan({"endpoint": endpoint, "kind": kind, "times": times, **more})

    def every(
        self,
        nth: int,
        kinds: list[Any] | None = None,
        endpoint: str = "*",
        seed: int = 0,
        after: bool | str = "random",
    ) -> None:
        """Every nth call fails in a way drawn from `kinds`, an endpoint's own plan going first; 0 stops it."""
        with self._sim.lock:
            self._sim.faults.plan_every(nth, kinds, endpoint, seed, after)

    def faults(self) -> dict[str, int]:
        """How many calls have failed as planned, and how many are still to."""
        with self._sim.lock:
            faults = self._sim.faults
            return {"done": faults.done, "planned": sum(fault.times for fault in faults.planned)}

    def clear_faults(self) -> None:
        """Calls and lists answer truly from now on."""
        with self._sim.lock:
            self._sim.faults.clear()
            self._sim.listing.oddities.clear()

    # -- lists that tell the wrong rows; `times` counts answers, so two pages are two

    def drop_from_list(self, key: str, hash: str, times: int = 1) -> None:
        """Leaves a row out of the next `times` list answers."""
        self._odd(key, only=hash.lower(), times=times)

    def thin_list(
        self, key: str, share: float = 1.0, times: int = 1, endpoint: str = MYLIST, seed: int = 0
    ) -> None:
        """Leaves out a share of the rows, by hash; all of them unless told otherwise. `endpoint`: mylist or getqueued."""
        self._odd(key, share=share, times=times, endpoint=endpoint, seed=seed)

    def repeat_rows(self, key: str, times: int = 1, endpoint: str = MYLIST) -> None:
        """Every row comes twice, ids and all."""
        self._odd(key, repeat=True, times=times, endpoint=endpoint)

    def shift_pages(self, key: str, rows: int = 1, times: int = 1) -> None:
        """`rows` rows of page 1 disappear after it was read: later pages begin so much later and skip as many.

        Below zero, rows have come in: later pages begin with what page 1 ended with.
        """
        self._odd(key, shift=rows, times=times)

    def _odd(self, key: str, **values: Any) -> None:
        with self._sim.lock:
            self._sim.listing.oddities.plan(Oddity(self._sim.state.keys[key].auth_id, **values))

    def options(self, **values: Any) -> dict[str, Any]:
        """Changes switches and answers all of them."""
        with self._sim.lock:
            self._sim.options.update(values)
            self._sim.listing.past.remember()
            return self._sim.options.as_dict()

    # -- what happened

    def calls(self, last: int = 200) -> dict[str, Any]:
        with self._sim.lock:
            return self._sim.calls.as_json(int(last))

    def count(self, endpoint: str = "*", key: str = "*", bypass: bool | None = None) -> int:
        with self._sim.lock:
            return self._sim.calls.total(endpoint, key, bypass)

    def refused(self, key: str = "*", endpoint: str = "*") -> int:
        """How many calls were beyond a limit of TorBox, since reset_calls. Planned faults do not count."""
        with self._sim.lock:
            return self._sim.calls.total_refused(key, endpoint)

    def most_at_once(self, key: str = "*") -> int:
        """The most calls of one key that were waiting for their answer together, since reset_calls."""
        return self._sim.calls.most_at_once(key)

    def reset_calls(self) -> None:
        with self._sim.lock:
            self._sim.calls.clear()

    def accepted(self, key: str = "*") -> dict[str, int]:
        """Per info hash: how many creates put something on the account (or on any account)."""
        with self._sim.lock:
            return self._by_hash(self._sim.state.accepted, key)

    def repeated(self, key: str = "*") -> dict[str, int]:
        """Per info hash: how many creates asked for what was on the account already."""
        with self._sim.lock:
            return self._by_hash(self._sim.state.repeated, key)

    def _by_hash(self, counts: Counter[tuple[str, str]], key: str) -> dict[str, int]:
        owner = None if key == "*" else self._sim.state.keys[key].auth_id
        totals: dict[str, int] = {}
        for (auth_id, info_hash), number in counts.items():
            if owner in (None, auth_id):
                totals[info_hash] = totals.get(info_hash, 0) + number
        return totals

    def state(self) -> dict[str, Any]:
        with self._sim.lock:
            now = self._sim.state.settle()
            accounts = [_account_json(account, now) for account in self._sim.state.accounts.values()]
            return {"now": now, "accounts": accounts, "cache": sorted(self._sim.state.cache)}


def _account_json(account: Any, now: float) -> dict[str, Any]:
    queue = [
        {"id": item.id, "hash": item.wish.work.info_hash, "name": item.wish.name or item.wish.work.name}
        for item in account.queue
    ]
    return {
        "keys": account.keys,
        "auth_id": account.auth_id,
        "plan": account.plan,
        "slots": account.slots,
        "active": len(account.active(now)),
        "user_ips": account.user_ips,
        "monthly_used": account.monthly_used,
        "torrents": [_torrent_json(torrent, now) for torrent in account.torrents.values()],
        "queue": queue,
    }


def _torrent_json(torrent: life.Torrent, now: float) -> dict[str, Any]:
    seen = life.view(torrent, now)
    return {
        "id": torrent.id,
        "hash": torrent.work.info_hash,
        "name": torrent.name or torrent.work.name,
        "size": torrent.work.size,
        "state": seen.state,
        "progress": seen.progress,
        "active": seen.active,
        "finished": seen.finished,
        "present": seen.present,
        "seed": torrent.seed,
        "tags": list(torrent.tags),
    }
