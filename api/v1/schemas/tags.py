"""Tags."""

from __future__ import annotations

from pydantic import Field

from .base import Answer


class TagOut(Answer):
    """A tag of torrents that you see."""

    name: str
    torrents: int = Field(description="How many of them have it.")


class Tags(Answer):
    """The tags that are used most, those on the most torrents first."""

    items: list[TagOut]
