"""List the parts of an address that must not be shown, so that they can be taken out of what a service answers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

HARMLESS = frozenset({"yes", "no", "private", "basic", "token", "services", "webhooks", "hooks", "api"})


def secrets_of_url(url: str) -> tuple[str, ...]:
    """Return a URL, and everything in it but scheme, host, and port."""
    parts = urlsplit(url)
    rest = url.split(parts.netloc, 1)[-1] if parts.netloc else ""
    return tuple(dict.fromkeys([url, rest, *_pieces(f"{parts.netloc.rpartition('@')[0]}/{rest}")]))


def secrets_of_apprise(url: str, *, with_host: bool) -> tuple[str, ...]:
    """Return the secret parts of a URL of Apprise. `with_host`: the place of the host holds a secret too."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    found = [*secrets_of_url(url), *(_pieces(host) if with_host else ())]
    if user := urlsplit(url).netloc.rpartition("@")[0]:
        found.append(base64.b64encode(unquote(user).encode()).decode())
    return tuple(dict.fromkeys(found))


def _pieces(text: str) -> Iterator[str]:
    """Yield what stands between separators, also decoded."""
    for piece in re.split(r"[/?&=@:#]", text):
        for spelling in (piece, unquote(piece)):
            if spelling.lower() not in HARMLESS:
                yield spelling
