"""What all schemas have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from django.db import models
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from torbox.sanitize import is_blank, plain_text

Item = TypeVar("Item")
Choice = TypeVar("Choice", bound=models.TextChoices)


def as_utc(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC with seconds: 2026-03-01T12:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Time = Annotated[
    AwareDatetime,
    PlainSerializer(as_utc, when_used="unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _in_utc(moment: datetime) -> datetime:
    """Return a time of a program in UTC. Raises ValueError if people in other time zones couldn't be shown it."""
    if not 1970 <= moment.year < 9999:
        raise ValueError("too long ago, or too far ahead")
    return moment.astimezone(UTC)


def _as_stored(text: str) -> str:
    """Return a text of a program as it is stored, on one line. Raises ValueError if no one could see it."""
    stored = plain_text(text)
    if is_blank(stored):
        raise ValueError("nothing to see")
    return stored


VISIBLE = AfterValidator(_as_stored)
SentTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Answer(BaseModel):
    """Something that programs get."""

    model_config = ConfigDict(use_enum_values=False, ser_json_inf_nan="null")


class Sent(BaseModel):
    """Something that programs send. A field that doesn't exist is refused, because it may be a misspelled one."""

    model_config = ConfigDict(extra="forbid", str_max_length=10_000)


class Page(Answer, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next_cursor: str | None = Field(
        description="The value of `cursor` for the next page, or null if this is the last one. It doesn’t expire."
    )


def known(codes: type[Choice], stored: str) -> Choice | None:
    """Return a stored code, or None if it is empty or one that we don't know."""
    return codes(stored) if stored in codes else None
