"""Read URLs of Apprise that people paste, for the services that we know. Everything else is refused.

A URL becomes the answers to its kind's form, so it goes through the same checks, and none of its parameters that would
turn off TLS checks, follow redirects, or attach files remains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from ..models import ChannelKind
from .building import Refused
from .kinds import KINDS, MAX_TEXT

FIELD = "apprise_url"


@dataclass(frozen=True)
class _Parts:
    """A URL, decoded. `place` is host and port."""

    secure: bool
    place: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    path: tuple[str, ...] = field(repr=False)
    query: dict[str, str] = field(repr=False)

    @property
    def server(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.place}"

    @property
    def is_a_name(self) -> bool:
        return "." in self.place or ":" in self.place or self.place == "localhost"


def read(url: str) -> tuple[str, dict[str, str]]:
    """Return the kind of a URL, and the answers to its form. Raises `Refused`."""
    scheme, separator, _ = url.partition("://")
    kind = next((kind for kind, one in KINDS.items() if scheme.lower() in one.schemes), None)
    if not separator or kind is None:
        raise Refused("scheme", FIELD)
    answers = _READERS[kind](_parts(url))
    return kind, {key: value for key, value in answers.items() if value}


def _parts(url: str) -> _Parts:
    if len(url) > MAX_TEXT or not url.isprintable() or set(url) & set(" \\"):
        raise Refused("malformed", FIELD)
    # A `#` begins the name of a room or channel here, not a fragment.
    try:
        parts = urlsplit(url.replace("#", "%23"))
        query = dict(parse_qsl(parts.query, max_num_fields=20))
    except ValueError:
        raise Refused("malformed", FIELD) from None
    login, _, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    path = tuple(unquote(one) for one in parts.path.split("/") if one)
    if "to" in query:
        path = (*path, query.pop("to"))
    return _Parts(parts.scheme.endswith("s"), unquote(place), unquote(user), unquote(password), path, query)


def _only(path: tuple[str, ...]) -> str:
    """Return the one target of a URL. With several, one could fail after others took the message."""
    if len(path) > 1 or any("," in one for one in path):
        raise Refused("several", FIELD)
    return path[0] if path else ""


def _ntfy(url: _Parts) -> dict[str, str]:
    token = url.query.get("token", "")
    login = {"user": url.user, "password": url.password}
    if not token and url.user and not url.password:
        token, login = url.user, {}
    if not url.path and not url.is_a_name:  # ntfy://topic
        return {"topic": url.place, "token": token, **login}
    return {"server": url.server, "topic": _only(url.path), "token": token, **login}


def _gotify(url: _Parts) -> dict[str, str]:
    token = url.path[-1] if url.path else ""
    return {"server": "/".join([url.server, *url.path[:-1]]), "token": token}


def _discord(url: _Parts) -> dict[str, str]:
    return {"url": f"https://discord.com/api/webhooks/{url.place}/{_only(url.path)}"}


def _telegram(url: _Parts) -> dict[str, str]:
    token = url.place.removeprefix("bot")
    chat = _only(url.path)
    if topic := url.query.get("topic", ""):
        chat = f"{chat}:{topic}"
    return {"token": token, "chat": chat}


def _slack(url: _Parts) -> dict[str, str]:
    if len(url.path) > 2:
        raise Refused("several", FIELD)
    return {"url": "/".join(["https://hooks.slack.com/services", url.place, *url.path])}


def _matrix(url: _Parts) -> dict[str, str]:
    if url.query.get("mode", "off") != "off" or (url.user and url.password):
        raise Refused("malformed", FIELD)
    token = url.query.get("token") or url.password or url.user
    return {"server": url.server, "token": token, "room": _only(url.path)}


def _pushover(url: _Parts) -> dict[str, str]:
    if url.path:
        raise Refused("several", FIELD)
    return {"user": url.user, "token": url.place}


def _pushbullet(url: _Parts) -> dict[str, str]:
    if url.path:
        raise Refused("several", FIELD)
    return {"token": url.place}


_READERS: dict[str, Callable[[_Parts], dict[str, str]]] = {
    ChannelKind.NTFY: _ntfy,
    ChannelKind.GOTIFY: _gotify,
    ChannelKind.DISCORD: _discord,
    ChannelKind.TELEGRAM: _telegram,
    ChannelKind.SLACK: _slack,
    ChannelKind.MATRIX: _matrix,
    ChannelKind.PUSHOVER: _pushover,
    ChannelKind.PUSHBULLET: _pushbullet,
}
