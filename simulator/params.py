"""Parameters as FastAPI and pydantic read them: coerced if possible, else a 422."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from simulator.errors import Invalid
from simulator.wire import Request

T = TypeVar("T")
TRUE = {"true", "1", "yes", "on", "t", "y"}
FALSE = {"false", "0", "no", "off", "f", "n"}
ABSENT = object()


def to_int(value: Any) -> int:
    if isinstance(value, str):
        text = value.strip()
        return int(text[:-2] if text.endswith(".0") else text)
    if isinstance(value, int | float) and float(value).is_integer():
        return int(value)
    raise ValueError("int")


def to_bool(value: Any) -> bool:
    text = str(value).strip().lower() if isinstance(value, str | int | float) else ""
    text = text.removesuffix(".0") if isinstance(value, float) else text
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise ValueError("bool")


def to_str(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("str")


def to_strings(value: Any) -> list[str]:
    if isinstance(value, list):
        return [to_str(item) for item in value]
    raise ValueError("list")


PROBLEMS: dict[Callable[[Any], Any], tuple[str, str]] = {
    to_int: ("int_parsing", "Input should be a valid integer"),
    to_bool: ("bool_parsing", "Input should be a valid boolean"),
    to_str: ("string_type", "Input should be a valid string"),
    to_strings: ("list_type", "Input should be a valid list"),
}


class Fields:
    """Reads named values and collects their problems, which `check` raises all at once."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place, self.values = place, values
        self.problems: list[dict[str, Any]] = []

    def get(self, name: str, read: Callable[[Any], T], default: T) -> T:
        value = self.values.get(name, ABSENT)
        if value is ABSENT or value is None:
            return default
        found: T = self._read(name, read, value, default)
        return found

    def maybe(self, name: str, read: Callable[[Any], T]) -> T | None:
        value = self.values.get(name, ABSENT)
        return None if value is ABSENT or value is None else self._read(name, read, value, None)

    def need(self, name: str, read: Callable[[Any], T], stand_in: T) -> T:
        """Return a required value. `stand_in` is never used, because `check` raises first."""
        value = self.values.get(name, ABSENT)
        if value is ABSENT or (value is None and self.place == "body"):
            self._problem(name, "missing", "Field required", None if value is ABSENT else value)
            return stand_in
        found: T = self._read(name, read, value, stand_in)
        return found

    def check(self) -> None:
        if self.problems:
            raise Invalid(self.problems)

    def _read(self, name: str, read: Callable[[Any], T], value: Any, otherwise: Any) -> Any:
        try:
            return read(value)
        except ValueError:
            self._problem(name, *PROBLEMS[read], value)
            return otherwise

    def _problem(self, name: str, kind: str, message: str, value: Any) -> None:
        self.problems.append({"type": kind, "loc": [self.place, name], "msg": message, "input": value})


def query(request: Request) -> Fields:
    return Fields("query", dict(request.query))


def json_body(request: Request) -> Fields:
    try:
        value = json.loads(request.body or b"null")
    except ValueError:
        problem = {"type": "json_invalid", "loc": ["body", 0], "msg": "JSON decode error", "input": {}}
        raise Invalid([problem]) from None
    if value is None:
        raise Invalid([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}])
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise Invalid([{"type": "model_attributes_type", "loc": ["body"], "msg": message, "input": value}])
    return Fields("body", value)
