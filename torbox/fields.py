"""Reading one value at a time out of TorBox's JSON: lenient about spelling, strict about meaning.

Numbers may come as strings, booleans as 0/1, times in two formats (docs/torbox-api.md#quirks).
A missing or null value gives the default; anything that cannot be understood raises Malformed
naming the field, so that no half-read object leaves this package.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from torbox.cleaning import plain_text
from torbox.errors import Malformed

MAX_INT = 2**63 - 1
TEXT_LIMIT = 1000
PATH_LIMIT = 4096
MAGNET_LIMIT = 65536

_HASH = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,4})?", re.ASCII)
_TRUTH = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}


class Fields:
    """Typed access to one JSON object. Every method raises Malformed with the field's name."""

    def __init__(self, source: object, name: str = "data") -> None:
        if not isinstance(source, Mapping):
            raise Malformed.at(name, "is not an object")
        self._source = source

    def raw(self, key: str) -> Any:
        """The value as it came; None when missing or null."""
        return self._source.get(key)

    def has(self, key: str) -> bool:
        return self.raw(key) is not None

    def id(self, key: str) -> int:
        """A required whole number; never clamped, since another number is another item."""
        value = self.optional_id(key)
        if value is None:
            raise Malformed.at(key, "is missing")
        return value

    def optional_id(self, key: str) -> int | None:
        value = self.raw(key)
        if value is None:
            return None
        number = _number(value, key)
        if not math.isfinite(number) or number != int(number) or not 0 <= number <= MAX_INT:
            raise Malformed.at(key, "is not an identifier")
        return int(number)

    def integer(self, key: str, default: int = 0) -> int:
        """A count or size; fractions are cut, what is beyond 63 bits is clamped, NaN gives the default."""
        value = self.raw(key)
        number = default if value is None else _number(value, key)
        if isinstance(number, float):
            if math.isnan(number):
                return default
            number = int(max(-float(MAX_INT), min(number, float(MAX_INT))))
        return max(-MAX_INT, min(number, MAX_INT))

    def decimal(self, key: str, default: float = 0.0) -> float:
        """A finite number; NaN and the infinities give the default."""
        value = self.raw(key)
        number = default if value is None else _number(value, key)
        try:
            result = float(number)
        except OverflowError:  # an int beyond what a float can hold
            return default
        return result if math.isfinite(result) else default

    def boolean(self, key: str, default: bool = False) -> bool:
        value = self.optional_boolean(key)
        return default if value is None else value

    def optional_boolean(self, key: str) -> bool | None:
        value = self.raw(key)
        if value is None:
            return None
        spelled = value.strip().lower() if isinstance(value, str) else value
        if not isinstance(spelled, (str, int, float)) or spelled not in _TRUTH:
            raise Malformed.at(key, "is neither true nor false")
        return _TRUTH[spelled]

    def text(self, key: str, limit: int = TEXT_LIMIT) -> str:
        """A cleaned single line; "" when missing."""
        value = self.raw(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise Malformed.at(key, "is not text")
        return plain_text(value if isinstance(value, str) else repr(value), limit)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of cleaned lines; () when missing."""
        values = self.items(key) or ()
        if not all(isinstance(value, str) for value in values):
            raise Malformed.at(key, "holds something that is not text")
        return tuple(plain_text(value, TEXT_LIMIT) for value in values)

    def items(self, key: str) -> list[Any] | None:
        """A list as it came, or None when TorBox sent null or nothing."""
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            raise Malformed.at(key, "is not a list")
        return value

    def info_hash(self, key: str = "hash") -> str:
        """A required v1 info hash, 40 lower-case hex digits."""
        return info_hash(self.raw(key), key)

    def time(self, key: str) -> datetime | None:
        """An aware time in UTC, or None; both formats of docs/torbox-api.md#times."""
        return timestamp(self.raw(key), key)


def info_hash(value: object, key: str = "hash") -> str:
    """`value` as 40 lower-case hex digits. Raises Malformed."""
    if not isinstance(value, str) or not _HASH.fullmatch(value.strip()):
        raise Malformed.at(key, "is not an info hash")
    return value.strip().lower()


def timestamp(value: object, key: str) -> datetime | None:
    """An aware UTC time; a time without zone is UTC already. None and "" give None. Raises Malformed."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= 64:
        try:
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise Malformed.at(key, "is not a time")


def _number(value: object, key: str) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        spelled = value.strip()
        return float(spelled) if re.search("[.eE]", spelled) else int(spelled)
    raise Malformed.at(key, "is not a number")
