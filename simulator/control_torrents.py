"""Commands for a single torrent: what other clients, the swarm, and TorBox itself do to it."""

from __future__ import annotations

from simulator import controlling, editing, lifecycle
from simulator.accounts import Account
from simulator.errors import Rejection, Unsupported
from simulator.world import Simulator


class TorrentCommands:
    _sim: Simulator

    def remove(self, key: str, hash: str) -> None:
        """Remove a torrent that no one asked to delete."""
        with self._sim.lock:
            owner = self._sim.state.keys[key]
            torrent = owner.torrent_for(hash.lower())
            if torrent is not None:
                self._sim.state.delete(owner, torrent, self._sim.clock.now())
            self._sim.listing.past.remember()

    def edit(
        self,
        key: str,
        hash: str,
        name: str | None = None,
        tags: list[str] | None = None,
        alternative_hashes: list[str] | None = None,
        airlocked: bool | None = None,
    ) -> None:
        """Edit a torrent at TorBox as another client of the account would, which keeps the fields it doesn't change.

        Raises Unsupported with TorBox's code if TorBox would refuse it.
        """
        wanted = editing.Edit(name, tags, alternative_hashes, airlocked)
        with self._sim.lock:
            owner, torrent = self._held(key, hash)
            try:
                editing.edit(self._sim.state, owner, torrent, editing.filled(wanted, torrent))
            except Rejection as error:
                raise Unsupported(str(error)) from error
            self._sim.listing.past.remember()

    def lose_seeds(self, key: str, hash: str, active: bool = False) -> None:
        """Make an unfinished download incomplete: stalled for lack of seeds. With `active` it keeps its slot."""
        with self._sim.lock:
            owner, torrent = self._held(key, hash)
            now = self._sim.clock.now()
            if lifecycle.view(torrent, now).finished:
                raise Unsupported("a finished download needs no seeds")
            controlling.lose_seeds(owner, torrent, now, active)
            self._sim.listing.past.remember()

    def find_seeds(self, key: str, hash: str) -> None:
        """Let a stalled, failed, or incomplete download go on by itself, even without a free slot."""
        with self._sim.lock:
            owner, torrent = self._held(key, hash)
            if torrent.course.stall_at is None:
                raise Unsupported("this download lacks no seeds")
            controlling.find_seeds(owner, torrent, self._sim.clock.now())
            self._sim.listing.past.remember()

    def _held(self, key: str, hash: str) -> tuple[Account, lifecycle.Torrent]:
        owner = self._sim.state.keys[key]
        torrent = owner.torrent_for(hash.lower())
        if torrent is None:
            raise Unsupported(f"this account has no torrent {hash}")
        return owner, torrent
