"""Count what arrived: each thing once for each channel, singly or in a digest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from notifications.models import Delivery, DeliveryState, Notification
from tests.notifications.hooks import Hooks, Taken

from .people import Expected, Household


@dataclass
class Verdict:
    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def count(self, name: str, value: object) -> None:
        self.lines.append(f"{name:<52} {value}")

    def must_be(self, name: str, value: object, right: object) -> None:
        self.count(name, value)
        if value != right:
            self.wrong.append(f"{name}: {value} instead of {right}")


def judge(household: Household, hooks: Hooks) -> Verdict:
    found = Verdict()
    for expected in household.expected:
        _judge_channel(found, expected, hooks.at(expected.path))
    waiting = [DeliveryState.WAITING, DeliveryState.SENDING]
    found.must_be("rows that wait", Delivery.objects.filter(state__in=waiting).count(), 0)
    lost = [DeliveryState.GIVEN_UP, DeliveryState.DROPPED]
    found.must_be("rows given up or dropped", Delivery.objects.filter(state__in=lost).count(), 0)
    told = Counter(Notification.objects.values_list("person__username", flat=True))
    found.count("notifications", ", ".join(f"{name} {count}" for name, count in sorted(told.items())))
    found.count("requests that failed", dict(sorted(hooks.refused.items())))
    found.count("messages that arrived", len(hooks.taken))
    found.count("of these with an id that arrived before", len(hooks.taken) - len(_once(hooks.taken)))
    return found


def _judge_channel(found: Verdict, expected: Expected, taken: list[Taken]) -> None:
    messages = _once(taken)
    arrived = Counter(torrent["id"] for message in messages for torrent in message.body["torrents"])
    found.must_be(f"{expected.path}: torrents lost", len(expected.torrents - set(arrived)), 0)
    found.must_be(f"{expected.path}: torrents of others", len(set(arrived) - expected.torrents), 0)
    found.must_be(f"{expected.path}: torrents told twice", sum(count > 1 for count in arrived.values()), 0)
    changed = [one for one in taken if one.body["torrents"] != _by_id(messages)[one.id].body["torrents"]]
    found.must_be(f"{expected.path}: messages that changed when repeated", len(changed), 0)
    found.count(f"{expected.path}: torrents told, in messages", f"{len(arrived)}, in {len(messages)}")


def _once(taken: list[Taken]) -> list[Taken]:
    """Return the messages that a service sees which knows each id only once."""
    return list({message.id: message for message in reversed(taken)}.values())[::-1]


def _by_id(messages: list[Taken]) -> dict[str, Taken]:
    return {message.id: message for message in messages}
