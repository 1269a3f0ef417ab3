"""Parse settings. Each parser returns the value of a text, or raises ValueError with a sentence on what to write."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import idna
from environ import FileAwareEnv

from .secret_files import private_folder

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
HOST_NAME = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*\.?", re.ASCII)
FERNET_KEY_BYTES = 32
POSTGRES = ("postgres", "postgresql", "psql", "pgsql")  # as django-environ calls it
YEAR = 366 * 24 * 60 * 60  # seconds


def text(value: str) -> str:
    return value


def number(least: int, most: int) -> Callable[[str], int]:
    """Return a parser for whole numbers from `least` to `most`."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,12}", value, re.ASCII) or not least <= int(value) <= most:
            raise ValueError(f"Write a whole number from {least} to {most}.")
        return int(value)

    return parse


seconds = number(0, YEAR)
some_seconds = number(1, YEAR)
port = number(1, 65535)


def flag(value: str) -> bool:
    if value.lower() not in (*TRUE, *FALSE):
        raise ValueError("Write true or false.")
    return value.lower() in TRUE


def one_of(*words: str) -> Callable[[str], str]:
    """Return a parser for one of `words`, in upper or lower case."""

    def parse(value: str) -> str:
        for word in words:
            if value.lower() == word.lower():
                return word
        *most, last = words
        comma = "," if len(most) > 1 else ""
        raise ValueError(f"Write {', '.join(most)}{comma} or {last}.")

    return parse


PROTOCOLS = ("rest", "qbittorrent", "webdav")  # ways in for programs (docs/api.md)
NONE = "none"


def some_or_none_of(*words: str) -> Callable[[str], list[str]]:
    """Return a parser like `some_of`, in which “none” stands for none of them."""
    some = some_of(*words)

    def parse(value: str) -> list[str]:
        if value.lower() == NONE:
            return []
        try:
            return some(value)
        except ValueError as error:
            raise ValueError(f"{str(error).rstrip('.')}, or {NONE}.") from None

    return parse


def some_of(*words: str) -> Callable[[str], list[str]]:
    """Return a parser of one or more of `words`, in upper or lower case, with commas or white space between them."""

    def parse(value: str) -> list[str]:
        chosen = {word.lower() for word in listed(value)}
        if not chosen or not chosen <= set(words):
            raise ValueError(f"Write some of these, with commas between them: {', '.join(words)}.")
        return [word for word in words if word in chosen]

    return parse


def listed(value: str) -> list[str]:
    """Split a list at commas and white space."""
    return value.replace(",", " ").split()


def host_names(value: str) -> list[str]:
    """Return host names as Django compares them: IPv6 addresses in brackets, other scripts as browsers send them."""
    return [_host_name(name) for name in listed(value)]


def _host_name(name: str) -> str:
    if address := ip(name):
        return in_brackets(address)
    with_dot = "." if name.startswith(".") else ""
    ascii_name = with_dot + host_in_ascii(name.removeprefix("."))
    if not HOST_NAME.fullmatch(ascii_name):
        raise ValueError("Write host names without https:// and without a port, such as torbox.home.example.")
    return ascii_name.rstrip(".").lower()


def host_in_ascii(name: str) -> str:
    """Return a host name as browsers send it: `xn--…` if it has letters outside ASCII. Raises ValueError."""
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except UnicodeError:
        raise ValueError("One of its host names isn't valid.") from None


def networks(value: str) -> list[str]:
    """Return IP addresses and networks."""
    for each in listed(value):
        try:
            ip_network(each, strict=False)
        except ValueError:
            raise ValueError(
                f"{each[:80]!r} is neither an IP address nor a network. Write IP addresses or networks, such as "
                "10.0.0.2,172.18.0.0/16. Names aren't allowed, since they can point elsewhere later."
            ) from None
    return listed(value)


def bind_address(value: str) -> str:
    """Return an address to listen on, without brackets."""
    if value.lower() == "localhost":
        return "localhost"
    if address := ip(value):
        return str(address)
    raise ValueError("Write an IP address, such as 127.0.0.1, 0.0.0.0, or ::.")


def ip(value: str) -> IPv4Address | IPv6Address | None:
    """Return an IP address, given with or without brackets. None for one with an interface: browsers can't open it."""
    try:
        found = ip_address(value[1:-1] if re.fullmatch(r"\[.*\]", value) else value)
    except ValueError:
        return None
    return None if getattr(found, "scope_id", None) else found


def in_brackets(host: object) -> str:
    """Return a host as URLs write it: IPv6 in brackets."""
    return f"[{host}]" if ":" in str(host) else str(host)


