"""Commands that control the simulator, as Python methods and as JSON under /_sim/ (control_http.py).

They are for tests and demos. TorBox has none of them.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from simulator import content_library, lifecycle, scenarios, seeding
from simulator.content_library import Work
from simulator.control_torrents import TorrentCommands
from simulator.errors import Unsupported
from simulator.malformed_lists import MYLIST, Oddity
from simulator.world import Simulator


class Control(TorrentCommands):
    def __init__(self, sim: Simulator, scenario: str = "empty") -> None:
        self._sim = sim
        self.scenario = scenario

    # -- state

    def reset(
        self,
        scenario: str | None = None,
        options: dict[str, Any] | None = None,
        now: float | None = None,
        **settings: Any,
    ) -> str:
        """Start over with default options, except for those given. Settings go to the scenario.

        The clock continues unless `now` sets it.
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
        """Add accounts and torrents, described as in seeding.py, and return their ids."""
        with self._sim.lock:
            made = [seeding.account(self._sim, spec) for spec in accounts or []]
            placed = [seeding.torrent(self._sim, spec) for spec in torrents or []]
            self._sim.listing.past.remember()
            return {"accounts": [account.auth_id for account in made], "torrents": placed}

    def cache(self, hashes: list[str], cached: bool = True) -> int:
        """Make hashes cached or uncached."""
        given = {info_hash.lower() for info_hash in hashes}
        with self._sim.lock:
            self._sim.state.cache = self._sim.state.cache | given if cached else self._sim.state.cache - given
            return len(self._sim.state.cache)

    def rotate(self, key: str, new_key: str) -> None:
        with self._sim.lock:
            self._sim.state.rotate(key, new_key)

    def account(self, key: str, **changes: Any) -> None:
        """Set fields of an account, such as plan, additional_slots, cooldown_until, and monthly_used."""
        with self._sim.lock:
            owner = self._sim.state.keys[key]
            for name, value in changes.items():
                if not hasattr(owner, name):
                    raise Unsupported(f"an account has no {name}")
                setattr(owner, name, value)

    def usage(self, key: str, downloaded: list[int], uploaded: list[int] | None = None) -> None:
        """Replace what user/stats says of an account: bytes of consecutive days, the last one today."""
        with self._sim.lock:
            owner = self._sim.state.keys[key]
            now = self._sim.clock.now()
            self._sim.usage.set_history(owner.auth_id, now, downloaded, uploaded or ())

    # -- works

    def make_work(
        self, name: str, files: dict[str, int] | list[tuple[str, int]] | int = 100_000, source: str = "",
        private: bool = False,
    ) -> Work:  # fmt: skip
        """Make a work with a real .torrent, which the simulator knows from now on."""
        made = content_library.make(name, files, source=source, private=private)
        with self._sim.lock:
            self._sim.state.learn(made)
        return made

    def expected_bytes(self, info_hash: str, path: str) -> bytes:
        """Return the bytes a download of this file must have. `path` may include the root folder."""
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
        """Set the virtual seconds per real second. 0 freezes the clock."""
        self._sim.clock.set_speed(factor)
        return factor

    def freeze(self) -> float:
        return self.speed(0)

    # -- faults and switches

    def fail(self, endpoint: str = "*", kind: str = "status", times: int = 1, **more: Any) -> None:
        """Make the next calls fail. faults.py lists kinds and fields."""
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
        """Make every nth call fail in a random way of `kinds`. An endpoint's own plan takes precedence. 0 stops it."""
        with self._sim.lock:
            self._sim.faults.plan_every(nth, kinds, endpoint, seed, after)

    def hold_downloads(self, after: int | None = None) -> int:
        """Let the CDN fall silent once it has sent so many bytes, None for never. Return how many it has sent."""
        gate = self._sim.cdn.gate
        gate.close_after(math.inf if after is None else after)
        return gate.sent

    def sent_bytes(self) -> int:
        """Return how many bytes of content the CDN has sent."""
        return self._sim.cdn.gate.sent

    def faults(self) -> dict[str, int]:
        """Return how many calls have failed as planned, and how many are left to fail."""
        with self._sim.lock:
            faults = self._sim.faults
            return {"done": faults.done, "planned": sum(fault.times for fault in faults.planned)}

    def clear_faults(self) -> None:
        """Remove all faults, so that calls and lists are correct from now on."""
        with self._sim.lock:
            self._sim.faults.clear()
            self._sim.listing.oddities.clear()

    # -- lists with wrong rows; `times` counts responses, so two pages count as two

    def drop_from_list(self, key: str, hash: str, times: int = 1) -> None:
        """Leave a row out of the next `times` list responses."""
        self._odd(key, only=hash.lower(), times=times)

    def thin_list(
        self, key: str, share: float = 1.0, times: int = 1, endpoint: str = MYLIST, seed: int = 0
    ) -> None:
        """Leave out a share of the rows, by hash, all by default. `endpoint`: mylist or getqueued."""
        self._odd(key, share=share, times=times, endpoint=endpoint, seed=seed)

    def repeat_rows(self, key: str, times: int = 1, endpoint: str = MYLIST) -> None:
        """Repeat every row with the same id."""
        self._odd(key, repeat=True, times=times, endpoint=endpoint)

    def shift_pages(self, key: str, rows: int = 1, times: int = 1) -> None:
        """Remove `rows` rows of page 1 after it was read, so that later pages skip as many rows.

        A negative number adds rows: later pages begin with the rows that page 1 ended with.
        """
        self._odd(key, shift=rows, times=times)

    def odd_row(self, key: str, hash: str, values: dict[str, Any], endpoint: str = MYLIST) -> None:
        """Replace values of a row, with any type, from now on. Without values the row is correct again."""
        with self._sim.lock:
            owner = self._sim.state.keys[key]
            self._sim.listing.oddities.spoil(owner.auth_id, endpoint, hash.lower(), values)

    def _odd(self, key: str, **values: Any) -> None:
        with self._sim.lock:
            self._sim.listing.oddities.plan(Oddity(self._sim.state.keys[key].auth_id, **values))

    def options(self, **values: Any) -> dict[str, Any]:
        """Change switches and return all of them."""
        with self._sim.lock:
            self._sim.options.update(values)
            self._sim.listing.past.remember()
            return self._sim.options.as_dict()

    # -- recorded calls

    def calls(self, last: int = 200) -> dict[str, Any]:
        with self._sim.lock:
            return self._sim.calls.as_json(int(last))

    def count(self, endpoint: str = "*", key: str = "*", bypass: bool | None = None) -> int:
        with self._sim.lock:
            return self._sim.calls.total(endpoint, key, bypass)

    def refused(self, key: str = "*", endpoint: str = "*") -> int:
        """Return how many calls exceeded a limit of TorBox since reset_calls. Planned faults don't count."""
        with self._sim.lock:
            return self._sim.calls.total_refused(key, endpoint)

    def most_at_once(self, key: str = "*") -> int:
        """Return the largest number of concurrent calls of one key since reset_calls."""
        return self._sim.calls.most_at_once(key)

    def reset_calls(self) -> None:
        with self._sim.lock:
            self._sim.calls.clear()

    def accepted(self, key: str = "*") -> dict[str, int]:
        """Return by info hash how many creates added something to the account (or to any account)."""
        with self._sim.lock:
            return self._by_hash(self._sim.state.accepted, key)

    def repeated(self, key: str = "*") -> dict[str, int]:
        """Return by info hash how many creates asked for something the account already had."""
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
        {
            "id": item.id,
            "hash": item.addition.work.info_hash,
            "name": item.addition.name or item.addition.work.name,
        }
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


def _torrent_json(torrent: lifecycle.Torrent, now: float) -> dict[str, Any]:
    seen = lifecycle.view(torrent, now)
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
        "airlocked": torrent.airlocked,
    }
