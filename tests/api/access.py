"""What every address for programs has in common, for the tests that go through all of them.

A new address needs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from api import protocols
from api.scopes import Protocol

OPEN_CALLS = ("auth/login", "auth/logout")  # They find out by themselves who calls.


class ForPrograms(NamedTuple):
    """An address below one of the protocols. `opens`: anyone gets an answer there, which says nothing of a household."""

    name: str
    protocol: Protocol
    path: str
    pattern: URLPattern

    @property
    def opens(self) -> bool:
        call = self.path.partition("/api/v2/")[2]
        return self.name in ("api:qbittorrent:front", "api:v1:api-root") or call in OPEN_CALLS


def for_programs() -> list[ForPrograms]:
    """Return every address that programs may ask for, without those that people open in a browser."""
    by_path = {address.path: address for address in _walk(get_resolver(), "")}
    return list(by_path.values())


def names_for_programs() -> set[str]:
    """Return the names of these addresses. Several operations of the REST API have one."""
    return {address.name for address in _walk(get_resolver(), "")}


def _walk(resolver: URLResolver, space: str) -> Iterator[ForPrograms]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _walk(part, f"{space}{part.namespace}:" if part.namespace else space)
        elif space.startswith("api:"):
            yield from _known(f"{space}{part.name}", part)


def _known(name: str, pattern: URLPattern) -> Iterator[ForPrograms]:
    converters = pattern.pattern.converters.items()
    named = {key: 1 if isinstance(kind, IntConverter) else "by-name" for key, kind in converters}
    path = reverse(name, kwargs=named)
    protocol = protocols.protocol_of(path)
    if protocol and not protocols.is_for_people(path):
        yield ForPrograms(name, protocol, path, pattern)
