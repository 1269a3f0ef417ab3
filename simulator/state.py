"""The state of the simulated TorBox, and how it changes with time. No HTTP here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from simulator import catalogue, content_library, lifecycle
from simulator.accounts import Account, Addition, QueueItem
from simulator.clock import Clock
from simulator.content_library import Work
from simulator.errors import Rejection
from simulator.lifecycle import Torrent
from simulator.options import Options

FIRST_TORRENT, FIRST_QUEUED, FIRST_ACCOUNT = 1001, 501, 4242


class State:
    def __init__(self, clock: Clock, options: Options) -> None:
        self.clock, self.options = clock, options
        self.clear()

    def clear(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, Account] = {}
        self.works: dict[str, Work] = dict(catalogue.catalogue())
        self.seen: set[str] = set()
        """Hashes that have been added, so that torrentinfo knows them."""
        self.cache: set[str] = set()
        self.holders: dict[str, set[str]] = defaultdict(set)
        self.accepted: Counter[tuple[str, str]] = Counter()
        self.repeated: Counter[tuple[str, str]] = Counter()
        """Creates of existing torrents. They are harmless here, but an unnecessary call by the client."""
        self.next_torrent, self.next_queued = FIRST_TORRENT, FIRST_QUEUED

    # -- accounts

    def add_account(self, account: Account) -> Account:
        self.accounts[account.auth_id] = account
        for key in account.keys:
            self.keys[key] = account
        return account

    def rotate(self, key: str, new_key: str) -> None:
        """Replace a key. The old one stops working immediately."""
        account = self.keys.pop(key)
        account.keys = [new_key if known == key else known for known in account.keys]
        self.keys[new_key] = account

    # -- works

    def work(self, info_hash: str, name: str | None = None) -> Work:
        """Return the work of a hash, made up if it isn't known."""
        known = self.works.get(info_hash)
        return known if known is not None else content_library.invent(info_hash, name)

    def learn(self, work: Work) -> None:
        """Remember a work. One with a .torrent replaces one without."""
        known = self.works.get(work.info_hash)
        if known is None or (work.torrent_bytes and not known.torrent_bytes):
            self.works[work.info_hash] = work

    def is_cached(self, info_hash: str, now: float) -> bool:
        if info_hash in self.cache:
            return True
        held = (self.accounts[auth_id].torrent_for(info_hash) for auth_id in self.holders.get(info_hash, ()))
        return any(torrent.stored_at <= now < torrent.expires_at for torrent in held if torrent)

    # -- torrents

    def new_torrent(self, account: Account, addition: Addition, now: float) -> Torrent:
        """Add a torrent. It starts now, or is complete immediately if cached."""
        cached = self.is_cached(addition.work.info_hash, now)
        torrent = Torrent(
            id=self.next_torrent,
            auth_id=account.auth_id,
            work=addition.work,
            course=lifecycle.course_for(addition.work, self.options, addition.seed),
            created_at=now,
            started_at=now,
            changed_at=now,
            cached_at=now if cached else None,
            magnet=addition.magnet,
            name=addition.name,
            uploaded=addition.uploaded,
            seed=addition.seed,
            allow_zip=addition.allow_zip,
        )
        self.next_torrent += 1
        self.keep(account, torrent)
        return torrent

    def keep(self, account: Account, torrent: Torrent) -> None:
        info_hash = torrent.work.info_hash
        self.learn(torrent.work)
        self.seen.add(info_hash)
        self.holders[info_hash].add(account.auth_id)
        account.put(torrent)

    def delete(self, account: Account, torrent: Torrent, now: float) -> None:
        """Delete a torrent. If it was stored, it stays in the shared cache."""
        if torrent.stored_at <= now < torrent.expires_at:
            self.cache.add(torrent.work.info_hash)
        self.holders[torrent.work.info_hash].discard(account.auth_id)
        account.remove(torrent)

    def enqueue(self, account: Account, addition: Addition, now: float) -> QueueItem:
        if len(account.queue) >= self.options.queue_max:
            raise Rejection("DIFF_ISSUE", "The maximum queued downloads is reached.")
        item = QueueItem(self.next_queued, addition, now)
        self.next_queued += 1
        self.learn(addition.work)
        account.queue.append(item)
        return item

    def use(self, auth_id: str, torrent_id: int, now: float) -> None:
        """Note that a download of a torrent began, so it is kept for longer. A removed one isn't restored by that."""
        account = self.accounts.get(auth_id)
        torrent = account.torrents.get(torrent_id) if account else None
        if account and torrent and now < torrent.expires_at:
            account.put(replace(torrent, used_at=now, row={}))

    def without_airlock(self, torrent: Torrent, at: float) -> Torrent:
        """Return a torrent that isn't in AirLock. If it was until now, its time may start over (`airlock_end`)."""
        if not torrent.airlocked:
            return torrent
        used = at if self.options.airlock_end == "restart" else torrent.used_at
        return replace(torrent, airlocked=False, used_at=used, row={})

    # -- time

    def settle(self) -> float:
        """End AirLock where the plan has lapsed, start queued items in slots that are free, and return the time."""
        now = self.clock.now()
        for account in self.accounts.values():
            if account.airlocked and account.premium_expires_at is not None:
                self._end_airlock(
                    account, account.premium_expires_at + self.options.airlock_lapse_seconds, now
                )
            if account.queue:
                self._move_queue(account, now)
        return now

    def _end_airlock(self, account: Account, end: float, now: float) -> None:
        for id_ in sorted(account.airlocked) if now >= end else ():
            account.put(self.without_airlock(account.torrents[id_], end))

    def _move_queue(self, account: Account, now: float) -> None:
        while account.queue:
            item = account.queue[0]
            if item.created_at + self.options.queue_seconds > now:
                return
            start = self._next_start(account, item)
            if start > now:
                return
            account.queue.pop(0)
            self.new_torrent(account, item.addition, start)

    def _next_start(self, account: Account, item: QueueItem) -> float:
        """Return when the item gets a slot: after its minimum wait, once enough slots are free."""
        ready = item.created_at + float(self.options.queue_seconds)
        ends = sorted(account.torrents[id_].released_at for id_ in account.active(ready))
        surplus = len(ends) - account.slots
        return ready if surplus < 0 else max(ready, ends[surplus])

    def rows(self) -> Iterator[tuple[Account, Torrent]]:
        for account in self.accounts.values():
            for torrent in account.torrents.values():
                yield account, torrent
