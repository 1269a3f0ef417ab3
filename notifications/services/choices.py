"""What people want to be told, and where: the defaults of events.py, unless they chose otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User

from ..models import Channel


@dataclass(frozen=True)
class Wanted:
    """Where the events of one person go. The keys are an event with "bell", "push", or the key of a channel."""

    chosen: dict[tuple[str, str | int], bool]

    def goes_to_bell(self, event: str) -> bool:
        raise NotImplementedError

    def goes_to(self, event: str, channel: Channel, person: User) -> bool:
        raise NotImplementedError


def wanted_by(people: list[User]) -> dict[int, Wanted]:
    """Return what each of these people wants, by key, in one query."""
    raise NotImplementedError


def choose(person: User, chosen: dict[tuple[str, str | int], bool]) -> None:
    """Store what a person wants. Choices that equal the default aren't stored."""
    raise NotImplementedError


def follow(person: User, torrent_id: int) -> None:
    """Tell the person about a torrent as if they had added it."""
    raise NotImplementedError


def mute(person: User, torrent_id: int) -> None:
    """Tell the person nothing more about a torrent."""
    raise NotImplementedError


def reset(person: User, torrent_id: int) -> None:
    """Undo `follow` or `mute`."""
    raise NotImplementedError
