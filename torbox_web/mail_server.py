"""Parse SMTP_URL, the mail server that sends notifications."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qs, unquote

from .parse import split_url

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
EXAMPLE = "smtp+tls://user:password@mail.example.org:587, with special characters in user and password percent-encoded"


@dataclass(frozen=True)
class MailServer:
    """How to reach it. `sender` is the From of messages, or "" for the default. `starttls` and `tls` exclude each other."""

    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False
    sender: str = ""


def smtp_url(value: str) -> MailServer:
    """Return the mail server of a URL. The ValueError doesn't show the value, which may hold a password."""
    parts = split_url(value, EXAMPLE, tuple(PORTS))
    sender = _sender(parts)
    if parts.path.strip("/") or "#" in value or (parts.password and not parts.username):
        raise ValueError(f"Write an address like {EXAMPLE}.")
    return MailServer(
        parts.hostname or "",
        parts.port or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+tls",
        tls=parts.scheme == "smtps",
        sender=sender,
    )


def _sender(parts: SplitResult) -> str:
    """Return the `from` of the query."""
    query = parse_qs(parts.query, keep_blank_values=True)
    sender = query.pop("from", [""])[0]
    address = parseaddr(sender)[1]
    if query or (sender and not re.fullmatch(r"[^@\s]+@[^@\s]+", address)) or not sender.isprintable():
        raise ValueError(
            "After the ? write only from=, with a mail address, such as from=torbox@example.org."
        )
    return sender
