"""Every way a TorBox call can fail, sorted by what the caller should do next.

    TorBoxError                 anything below; `detail` is a sentence fit for a person
     ├─ AuthError               ask the owner for another key
     ├─ RateLimited             wait `retry_after` seconds, then go on
     ├─ NotFound                the item is not on the account (any more)
     ├─ Refused                 final for this request as it was sent
     │   ├─ Duplicate           already on the account: look it up by hash
     │   └─ LimitReached        try again when a slot, a month or a cooldown has passed
     └─ Unavailable             not the caller's fault: try later
         ├─ Unreachable         no answer at all
         └─ Malformed           an answer nobody can understand
             └─ TooLarge        more of it than anybody reads: ask for less at once

`maybe_done` says whether the request may have taken effect although it failed. It matters for writes
only: look before you repeat. The codes behind each class: docs/torbox-api.md#error-codes.
"""

from __future__ import annotations

from datetime import datetime

from torbox.cleaning import plain_text

DETAIL_LIMIT = 500

#: What TorBox sent beside the sentence, reduced to something safe to keep.
ErrorData = dict[str, object] | str | None


class TorBoxError(Exception):
    """Base of all failures. `detail`: TorBox's own sentence, at most 500 characters, no control characters.

    `code` is TorBox's machine code or None, `status` the HTTP status or None, `data` what TorBox
    sent along: a bounded string, a flat object of scalars, or None.
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
    ) -> None:
        self.detail = plain_text(detail, DETAIL_LIMIT)
        self.code = code
        self.status = status
        self.data = data
        if maybe_done is not None:
            self.maybe_done = maybe_done
        super().__init__(self.detail)

    def __str__(self) -> str:
        return self.detail or self.code or type(self).__name__


class AuthError(TorBoxError):
    """The key itself is not accepted. TorBox may rotate a key at any time (docs/torbox-api.md#limits)."""


class RateLimited(TorBoxError):
    """Too many requests. `retry_after`: seconds from now, or None when TorBox did not say."""

    retry_after: float | None = None


class NotFound(TorBoxError):
    """TorBox does not know the item for this account."""


class Refused(TorBoxError):
    """TorBox understood and said no; sending the same again will not help."""


class Duplicate(Refused):
    """The item is on the account or in its queue already (docs/torbox-api.md#duplicates)."""


class LimitReached(Refused):
    """A limit of the plan. `limit` and `current` count items; `until` is the end of a cooldown (UTC).

    Each is None when TorBox did not say.
    """

    limit: int | None = None
    current: int | None = None
    until: datetime | None = None


class Unavailable(TorBoxError):
    """A fault at TorBox or on the way there; nothing the caller can change."""


class Unreachable(Unavailable):
    """No answer: `maybe_done` is False when not even a connection was made."""


class Malformed(Unavailable):
    """An answer that cannot be understood; `field` names the part that was wrong."""

    maybe_done = True
    field: str = ""

    @classmethod
    def at(cls, field: str, problem: str = "has an unexpected value") -> Malformed:
        """The error for one named field of an answer."""
        error = cls(f"TorBox sent an answer that could not be understood: “{field}” {problem}.")
        error.field = field
        return error


class TooLarge(Malformed):
    """The answer is larger than MAX_ANSWER; what was read of it is thrown away."""
