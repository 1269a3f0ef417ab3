"""aria2's JSON-RPC interface over HTTP: the eight calls that saving needs."""

from __future__ import annotations

from typing import Any


class Aria2Error(Exception):
    """aria2 doesn't answer, or refuses. `code` is its own number, None if there was no answer. Never holds the secret."""

    def __init__(self, code: int | None = None, message: str = "") -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


class Aria2:
    """A client for one aria2."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret

    def __repr__(self) -> str:
        return "<Aria2>"

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of a call. Raises `Aria2Error`."""
        raise NotImplementedError
