"""A site below a path, such as https://home.example/torbox, behind either kind of proxy.

Some proxies pass the whole path on, some take the prefix away. Django wants it in SCRIPT_NAME, where
FORCE_SCRIPT_NAME puts it, and not in PATH_INFO: here it is taken off when it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import Resolver404, resolve

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


class BelowPath:
    """A WSGI app that answers below `prefix` (no slash at its end; empty: everywhere) whether it was taken off or not."""

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
        """The service worker and the cookies only know what lies below the slash."""
        query: str = environ.get("QUERY_STRING", "")
        address = f"{self.prefix}/" + (f"?{query}" if query else "")
        start_response("301 Moved Permanently", [("Location", address), ("Content-Length", "0")])
        return []


def shortened(path: str, prefix: str) -> str:
    """`path` without `prefix`, unless it is an address of ours that only begins alike.

    Below /torbox a proxy that strips makes /torbox/connect/ of /torbox/torbox/connect/.
    """
    rest = path[len(prefix) :]
    return path if is_ours(path) and not is_ours(rest) else rest


def is_ours(path: str) -> bool:
    return any(_resolves(form) for form in (path, f"{path}/"))  # Django adds a slash that was forgotten


def _resolves(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
