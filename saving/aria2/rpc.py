"""aria2's JSON-RPC interface over HTTP: the few calls that saving needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import requests
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

TIMEOUT = (5.0, 15.0)  # seconds to connect, to answer
NO_PROXY = {"http": None, "https": None, "all": None}  # A proxy would see the secret.
UNAUTHORIZED, NOT_FOUND = "unauthorized", "is not found"


class Reason(StrEnum):
    """Why aria2 doesn't do what it is asked for."""

    NO_ANSWER = "no_answer"
    UNAUTHORIZED = "secret"  # ARIA2_RPC_SECRET isn't aria2's
    UNKNOWN = "unknown"  # it has no download of this gid
    REFUSED = "refused"
    DOWNLOAD = "download"  # it can't download, for example because it can't reach TorBox


class Aria2Error(Exception):
    """aria2 doesn't answer, or refuses. Holds neither the secret nor an address."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Aria2:
    """A client for one aria2."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret

    def __repr__(self) -> str:
        return "<Aria2>"

    @sensitive_variables()
    def call(self, method: str, *params: Any) -> Any:
        """Return the result of `aria2.method`. Raises `Aria2Error`."""
        answer = self._answer(method, [f"token:{self._secret}", *params] if self._secret else list(params))
        if isinstance(answer, dict) and "result" in answer:
            return answer["result"]
        raise Aria2Error(_reason(answer))

    @sensitive_variables()
    def _answer(self, method: str, params: list[Any]) -> Any:
        message = {"jsonrpc": "2.0", "id": "torbox-web", "method": f"aria2.{method}", "params": params}
        options: dict[str, Any] = {"allow_redirects": False, "proxies": NO_PROXY}
        try:
            with requests.post(self._url, json=message, timeout=TIMEOUT, **options) as response:
                return response.json()
        except (requests.RequestException, OSError, ValueError):
            pass
        # Raised here so that its `__context__` doesn't hold the request, whose body has the secret.
        raise Aria2Error(Reason.NO_ANSWER)


def client() -> Aria2:
    """Return the client for the aria2 of the settings."""
    return Aria2(settings.ARIA2_RPC_URL, settings.ARIA2_RPC_SECRET)


def _reason(answer: Any) -> Reason:
    """Return why aria2 refused. Its code is 1 for almost everything, so its words decide."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return Reason.NO_ANSWER
    words = str(error.get("message", "")).lower()
    if UNAUTHORIZED in words:
        return Reason.UNAUTHORIZED
    return Reason.UNKNOWN if NOT_FOUND in words else Reason.REFUSED
