"""Make addresses of what people answered in the forms of kinds.py. A wrong answer raises `Refused`.

An address is a URL of Apprise. That of a webhook is JSON with a URL and a secret, that of email is the mail address.
Apprise itself parses only when a message is sent, so that web processes don't import it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from torbox import guarded_fetch
from torbox.guarded_fetch import PORTS, FetchError, Target

from . import webhook_address
from .masks import masked, masked_mail

NTFY_SERVER = "https://ntfy.sh"
NAMED = r"[A-Za-z0-9_-]"
Answers = Mapping[str, str]


class Refused(Exception):
    """Raised when a field can't be used. `code` says why (refusals.py), `field` is its key or ""."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code} {field}".rstrip())
        self.code, self.field = code, field


@dataclass(frozen=True)
class Address:
    """An address before it is encrypted. `server`: the host that a person chose, if any. `secret`: to show once."""

    text: str = field(repr=False)
    shown: str = ""
    server: Target | None = field(default=None, repr=False)
    secret: str = field(default="", repr=False)


def _matching(answers: Answers, key: str, pattern: str) -> str:
    """Return an answer that matches a pattern."""
    value = answers.get(key, "")
    if not re.fullmatch(pattern, value, re.ASCII):
        raise Refused("malformed" if value else "missing", key)
    return value


def _server(answers: Answers, key: str, default: str = "", *, path: bool = False) -> Target:
    """Return the address of a server. Without a scheme it is https."""
    value = answers.get(key) or default
    if "://" not in value:
        value = f"https://{value}"
    try:
        target = guarded_fetch.parse(value)
    except FetchError:
        raise Refused("malformed", key) from None
    parts = urlsplit(value)
    if parts.fragment or parts.query or (target.path != "/" and not path):
        raise Refused("malformed", key)
    return target


def _scheme(name: str, server: Target) -> str:
    return f"{name}s" if server.scheme == "https" else name


def _host(server: Target) -> str:
    """Return host and port, as Apprise reads them."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return host if server.port == PORTS[server.scheme] else f"{host}:{server.port}"


def _q(text: str) -> str:
    return quote(text, safe="")


def ntfy(answers: Answers) -> Address:
    server = _server(answers, "server", NTFY_SERVER)
    topic = _matching(answers, "topic", rf"{NAMED}{{1,64}}")
    login, how = "", "mode=private&image=no"
    if token := answers.get("token", ""):
        how += f"&auth=token&token={_q(token)}"
    elif user := answers.get("user", ""):
        login = f"{_q(user)}:{_q(answers.get('password', ''))}@"
        how += "&auth=basic"
    text = f"{_scheme('ntfy', server)}://{login}{_host(server)}/{topic}?{how}"
    chosen = None if server.origin == guarded_fetch.parse(NTFY_SERVER).origin else server
    return Address(text, masked(_host(server), topic), chosen)


def gotify(answers: Answers) -> Address:
    server = _server(answers, "server", path=True)
    token = _matching(answers, "token", rf"[{'A-Za-z0-9._-'}]{{8,200}}")
    path = quote(server.path.strip("/"), safe="/%")
    text = f"{_scheme('gotify', server)}://{_host(server)}/{path + '/' if path else ''}{token}"
    return Address(text, masked(_host(server), token), server)


def discord(answers: Answers) -> Address:
    url = _matching(
        answers,
        "url",
        r"https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{1,25}/[\w-]{8,200}/?",
    )
    number, token = url.rstrip("/").split("/")[-2:]
    return Address(
        f"discord://{number}/{token}?avatar=no&footer=no&image=no&fields=no&flags=4",
        masked("discord.com", token),
    )


def telegram(answers: Answers) -> Address:
    token = _matching(answers, "token", rf"\d{{3,20}}:{NAMED}{{10,100}}")
    chat = _matching(answers, "chat", r"(-?\d{1,32}|@?[A-Za-z][A-Za-z0-9_]{2,63})(:\d{1,12})?").lstrip("@")
    return Address(f"tgram://{token}/{chat}/?image=no&preview=no", masked("Telegram", chat.split(":")[0]))


def slack(answers: Answers) -> Address:
    value = answers["url"]
    if found := re.fullmatch(
        r"https://hooks\.slack\.com/services/([A-Z0-9]{1,40})/([A-Z0-9]{1,40})/([A-Za-z0-9]{8,80})/?",
        value,
        re.ASCII,
    ):
        path = "/".join(found.groups())
        return Address(f"slack://{path}/?image=no&footer=no&blocks=no", masked("hooks.slack.com", found[3]))
    raise Refused("malformed", "url")


def matrix(answers: Answers) -> Address:
    server = _server(answers, "server")
    token = _matching(answers, "token", r"[\x21-\x7e]{8,500}")
    room = _matching(answers, "room", r"[!#][\x21-\x2b\x2d-\x3a\x3c-\x7e]{1,250}")  # no commas or semicolons
    how = "image=no&e2ee=no&discovery=no&version=3"
    text = f"{_scheme('matrix', server)}://{_q(token)}@{_host(server)}/{_q(room)}?{how}"
    return Address(text, masked(_host(server), room.split(":")[0]), server)


def pushover(answers: Answers) -> Address:
    user = _matching(answers, "user", r"[A-Za-z0-9]{20,40}")
    token = _matching(answers, "token", r"[A-Za-z0-9]{20,40}")
    return Address(f"pover://{user}@{token}", masked("Pushover", user))


def pushbullet(answers: Answers) -> Address:
    token = _matching(answers, "token", r"[A-Za-z0-9._]{10,100}")
    return Address(f"pbul://{token}", masked("Pushbullet", token))


def email(answers: Answers) -> Address:
    try:
        validate_email(answers["address"])
    except ValidationError:
        raise Refused("malformed", "address") from None
    return Address(answers["address"], masked_mail(answers["address"]))


def webhook(answers: Answers) -> Address:
    try:
        target = guarded_fetch.parse(answers["url"])
    except FetchError:
        raise Refused("malformed", "url") from None
    # The form of Standard Webhooks: libraries that check signatures take it as it is.
    secret = webhook_address.new_secret(secrets.token_bytes(32))
    ending = target.path.partition("?")[0].rpartition("/")[2]
    return Address(
        webhook_address.written(answers["url"], secret), masked(_host(target), ending), target, secret
    )
