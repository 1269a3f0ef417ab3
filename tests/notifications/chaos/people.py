"""The people of a run: torrents of their own, torrents they follow, and a channel of the household."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.models import Share, TorBoxAccount, User
from notifications.models import Channel
from notifications.services import channels, choices
from tests.factories import make_account, make_torrent, make_user
from tests.notifications.hooks import ORIGIN
from torrents.models import Activity, Torrent
from torrents.states import Status


@dataclass
class Expected:
    """A channel by the path of its URL, and the torrents that have to arrive there."""

    path: str
    torrents: set[int] = field(default_factory=set)


@dataclass
class Household:
    torrents: list[Torrent]
    expected: list[Expected]


def make_household(count: int) -> Household:
    """Make people with `count` torrents that aren't ready yet.

    Half of them are Mara's, on the account of the owner. Jon follows most of these, a fifth is Kim's on an account of
    her own, and no one added the others. The household's channel gets what its maker and Mara chose for it, and Jon too.
    """
    boss, mara, jon, kim = (
        make_user(name, role=User.Role.OWNER if name == "boss" else User.Role.MEMBER)
        for name in ("boss", "mara", "jon", "kim")
    )
    ours, hers = make_account(boss, "key of the boss"), make_account(kim, "key of kim")
    Share.objects.create(account=ours, user=mara, level=Share.Level.ADD)
    Share.objects.create(account=ours, user=jon, level=Share.Level.VIEW)
    of_mara = _torrents(ours, mara, count // 2, 0)
    of_kim = _torrents(hers, kim, count // 5, 1)
    found = _torrents(ours, None, count - len(of_mara) - len(of_kim), 2)
    followed = of_mara[: len(of_mara) * 2 // 3]
    for torrent in followed:
        choices.follow(jon, torrent.pk)
    for person in (boss, mara, jon, kim):
        _hook(person, f"/{person.username}")
    family = _hook(boss, "/family", household=True)
    for person in (mara, jon):
        choices.choose(person, {("ready", family.pk): True})
    return Household(
        [*of_mara, *of_kim, *found],
        [
            Expected("/boss", _keys(found)),
            Expected("/mara", _keys(of_mara)),
            Expected("/jon", _keys(followed)),
            Expected("/kim", _keys(of_kim)),
            Expected("/family", _keys(found) | _keys(of_mara)),
        ],
    )


def become_ready(torrent: Torrent) -> None:
    """Let a torrent become ready, as the list of TorBox tells the app."""
    Torrent.objects.filter(pk=torrent.pk).update(status=Status.READY)
    Activity.record(torrent, Activity.Kind.READY)


def _torrents(account: TorBoxAccount, person: User | None, count: int, group: int) -> list[Torrent]:
    return [
        make_torrent(
            account,
            f"Film {group}.{number}",
            added_by=person,
            status=Status.DOWNLOADING,
            remote_id=1000 * group + number,
        )
        for number in range(count)
    ]


def _hook(person: User, path: str, household: bool = False) -> Channel:
    return channels.add(person, "webhook", {"url": f"{ORIGIN}{path}"}, household=household)


def _keys(torrents: list[Torrent]) -> set[int]:
    return {torrent.pk for torrent in torrents}
