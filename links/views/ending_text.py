"""Why a lasting link doesn't work, in words for whoever opened it. They name neither the torrent nor any person."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ..endings import Ending


class Words(NamedTuple):
    """What happened, and what to do."""

    title: str | Promise
    text: str | Promise


ASK = gettext_lazy("Ask the person who sent it for a new one.")
NO_SUCH_LINK = Words(
    gettext_lazy("This link doesn’t work"),
    gettext_lazy("Check that it’s complete, or ask the person who sent it."),
)
NOT_NOW = Words(gettext_lazy("This link isn’t working right now"), gettext_lazy("Try again in a minute."))
TOO_MANY_GUESSES = Words(
    gettext_lazy("Too many attempts"), gettext_lazy("Too many attempts. Wait a minute and try again.")
)
PASSWORD_REQUIRED = Words(
    gettext_lazy("Password required"), gettext_lazy("Ask the person who sent you this link.")
)
ENDED = {
    Ending.EXPIRED: Words(gettext_lazy("This link has expired"), ASK),
    Ending.USED_UP: Words(gettext_lazy("This link has reached its download limit"), ASK),
    Ending.REVOKED: Words(gettext_lazy("This link has been revoked"), ASK),
    Ending.UNAVAILABLE: Words(gettext_lazy("This link isn’t available"), ASK),
}
