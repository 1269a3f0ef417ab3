"""Check at startup that the path of SITE_URL isn't also one of the app's own paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from .http.sub_path import is_ours

INTEGER, TEXT = re.compile(r"<int:\w+>"), re.compile(r"<str:\w+>")


@register()
def the_path_of_the_site_is_free(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    path = settings.SITE_PATH
    if f"{path}/".startswith("/static/") or any(is_ours(rest) for rest in _alike(path)):
        text = f"The path of SITE_URL, {path}, is also one of the app’s own paths."
        return [Error(text, hint="Use another path, such as /torbox.", id="torbox_web.E001")]
    return []


def _alike(prefix: str) -> Iterator[str]:
    """Yield each path of ours that begins with `prefix`, without the prefix."""
    for address in _addresses(get_resolver()):
        if prefix and address.startswith(f"{prefix}/"):
            yield address[len(prefix) :]


def _addresses(patterns: URLResolver, before: str = "/") -> Iterator[str]:
    """Yield an example of every path of the app, such as /torbox/1/key/."""
    for pattern in patterns.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, f"{before}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield TEXT.sub("x", INTEGER.sub("1", f"{before}{pattern.pattern}"))