def path(value: str) -> Path:
    try:
        return Path(value).expanduser().resolve()
    except (RuntimeError, OSError):
        raise ValueError("Write the path of a folder.") from None


def data_folder(value: str) -> Path:
    """Return a folder, which is created if it doesn't exist."""
    try:
        return private_folder(path(value))
    except OSError as error:
        raise ValueError(
            f"{error.strerror}. Write the path of a folder that the user who runs the app can write to."
        ) from None


def api_url(value: str) -> str:
    """Return the base URL of TorBox's API, without a slash at the end."""
    parts = split_url(value, "https://api.torbox.app")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("Write an address like https://api.torbox.app, without a user, query, or fragment.")
    if re.search(r"/v1/*$", parts.path):
        raise ValueError("Leave /v1 out: write https://api.torbox.app.")
    return value.rstrip("/")


def rpc_url(value: str) -> str:
    """Return the address of aria2's JSON-RPC interface, whose path has a default."""
    example = "http://localhost:6800/jsonrpc"
    parts = split_url(value, example)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"Write an address like {example}, without a user, query, or fragment.")
    return value if parts.path.strip("/") else f"{value.rstrip('/')}/jsonrpc"


def folder_elsewhere(value: str) -> str:
    """Return the absolute path of a folder on another machine or in another container, also of Windows."""
    path = value.replace("\\", "/")
    if not re.match(r"/|[A-Za-z]:/", path) or not path.isprintable() or ".." in path.split("/"):
        raise ValueError("Write the path of a folder from the root on, such as /downloads.")
    return path.rstrip("/") or "/"


def umask(value: str) -> int:
    """Return a umask that leaves us our own files."""
    if not re.fullmatch(r"0?0[0-7]{2}", value, re.ASCII):
        raise ValueError("Write three octal digits that begin with 0, such as 022 or 002.")
    return int(value, 8)


def split_url(value: str, example: str, schemes: tuple[str, ...] = ("http", "https")) -> SplitResult:
    """Return the parts of an absolute URL with a host and, if it has a port, a valid one. Raises ValueError."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that isn't one, or half an IPv6 address
        usable = False
    if not usable or re.search(r"[\s\\]", value):
        raise ValueError(f"Write an address like {example}.")
    return parts


def database_url(value: str) -> dict[str, Any]:
    """Return Django's settings for a database. The ValueError doesn't show the value, which may hold a password."""
    example = "postgres://user:password@host/name, with special characters in the password percent-encoded"
    problem = f"Write {example}, or sqlite:////path/of/a/file."
    try:
        parts = urlsplit(value)
        usable = parts.port != 0 and (
            parts.scheme in POSTGRES or (parts.scheme == "sqlite" and not parts.netloc)
        )
        made: dict[str, Any] = FileAwareEnv.db_url_config(value) if usable else {}
    except ValueError:  # a port that isn't one, or half an IPv6 address
        raise ValueError(problem) from None
    if parts.scheme == "sqlite" and made.get("NAME") == ":memory:":
        raise ValueError("Write sqlite:////path/of/a/file, since all processes need the same file.")
    if not made.get("NAME"):
        raise ValueError(problem)
    return made


def redis_url(value: str) -> str:
    example = "redis://host:6379/0"
    parts = split_url(value, example, ("redis", "rediss"))
    if not re.fullmatch(r"(/\d{0,5})?", parts.path, re.ASCII):
        raise ValueError(f"After the host, write only the number of a database, as in {example}.")
    return value


def fernet_keys(value: str) -> list[str]:
    """Return Fernet keys. Checks them without the library, which only accounts/crypto.py uses."""
    keys = listed(value)
    if not keys or not all(map(_is_fernet_key, keys)):
        raise ValueError(
            "Each key is 32 bytes in URL-safe base64. Restore the value you had before "
            "(docs/configuration.md#encryption_keys)."
        )
    return keys


def _is_fernet_key(key: str) -> bool:
    try:
        return len(urlsafe_b64decode(key.encode())) == FERNET_KEY_BYTES
    except ValueError:
        return False


def token(value: str) -> str:
    """Return a value that fits in a header."""
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError("Write letters, digits, and symbols, without spaces.")
    return value


def key_prefix(value: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,50}", value, re.ASCII):
        raise ValueError("Write up to 50 letters, digits, dots, dashes, or underscores.")
    return value


def time_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (OSError, ValueError, KeyError):
        raise ValueError("Write the name of a time zone, such as Europe/Berlin.") from None
