"""Tell from a client's exception why a database, a Redis, or a disk refuses to work."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import StrEnum

from django.db import Error, InterfaceError, OperationalError


class Reason(StrEnum):
    """Why a store refuses to work. The words for it are made where they are shown."""

    GONE = "gone"
    SLOW = "slow"
    STARTING = "starting"
    DENIED = "denied"
    FULL = "full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    NOT_SAVING = "not_saving"
    NO_SUCH_DATABASE = "no_such_database"
    REFUSES = "refuses"


ERRNO = {
    errno.ENOSPC: Reason.FULL,
    errno.EDQUOT: Reason.FULL,
    errno.EROFS: Reason.READ_ONLY,
    errno.EACCES: Reason.DENIED,
    errno.EPERM: Reason.DENIED,
    errno.ETIMEDOUT: Reason.SLOW,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html. Two characters match the whole class.
SQLSTATE = {
    "08": Reason.GONE,
    "57P01": Reason.GONE,
    "57P02": Reason.GONE,
    "57P03": Reason.STARTING,
    "57": Reason.GONE,
    "57014": Reason.SLOW,
    "25P03": Reason.SLOW,
    "25006": Reason.READ_ONLY,
    "28": Reason.DENIED,
    "42501": Reason.DENIED,
    "3D000": Reason.NO_SUCH_DATABASE,
    "53100": Reason.FULL,
    "55P03": Reason.LOCKED,
    "40": Reason.LOCKED,
    "53": Reason.REFUSES,
    "58": Reason.REFUSES,
}
# Lower-case messages of Redis and SQLite, and of libpq where it has no code.
SAID = {
    "oom ": Reason.FULL,
    "used memory >": Reason.FULL,
    "disk is full": Reason.FULL,
    "no space left": Reason.FULL,
    "misconf": Reason.NOT_SAVING,
    "readonly": Reason.READ_ONLY,
    "read only replica": Reason.READ_ONLY,
    "noauth": Reason.DENIED,
    "authenticat": Reason.DENIED,
    "wrongpass": Reason.DENIED,
    "invalid password": Reason.DENIED,
    "invalid username-password": Reason.DENIED,
    "noperm": Reason.DENIED,
    "permission": Reason.DENIED,
    "db index": Reason.NO_SUCH_DATABASE,
    "does not exist": Reason.NO_SUCH_DATABASE,
    "loading": Reason.STARTING,
    "starting up": Reason.STARTING,
    "is locked": Reason.LOCKED,
    "timeout": Reason.SLOW,
    "timed out": Reason.SLOW,
    "connection": Reason.GONE,
    "unable to open": Reason.GONE,
    "disk i/o error": Reason.GONE,
}
# PostgreSQL raises these, read-only and access denied, with a class that it also uses for our own mistakes.
REFUSING = ("25006", "42501")
# SQLite raises our own mistakes with the same class as a full disk. These messages tell them apart.
OURS = ("no such table", "no such column", "syntax error", "too many sql variables", "no such function")


def reason_of(error: BaseException) -> Reason:
    """Return the most specific reason among `error` and its causes."""
    for cause in chain(error):
        if isinstance(cause, TimeoutError):
            return Reason.SLOW
        if isinstance(cause, OSError) and cause.errno in ERRNO:
            return ERRNO[cause.errno]
        state = str(getattr(cause, "sqlstate", None) or "")
        if found := SQLSTATE.get(state) or SQLSTATE.get(state[:2]):
            return found
    said = " ".join(str(cause) for cause in chain(error)).lower()
    found_words = (reason for words, reason in SAID.items() if words in said)
    return next(found_words, Reason.GONE if _is_connection(error) else Reason.REFUSES)


def is_refusal(error: BaseException) -> bool:
    """Return whether the database refuses or is gone, as opposed to a mistake in the query."""
    if not isinstance(error, Error) or any(words in str(error).lower() for words in OURS):
        return False
    state = str(getattr(error.__cause__, "sqlstate", None) or "")
    return isinstance(error, OperationalError | InterfaceError) or state in REFUSING


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its causes, the latest first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _is_connection(error: BaseException) -> bool:
    return any(isinstance(cause, OSError) or "Connection" in type(cause).__name__ for cause in chain(error))
