"""Mistakes in the address of the site and its proxies, said at start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from .proxies import network
from .sub_path import is_ours

SITE = re.compile(r"https?://[\w.-]+(:\d+)?|https?://\[[0-9a-fA-F:.]+\](:\d+)?", re.ASCII)
PATH = re.compile(r"(/[\w~-][\w.~-]*)*", re.ASCII)
INTEGER, TEXT = re.compile(r"<int:\w+>"), re.compile(r"<str:\w+>")


@register()
def the_address_of_the_site_can_be_one(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[CheckMessage]:
    if (
        SITE.fullmatch(settings.SITE_ORIGIN)
        and f"{settings.SITE_ORIGIN}{settings.SITE_PATH}" == settings.SITE_URL
    ):
        return []
    hint = "It is like https://torbox.home.example or https://home.example/torbox, without a query."
    return [Error("SITE_URL is no address of a site.", hint=hint, id="torbox_web.E001")]


@register()
def the_path_of_the_site_is_free(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    path = settings.SITE_PATH
    if not PATH.fullmatch(path):
        text = (
            f"The path of SITE_URL may hold letters, digits, dots, dashes and underscores only, not {path!r}."
        )
        return [Error(text, hint="Take one like /torbox.", id="torbox_web.E002")]
    if f"{path}/".startswith("/static/") or any(is_ours(rest) for rest in _alike(path)):
        text = f"The path of SITE_URL, {path}, is one of the app’s own addresses as well."
        return [Error(text, hint="Take another one, like /torbox.", id="torbox_web.E003")]
    return []


@register()
def trusted_proxies_are_addresses(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    wrong = [proxy for proxy in settings.TRUSTED_PROXIES if network(proxy) is None]
    hint = "Write addresses or networks, such as 10.0.0.2,172.18.0.0/16; a name could lead anywhere tomorrow."
    return [
        Error(
            f"TRUSTED_PROXIES: {proxy!r} is neither an address nor a network.",
            hint=hint,
            id="torbox_web.E004",
        )
        for proxy in wrong
    ]


def _alike(prefix: str) -> Iterator[str]:
    """What is left of each address of ours that begins with `prefix` when that is taken off."""
    for address in _addresses(get_resolver()):
        if prefix and address.startswith(f"{prefix}/"):
            yield address[len(prefix) :]


def _addresses(patterns: URLResolver, before: str = "/") -> Iterator[str]:
    """An example of every address of the app, such as /torbox/1/key/."""
    for pattern in patterns.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, f"{before}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield TEXT.sub("x", INTEGER.sub("1", f"{before}{pattern.pattern}"))
