"""The sentences for a reason. They are made only here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from localization.formats import clock, duration, number

from .formatting import display_name
from .link_reasons import LINK
from .reasons import Reason
from .skip_reason_text import skip_sentence

Params = Mapping[str, Any]
MAX_TROUBLE = 120  # characters of TorBox's sentence within one of ours
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
TERM = re.compile(r"(\d{1,6}) (minute|hour|day)s?", re.IGNORECASE | re.ASCII)
WORDS: dict[str, str | Promise] = {
    Reason.QUEUE_FULL: gettext_lazy("TorBox’s queue is full."),
    Reason.COOLDOWN: gettext_lazy("TorBox put this account in a cooldown."),
    Reason.KEY_REJECTED: gettext_lazy("Waiting for a new API key."),
    Reason.THROTTLED: gettext_lazy("TorBox asked us to slow down."),
    Reason.TORBOX_DOWN: gettext_lazy("TorBox isn’t responding. We’ll send it when TorBox is back."),
    Reason.NOT_CACHED: gettext_lazy("TorBox doesn’t have it cached, and you asked for cached torrents only."),
    Reason.NOT_FOUND: gettext_lazy("TorBox couldn’t find it."),
    Reason.NOT_AT_TORBOX_YET: gettext_lazy("It isn’t on TorBox yet."),
    Reason.IN_QUEUE: gettext_lazy("It’s in TorBox’s queue, where it can only be started or deleted."),
    Reason.MISSING_FILES: gettext_lazy("Files are missing on TorBox."),
    Reason.UNAVAILABLE: gettext_lazy("It isn’t available on TorBox."),
    Reason.ERROR: gettext_lazy("TorBox reported an error."),
    Reason.UNEXPLAINED: gettext_lazy("TorBox didn’t give a reason."),
}
# By the key of the operation that failed.
COULD_NOT: dict[str, str | Promise] = {
    "pause": gettext_lazy("Couldn’t pause it. %(reason)s"),
    "resume": gettext_lazy("Couldn’t resume it. %(reason)s"),
    "reannounce": gettext_lazy("Couldn’t reannounce it. %(reason)s"),
    "stop_seeding": gettext_lazy("Couldn’t stop seeding it. %(reason)s"),
    "start": gettext_lazy("Couldn’t start it. %(reason)s"),
    "delete": gettext_lazy("Couldn’t delete it. %(reason)s"),
    "tag": gettext_lazy("Couldn’t change the tags. %(reason)s"),
    "rename": gettext_lazy("Couldn’t rename it. %(reason)s"),
    "keep": gettext_lazy("Couldn’t keep it. %(reason)s"),
    "unkeep": gettext_lazy("Couldn’t stop keeping it. %(reason)s"),
}


def reason_words(
    reason: str, params: Params | None = None, upstream_detail: str = "", most: int = 300
) -> str:
    """Return a reason in whole sentences on one line of at most `most` characters; "" for no reason."""
    params, upstream_detail = params or {}, display_name(upstream_detail, most)
    make = MADE.get(reason) or (partial(_of_link, reason) if reason.startswith(LINK) else None)
    words = make(params, upstream_detail) if make else str(WORDS.get(reason, upstream_detail))
    if words and (failed := COULD_NOT.get(params.get("operation", ""))):
        words = str(failed) % {"reason": words}
    return words if len(words) <= most else f"{words[:most]}…"


def _of_link(reason: str, params: Params, detail: str) -> str:
    """Return why the .torrent file behind a link wasn't fetched (`link_reasons`), or holds no torrent (`SkipReason`)."""
    return skip_sentence(reason, {"limit": "", "status": "", **params})


def _no_slot(params: Params, detail: str) -> str:
    if not (usage := _usage(params)):
        return _("No free slot on TorBox.")
    return _("No free slot on TorBox (%(used)s of %(limit)s in use).") % usage


def _month_used_up(params: Params, detail: str) -> str:
    if not (usage := _usage(params)):
        return _("This month’s TorBox downloads are used up.")
    return _("This month’s TorBox downloads are used up (%(used)s of %(limit)s).") % usage


def _usage(params: Params) -> dict[str, str]:
    used, limit = params.get("used"), params.get("limit")
    return {"used": number(used), "limit": number(limit)} if used and limit else {}


def _hourly_limit(params: Params, detail: str) -> str:
    if not (limit := params.get("limit")):
        return _("TorBox limits how much can be added per hour.")
    words = ngettext("TorBox allows %(limit)s add an hour.", "TorBox allows %(limit)s adds an hour.", limit)
    return words % {"limit": number(limit)}


def _minute_limit(params: Params, detail: str) -> str:
    if not (limit := params.get("limit")):
        return _("TorBox limits how much can be added per minute.")
    words = ngettext("TorBox allows %(limit)s add a minute.", "TorBox allows %(limit)s adds a minute.", limit)
    return words % {"limit": number(limit)}


def _trouble(params: Params, detail: str) -> str:
    if not detail:
        return _("TorBox ran into a problem with it.")
    return _("TorBox ran into a problem with it: “%(detail)s”") % {"detail": detail[:MAX_TROUBLE]}


def _answer_lost(params: Params, detail: str) -> str:
    if not (until := params.get("until")):
        return _("TorBox’s answer got lost.")
    # Translators: a time, with its date unless it is today.
    words = _("TorBox’s answer got lost. If it isn’t on TorBox by %(time)s, we’ll send it again.")
    return words % {"time": clock(datetime.fromisoformat(until))}


def _refused(params: Params, detail: str) -> str:
    return detail or _("TorBox refused it without giving a reason.")


def _given_up(params: Params, detail: str) -> str:
    return detail or str(WORDS[Reason.UNEXPLAINED])


def _inactive(params: Params, detail: str) -> str:
    if not (term := _term(params)):
        return _("It was inactive for too long.")
    return _("It was inactive for more than %(time)s.") % {"time": term}


def _timed_out(params: Params, detail: str) -> str:
    if not (term := _term(params)):
        return _("It didn’t finish in time.")
    return _("It didn’t finish within %(time)s.") % {"time": term}


def _term(params: Params) -> str:
    """Return TorBox's “30 days” in the active language, and a length of time that can't be read as it is."""
    term = str(params.get("longer_than", ""))
    if match := TERM.fullmatch(term):
        return duration(int(match[1]) * SECONDS[match[2].lower()])
    return term


MADE: dict[str, Callable[[Params, str], str]] = {
    Reason.NO_SLOT: _no_slot,
    Reason.MONTH_USED_UP: _month_used_up,
    Reason.HOURLY_LIMIT: _hourly_limit,
    Reason.MINUTE_LIMIT: _minute_limit,
    Reason.TORBOX_TROUBLE: _trouble,
    Reason.ANSWER_LOST: _answer_lost,
    Reason.REFUSED: _refused,
    Reason.GIVEN_UP: _given_up,
    Reason.INACTIVE: _inactive,
    Reason.TIMED_OUT: _timed_out,
}
