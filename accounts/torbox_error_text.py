"""The words for an error of TorBox while someone waits for the answer."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import torbox
from localization import formats


def explain(error: torbox.TorBoxError) -> tuple[str, str, int]:
    """Return title, text, and status for an error: what happened, what to do next, and TorBox's own words."""
    detail = {"detail": error.detail}
    if isinstance(error, torbox.AuthError):
        text = _("TorBox rejected this account’s API key. Its owner can enter a new one.")
        if error.detail:
            text = _("TorBox rejected this account’s API key: “%(detail)s” Its owner can enter a new one.")
        return _("API key rejected"), text % detail, 409
    if isinstance(error, torbox.RateLimited):
        return _("Too many requests"), _slow_down(error.retry_after), 429
    if isinstance(error, torbox.NotFound):
        text = _("TorBox no longer has this torrent, or doesn’t have it yet. Refresh the list.")
        if error.detail:
            text = _("TorBox can’t find this torrent: “%(detail)s” Refresh the list.")
        return _("Not found on TorBox"), text % detail, 404
    if isinstance(error, torbox.Malformed):
        text = _("TorBox sent a response we can’t read, but nothing is lost. Try again in a moment.")
        return _("Unreadable response"), text, 502
    if isinstance(error, torbox.Unavailable):
        text = _("We couldn’t reach TorBox, but nothing is lost. Try again in a moment.")
        return _("TorBox isn’t responding"), text, 502
    text = (
        _("TorBox refused this request: “%(detail)s”") if error.detail else _("TorBox refused this request.")
    )
    return _("TorBox refused this"), text % detail, 409


def _slow_down(retry_after: float | None) -> str:
    if not retry_after:
        return _("Too many requests to TorBox. Wait a minute and try again.")
    seconds = int(retry_after) + 1
    return ngettext(
        "Too many requests to TorBox. Try again in %(count)s second.",
        "Too many requests to TorBox. Try again in %(count)s seconds.",
        seconds,
    ) % {"count": formats.number(seconds)}
