"""Read the JSON that programs send, more strictly than Python does."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser


class StrictParser(Parser):
    """Read JSON in UTF-8. Any error becomes the problem `malformed`."""

    def parse_body(self, request: HttpRequest) -> Any:
        data = json.loads(request.body.decode(), parse_constant=_refuse)
        _check(data)
        return data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} isn't JSON.")


def _check(data: object) -> None:
    """Refuse texts that the database can't store. Raises ValueError."""
    if isinstance(data, str):
        if "\0" in data:
            raise ValueError("a NUL character")
        data.encode()  # refuses half a character, such as "\ud800"
    elif isinstance(data, dict):
        for name, value in data.items():
            _check(name)
            _check(value)
    elif isinstance(data, list):
        for value in data:
            _check(value)
