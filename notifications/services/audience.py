"""Who is told about a torrent: the rules of who may see it, and whose torrent it is, for many torrents at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.models import Share, TorBoxAccount, User
from torrents.models import Torrent

from ..models import TorrentChoice
from .pieces import pieces


class Audience:
    """The people of some torrents, by key, read in a fixed number of queries for each 500 torrents.

    Only people who can sign in count. This is the rule of `TorrentQuerySet.visible_to`, for all people at once, except
    that it also holds for deleted torrents.
    """

    def __init__(self, torrents: Iterable[int], accounts: Iterable[int] = ()) -> None:
        self.torrents = _torrents(torrents)
        keys = {torrent.account_id for torrent in self.torrents.values()}.union(accounts)
        self.active = set(User.objects.filter(is_active=True).values_list("pk", flat=True))
        self.owners = dict(TorBoxAccount.objects.filter(pk__in=keys).values_list("pk", "owner"))
        self.viewers: dict[int, set[int]] = {pk: {owner} for pk, owner in self.owners.items()}
        for account_id, person_id in Share.objects.filter(account__in=keys).values_list("account", "user"):
            if account_id in self.viewers:
                self.viewers[account_id].add(person_id)
        self.followers: dict[int, set[int]] = {}
        self.muters: dict[int, set[int]] = {}
        for torrent_id, person_id, muted in _choices(self.torrents):
            (self.muters if muted else self.followers).setdefault(torrent_id, set()).add(person_id)

    def with_access(self, account_id: int) -> set[int]:
        """Return the people who see an account."""
        return self.viewers.get(account_id, set()) & self.active

    def seeing(self, torrent: Torrent) -> set[int]:
        """Return the people who may see a torrent and haven't muted it."""
        people = self.with_access(torrent.account_id) - self.muters.get(torrent.pk, set())
        if torrent.hidden:
            people &= {torrent.added_by_id, self.owners[torrent.account_id]}
        return people

    def concerned(self, torrent: Torrent) -> set[int]:
        """Return the people whose torrent it is: they added it, follow it, or own the account if no one added it."""
        adder = torrent.added_by_id or self.owners.get(torrent.account_id)
        return self.seeing(torrent) & {adder, *self.followers.get(torrent.pk, ())}


def _torrents(keys: Iterable[int]) -> dict[int, Torrent]:
    rows = Torrent.objects.only("account", "added_by", "hidden", "removed_at", "info_hash", "name")
    return {row.pk: row for piece in pieces(keys) for row in rows.filter(pk__in=piece)}


def _choices(torrents: Iterable[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield who follows or mutes torrents: the torrent, the person, and whether they mute it."""
    for piece in pieces(torrents):
        chosen = TorrentChoice.objects.filter(torrent__in=piece)
        yield from chosen.values_list("torrent", "person", "muted")
