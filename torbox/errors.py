"""Every way a TorBox call can fail, sorted by what the caller should do next.

    TorBoxError                 any error below
     ├─ AuthError               ask the owner for another key
     ├─ RateLimited             wait `retry_after` seconds, then continue
     ├─ NotFound                the item is not, or no longer, on the account
     ├─ Refused                 final for this request as it was sent
     │   ├─ Duplicate           already on the account: look it up by hash
     │   └─ LimitReached        retry when a slot is free, or when the month or the cooldown is over
     └─ Unavailable             not the caller's fault: retry later
         ├─ Unreachable         no response
         └─ Malformed           a response that can't be understood
             └─ TooLarge        a response larger than MAX_ANSWER: ask for less at once

`maybe_done` tells whether the request may have taken effect although it failed. This matters for writes only: check
before you repeat one. The codes behind each class: docs/torbox-api.md#error-codes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from torbox.sanitize import sentence

DETAIL_LIMIT = 500

#: What TorBox sent along with its message, reduced to something safe to store.
ErrorData = dict[str, object] | str | None


class TorBoxError(Exception):
    """Base of all failures.

    `detail` is TorBox's own message, or "" if it sent none: at most 500 characters, without control and direction
    characters. `code` is TorBox's machine code or None, `status` the HTTP status or None, `data` what TorBox sent
    along: a bounded string, a flat object of scalars, or None. `note` is ours, for logs, and never shown to people.
    """

    maybe_done: bool = False

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        status: int | None = None,
        data: ErrorData = None,
        maybe_done: bool | None = None,
        note: str = "",
    ) -> None:
        self.detail = sentence(detail, DETAIL_LIMIT)
        self.note = note
        self.code = code
        self.status = status
        self.data = data
        if maybe_done is not None:
            self.maybe_done = maybe_done
        super().__init__(self.detail)

    def __str__(self) -> str:
        return self.detail or self.note or self.code or type(self).__name__


class NotSent(Exception):
    """Raised when the caller's time to send ran out before anything was sent. TorBox is not at fault."""


class AuthError(TorBoxError):
    """TorBox doesn't accept the API key, which it may rotate at any time (docs/torbox-api.md#limits)."""


class RateLimited(TorBoxError):
    """Too many requests. `retry_after`: seconds from now, or None if TorBox gave no time."""

    retry_after: float | None = None


class NotFound(TorBoxError):
    """The item is not on this account."""


class Refused(TorBoxError):
    """TorBox refused the request, and sending the same request again won't help."""


class Duplicate(Refused):
    """The item is already on the account or in its queue (docs/torbox-api.md#duplicates)."""


class LimitReached(Refused):
    """A limit of the plan was reached. `limit` and `current` count items; `until` is the end of a cooldown (UTC).

    Each is None if TorBox didn't send it.
    """

    limit: int | None = None
    current: int | None = None
    until: datetime | None = None


class Unavailable(TorBoxError):
    """A fault at TorBox or on the way there that the caller can't change."""


class Reason(StrEnum):
    """Why there was no response, as far as this machine can tell."""

    DNS = "dns"  # the host name could not be resolved
    REFUSED = "refused"
    PROXY = "proxy"  # the proxy in HTTPS_PROXY failed
    CERTIFICATE = "certificate"  # untrusted, expired, or for another name
    TIMEOUT = "timeout"
    OTHER = "other"


class Unreachable(Unavailable):
    """TorBox sent no response. `maybe_done` is False if no connection was made. `reason` tells where it failed."""

    def __init__(self, *, maybe_done: bool, reason: Reason = Reason.OTHER) -> None:
        what = "TorBox did not respond" if maybe_done else "TorBox could not be reached"
        super().__init__(maybe_done=maybe_done, note=f"{what} ({reason}).")
        self.reason = reason


class Malformed(Unavailable):
    """TorBox sent a response that can't be understood. `field` names the part that was wrong."""

    maybe_done = True
    field: str = ""

    @classmethod
    def at(cls, field: str, problem: str = "has an unexpected value") -> Malformed:
        """Return the error for one named field of a response."""
        error = cls(note=f"TorBox sent a response that can't be understood: {field!r} {problem}.")
        error.field = field
        return error


class TooLarge(Malformed):
    """The response is larger than MAX_ANSWER, and was discarded."""
