"""TorBox accounts, their limits, and their use."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from accounts.models import TorBoxAccount

from .base import Answer, Time


class Level(StrEnum):
    """What you may do on an account."""

    OWN = "own"
    VIEW = "view"
    ADD = "add"
    MANAGE = "manage"


class Plan(Answer):
    """What an account has booked at TorBox."""

    id: int = Field(description="TorBox’s number for it.")
    name: str
    ends_at: Time | None


class AccountOut(Answer):
    """A TorBox account of yours, or one that is shared with you."""

    id: int
    label: str
    level: Level
    health: TorBoxAccount.Health
    health_since: Time | None
    detail: str = Field(description="What is wrong, as a sentence for people. Empty if nothing is.")
    refreshed_at: Time | None = Field(description="When its list was read last. Null before the first time.")
    plan: Plan | None = Field(description="Null unless it is your account.")


class Accounts(Answer):
    """The accounts that you see."""

    items: list[AccountOut]


class Limits(Answer):
    """What TorBox still accepts from an account, and what waits for it."""

    account_id: int
    slots: int | None = Field(description="How many torrents may be active at once, if TorBox said so.")
    slots_used: int
    adds_an_hour: int = Field(description="How many torrents may be added an hour. Cached ones don’t count.")
    adds_left: int = Field(description="How many of them are left in this hour.")
    waiting: int = Field(description="How many torrents wait to be sent.")
    unsure: int = Field(description="Of how many of them it isn’t known whether TorBox has them.")
    oldest_at: Time | None = Field(description="Since when the oldest of them waits.")
    done_at: Time | None = Field(description="When all of them will have been sent, if that is known.")


class QueueOut(Answer):
    """The limits of the accounts that you may add to."""

    items: list[Limits]


class DayOut(Answer):
    """The data of a day."""

    day: date = Field(description="In UTC.")
    downloaded: int = Field(description="Bytes.")
    uploaded: int = Field(description="Bytes.")


class UsageOut(Answer):
    """What TorBox reports about the use of an account, at most once an hour."""

    account_id: int
    read_at: Time | None = Field(description="When the report was read. Null before the first time.")
    expected: bool = Field(description="Whether a newer report comes within a minute.")
    downloaded: int = Field(description="Bytes in the last 30 days.")
    published_level: int | None = Field(description="Bytes in 30 days that TorBox publishes for the plan.")
    airlock_used: int | None = Field(description="Bytes that AirLock keeps.")
    airlock_limit: int | None = Field(description="Bytes that AirLock may keep.")
    days: list[DayOut] = Field(description="The oldest first. Days without data are left out.")
