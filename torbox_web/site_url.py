"""Normalize SITE_URL, so that equal origins are equal texts wherever they are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .parse import host_in_ascii, in_brackets, ip, split_url

DEFAULT_PORTS = {"http": 80, "https": 443}
EXAMPLE = "https://torbox.home.example or https://home.example/torbox"
HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
PATH = re.compile(r"(/[\w~-][\w.~-]*)*", re.ASCII)
ANY_ADDRESS = ("0.0.0.0", "::", "127.0.0.1", "::1", "localhost")  # noqa: S104 - compared, not listened on


@dataclass(frozen=True)
class Site:
    """The parts of a URL. `host` is in brackets if it is IPv6, `port` is None if it is the scheme's default, and
    `path` has no slash at the end.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def origin(self) -> str:
        """Return the URL's origin, as browsers send it in the Origin header."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")

    @property
    def url(self) -> str:
        return self.origin + self.path

    @property
    def suffix(self) -> str:
        """Return the port and path for cookie names, which must differ between sites on one host."""
        port = f"-{self.port}" if self.port else ""
        return port + self.path.replace("/", "-")


def site(value: str) -> Site:
    """Parse a URL. Raises ValueError with a sentence on what to write."""
    parts = split_url(value, EXAMPLE)
    if "@" in parts.netloc or "?" in value or "#" in value:
        raise ValueError(f"Write an address like {EXAMPLE}, without a user, query, or fragment.")
    path = parts.path.rstrip("/")
    if not PATH.fullmatch(path):
        raise ValueError(
            "Use only letters, digits, dots, dashes, and underscores in its path, as in /torbox."
        )
    port = None if parts.port == DEFAULT_PORTS[parts.scheme] else parts.port
    return Site(parts.scheme, _host(parts.hostname or ""), port, path)


def _host(name: str) -> str:
    """Return the host as browsers do: lower case, short IPv6, other scripts as `xn--…`, no dot at the end."""
    if ":" in name:
        if address := ip(name):
            return in_brackets(address)
        raise ValueError(f"Write an address like {EXAMPLE}.")
    ascii_name = host_in_ascii(name).removesuffix(".").lower()
    if not HOST.fullmatch(ascii_name) or len(ascii_name) > 253:
        raise ValueError(f"Write an address like {EXAMPLE}.")
    return ascii_name


def default_site(bind: str, port: int) -> Site:
    """Return the URL that people on this machine, or in its network, open if SITE_URL isn't set."""
    host = "localhost" if bind in ANY_ADDRESS else in_brackets(bind)
    return Site("http", host, None if port == DEFAULT_PORTS["http"] else port, "")
