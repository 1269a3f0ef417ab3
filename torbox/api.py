"""Helpers that the groups of endpoints share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from torbox.transport import Transport

_HASH = re.compile(r"[0-9a-f]{40}", re.ASCII)


class Api:
    """A group of endpoints. `Client` combines the groups with the transport."""

    _transport: Transport


def spelled(value: bool) -> str:
    """Spell a boolean in lowercase, because TorBox may not read it otherwise (docs/torbox-api.md#quirks)."""
    return "true" if value else "false"


def options(**values: str | int | bool | None) -> dict[str, str]:
    """Return query or form fields. None leaves the choice to TorBox and is not sent."""
    return {
        name: spelled(value) if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value is not None
    }


def checked_hash(info_hash: str) -> str:
    """Return a v1 info hash in lowercase. Raises ValueError."""
    lowered = info_hash.strip().lower()
    if not _HASH.fullmatch(lowered):
        raise ValueError("An info hash has 40 hexadecimal digits.")
    return lowered


def exactly_one(names: str, values: Sequence[object]) -> None:
    """Raise ValueError unless exactly one of `values` is given. None and False count as not given."""
    if sum(value is not None and value is not False for value in values) != 1:
        raise ValueError(f"Give exactly one of {names}.")
