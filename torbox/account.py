"""The owner of an API key, what they used, and the limits of the plans (docs/torbox-api.md#user-and-plans)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Self

from torbox.errors import Malformed
from torbox.fields import MAX_COUNT, Fields

GIB = 1024**3
MAX_PLAN = 2**15 - 1  # the largest number that a database stores in two bytes
MAX_SLOTS = MAX_COUNT // 2
MAX_DAYS = 100  # rows of statistics; TorBox sends 30
#: The names under which a row of statistics may have its day, because no source gives one.
DAY_NAMES = ("date", "day", "timestamp", "time", "created_at")


@dataclass(frozen=True, slots=True)
class Plan:
    """The limits of a plan. `slots`: downloads at a time. `max_item_size`: bytes per torrent."""

    name: str
    slots: int
    max_item_size: int


# The numbers are not in order of price: Standard is 3, Pro is 2.
PLANS = {
    0: Plan("Free", 1, 10 * GIB),
    1: Plan("Essential", 3, 200 * GIB),
    2: Plan("Pro", 10, 500 * GIB),
    3: Plan("Standard", 5, 200 * GIB),
}


@dataclass(frozen=True, slots=True)
class User:
    """The account behind an API key. `plan` is None if unknown.

    The email address and the settings are left out on purpose, because they contain secrets.
    """

    id: int
    auth_id: str
    plan: int | None
    is_subscribed: bool = False
    premium_expires_at: datetime | None = None
    cooldown_until: datetime | None = None
    additional_concurrent_slots: int = 0
    total_downloaded: int = 0
    torrents_downloaded: int = 0
    total_bytes_downloaded: int = 0
    total_bytes_uploaded: int = 0
    long_term_seeding: bool = False
    long_term_storage: bool = False
    created_at: datetime | None = None

    @classmethod
    def from_json(cls, obj: object) -> Self:
        fields = Fields(obj)
        return cls(
            id=fields.id("id"),
            auth_id=fields.text("auth_id"),
            plan=_plan(fields),
            is_subscribed=fields.boolean("is_subscribed"),
            premium_expires_at=fields.time("premium_expires_at"),
            cooldown_until=fields.time("cooldown_until"),
            additional_concurrent_slots=max(
                0, fields.integer("additional_concurrent_slots", largest=MAX_SLOTS)
            ),
            total_downloaded=max(0, fields.integer("total_downloaded")),
            torrents_downloaded=max(0, fields.integer("torrents_downloaded")),
            total_bytes_downloaded=max(0, fields.integer("total_bytes_downloaded")),
            total_bytes_uploaded=max(0, fields.integer("total_bytes_uploaded")),
            long_term_seeding=fields.boolean("long_term_seeding"),
            long_term_storage=fields.boolean("long_term_storage"),
            created_at=fields.time("created_at"),
        )

    @property
    def plan_name(self) -> str:
        known = self._known_plan()
        return known.name if known else "Unknown plan" if self.plan is None else f"Plan {self.plan}"

    @property
    def slots(self) -> int | None:
        """Return the downloads at a time with purchased extras, or None for an unknown plan."""
        known = self._known_plan()
        return known.slots + self.additional_concurrent_slots if known else None

    @property
    def max_item_size(self) -> int | None:
        """Return the bytes per torrent, or None for an unknown plan."""
        known = self._known_plan()
        return known.max_item_size if known else None

    def _known_plan(self) -> Plan | None:
        return None if self.plan is None else PLANS.get(self.plan)


def _plan(fields: Fields) -> int | None:
    number = fields.integer("plan", -1, MAX_PLAN)
    return number if 0 <= number < MAX_PLAN else None


class UsageDay(NamedTuple):
    """What an account transferred in a day, in bytes. A value is None if TorBox didn't say it."""

    day: date | None
    bytes_downloaded: int
    bytes_uploaded: int | None


@dataclass(frozen=True, slots=True)
class UsageStats:
    """What an account used lately. `days` is in TorBox's order. AirLock is in bytes, None if unknown."""

    airlock_used: int | None = None
    airlock_limit: int | None = None
    days: tuple[UsageDay, ...] = ()

    @classmethod
    def from_json(cls, obj: object) -> Self:
        """Read statistics, any part of which may be missing. Raises Malformed for a value other than an object."""
        fields = Fields({} if obj is None else obj)
        general = _part(fields.raw("general"))
        rows = fields.items("bandwidth") or []
        return cls(
            airlock_used=_bytes(general, "airlocked_downloads"),
            airlock_limit=_bytes(general, "airlock_storage_limit"),
            days=tuple(_usage_day(_part(row)) for row in rows[:MAX_DAYS] if isinstance(row, dict)),
        )


def _part(value: object) -> Fields:
    try:
        return Fields(value)
    except Malformed:
        return Fields({})


def _bytes(fields: Fields, key: str) -> int | None:
    number = fields.integer(key, -1)
    return number if number >= 0 else None


def _usage_day(fields: Fields) -> UsageDay:
    moments = (fields.time(name) for name in DAY_NAMES)
    moment = next((moment for moment in moments if moment), None)
    return UsageDay(
        moment.date() if moment else None,
        _bytes(fields, "bytes_downloaded") or 0,
        _bytes(fields, "bytes_uploaded"),
    )
