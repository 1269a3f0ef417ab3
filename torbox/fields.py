"""Read single values of TorBox's JSON, lenient about spelling and strict about meaning.

Numbers may come as strings, booleans as 0 and 1, times in two formats (docs/torbox-api.md#quirks). A missing or null
value gives the default. So does a value that can't be understood, and `unread` names it, so an odd value costs only its
field. A row needs its id and hash: without them, Malformed is raised.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from torbox.errors import Malformed
from torbox.sanitize import is_blank, plain_text, sentence

MAX_INT = 2**63 - 1
MAX_COUNT = 2**31 - 1  # seeds, peers, and slots, which a database stores in four bytes
FIRST_YEAR, LAST_YEAR = 1970, 2200  # the first and last days of datetime don't exist in every time zone
TEXT_LIMIT = 1000
PATH_LIMIT = 4096
MAX_TEXTS = 1000  # of a list of texts
MAGNET_LIMIT = 65536

Value = TypeVar("Value")

_HASH = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,4})?", re.ASCII)
_TRUTH = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}


class Fields:
    """Typed access to one JSON object. `unread`: the fields whose values can't be understood."""

    __slots__ = ("_source", "unread")

    def __init__(self, source: object, name: str = "data") -> None:
        """Raise Malformed if `source` is not an object."""
        if not isinstance(source, Mapping):
            raise Malformed.at(name, "is not an object")
        self._source = source
        self.unread: tuple[str, ...] = ()

    def raw(self, key: str) -> Any:
        """Return the value as received, or None if missing or null."""
        return self._source.get(key)

    def has(self, key: str) -> bool:
        return self.raw(key) is not None

    def id(self, key: str) -> int:
        """Return a required whole number, never clamped, because another number is another item. Raises Malformed."""
        value = self.optional_id(key)
        if value is None:
            raise Malformed.at(key, "is missing")
        return value

    def optional_id(self, key: str) -> int | None:
        """Return a whole number like `id`, or None if missing or null. Raises Malformed."""
        value = self.raw(key)
        if value is None:
            return None
        number = _number(value)
        if number is None or number != int(number) or not 0 <= number <= MAX_INT:
            raise Malformed.at(key, "is not an identifier")
        return int(number)

    def integer(self, key: str, default: int = 0, largest: int = MAX_INT) -> int:
        """Return a count or size without its fraction, at most `largest`."""
        value = self.raw(key)
        if value is None:
            return default
        number = _number(value)
        if number is None:
            return self._odd(key, default)
        return int(max(-largest, min(number, largest)))

    def decimal(self, key: str, default: float = 0.0) -> float:
        value = self.raw(key)
        if value is None:
            return default
        number = _number(value)
        try:
            return self._odd(key, default) if number is None else float(number)
        except OverflowError:  # an int beyond what a float can hold
            return self._odd(key, default)

    def boolean(self, key: str, default: bool = False) -> bool:
        value = self.optional_boolean(key)
        return default if value is None else value

    def optional_boolean(self, key: str) -> bool | None:
        value = self.raw(key)
        if value is None:
            return None
        spelled = value.strip().lower() if isinstance(value, str) else value
        if not isinstance(spelled, (str, int, float)) or spelled not in _TRUTH:
            return self._odd(key, None)
        return _TRUTH[spelled]

    def text(self, key: str, limit: int = TEXT_LIMIT) -> str:
        """Return a cleaned single line, or "" if missing or without visible characters."""
        value = self.raw(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return self._odd(key, "")
        cleaned = plain_text(value if isinstance(value, str) else repr(value), limit)
        return "" if is_blank(cleaned) else cleaned

    def sentence(self, key: str, limit: int = TEXT_LIMIT) -> str:
        """Return a cleaned line for people to read, also without direction characters."""
        return sentence(self.text(key, limit), limit)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of cleaned lines, or () if missing. One with more than MAX_TEXTS is cut and counts as unread."""
        values = self.items(key) or ()
        if not all(isinstance(value, str) for value in values):
            return self._odd(key, ())
        if len(values) > MAX_TEXTS:
            self.mark_unread(key)
        return tuple(plain_text(value, TEXT_LIMIT) for value in values[:MAX_TEXTS])

    def items(self, key: str) -> list[Any] | None:
        """Return a list as received, or None if TorBox sent null or nothing."""
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            return self._odd(key, None)
        return value

    def info_hash(self, key: str = "hash") -> str:
        """Return a required v1 info hash, 40 lowercase hex digits. Raises Malformed."""
        return info_hash(self.raw(key), key)

    def time(self, key: str) -> datetime | None:
        """Return an aware time in UTC, or None. Both formats of docs/torbox-api.md#times are read."""
        try:
            return timestamp(self.raw(key), key)
        except Malformed:
            return self._odd(key, None)

    def mark_unread(self, key: str) -> None:
        if key not in self.unread:
            self.unread += (key,)

    def _odd(self, key: str, default: Value) -> Value:
        self.mark_unread(key)
        return default


def info_hash(value: object, key: str = "hash") -> str:
    """Return `value` as 40 lowercase hex digits. Raises Malformed."""
    if not isinstance(value, str) or not _HASH.fullmatch(value.strip()):
        raise Malformed.at(key, "is not an info hash")
    return value.strip().lower()


def timestamp(value: object, key: str) -> datetime | None:
    """Return an aware UTC time, or None for None and "". A time without zone is in UTC. Raises Malformed."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= 64:
        try:
            moment = datetime.fromisoformat(value.strip())
            moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Malformed.at(key, "is not a time") from None
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment
    raise Malformed.at(key, "is not a time")


def _number(value: object) -> int | float | None:
    """Return a number, also one sent as a string, or None for anything else, infinities, and NaN."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if isinstance(value, int) or math.isfinite(value) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        spelled = value.strip()
        number = float(spelled) if re.search("[.eE]", spelled) else int(spelled)
        return number if math.isfinite(number) else None
    return None
