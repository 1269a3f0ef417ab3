"""Serve the site below a path, such as https://home.example/torbox, behind either kind of proxy.

Some proxies pass on the whole path, others strip the prefix. Django expects the prefix in SCRIPT_NAME, where
FORCE_SCRIPT_NAME puts it, and not in PATH_INFO. This module removes it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import Resolver404, resolve

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


class BelowPath:
    """A WSGI app below `prefix` (without a slash at the end; may be empty), whether or not the proxy stripped it."""

    def __init__(self, app: App, prefix: str) -> None:
        self.app, self.prefix = app, prefix

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not self.prefix or not f"{path}/".startswith(f"{self.prefix}/"):
            return self.app(environ, start_response)
        if path == self.prefix:
            return self._lead_in(environ, start_response)
        return self.app(environ | {"PATH_INFO": shortened(path, self.prefix)}, start_response)

    def _lead_in(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Redirect to the path with a slash: the service worker and the cookies only cover paths below it."""
        query: str = environ.get("QUERY_STRING", "")
        address = f"{self.prefix}/" + (f"?{query}" if query else "")
        start_response("301 Moved Permanently", [("Location", address), ("Content-Length", "0")])
        return []


def shortened(path: str, prefix: str) -> str:
    """Return `path` without `prefix`, unless the path is one of ours that merely begins with it.

    Below /torbox, a proxy that strips the prefix turns /torbox/torbox/connect/ into /torbox/connect/.
    """
    rest = path[len(prefix) :]
    return path if is_ours(path) and not is_ours(rest) else rest


def is_ours(path: str) -> bool:
    return any(_resolves(form) for form in (path, f"{path}/"))  # Django adds a missing slash


def _resolves(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
