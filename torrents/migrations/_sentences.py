"""Sentences that earlier versions stored, as the codes that replace them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

Params = dict[str, Any]


class Coded(NamedTuple):
    code: str = ""
    params: Params = {}  # noqa: RUF012 - never changed
    upstream_detail: str = ""


OPERATIONS = {
    "Reannounce": "reannounce",
    "Resume": "resume",
    "Pause": "pause",
    "Stop seeding": "stop_seeding",
    "Start now": "start",
    "Delete": "delete",
}
EXACT = {
    "No free slot at TorBox": "no_slot",
    "TorBox’s queue is full": "queue_full",
    "This month’s TorBox downloads are used up": "month_used_up",
    "TorBox has this account in a cooldown": "cooldown",
    "Waits for a new API key": "key_rejected",
    "TorBox asked us to slow down": "throttled",
    "TorBox does not answer; sent as soon as it does": "torbox_down",
    "TorBox had trouble with it": "torbox_trouble",
    "TorBox has no cached copy, and you asked for cached ones only.": "not_cached",
    "TorBox could not find it.": "not_found",
    "it is not at TorBox yet.": "not_at_torbox_yet",
    "it waits in TorBox’s queue, where it can only be started or deleted.": "in_queue",
    "TorBox refused it without saying why.": "refused",
}
LOST = "TorBox’s answer got lost"
USAGE = re.compile(r"(No free slot at TorBox|This month’s TorBox downloads are used up) \((\d+) of (\d+) in use\)")
RATE = re.compile(r"TorBox allows (\d+) adds (an hour|a minute)")
TROUBLE = re.compile(r"TorBox had trouble with it \(“(.*)”\)", re.DOTALL)
STATES = {
    "error": "error",
    "failed": "unexplained",
    "inactive": "inactive",
    "missing": "missing_files",
    "missingfiles": "missing_files",
    "timedout": "timed_out",
    "unavailable": "unavailable",
}
STATE = re.compile(r"([a-z]*)\s*\(?\s*>\s*(\d+\s+[a-z]+)\s*\)?", re.IGNORECASE | re.ASCII)


def coded(sentence: str, otherwise: str = "refused") -> Coded:
    """Return the code for a stored sentence. One that isn't ours is TorBox's, and gets the code `otherwise`."""
    if not sentence:
        return Coded()
    label, _, problem = sentence.partition(": ")
    if problem and label in OPERATIONS:
        code, params, upstream_detail = coded(problem)
        return Coded(code, {"operation": OPERATIONS[label]} | params, upstream_detail)
    if sentence in EXACT:
        return Coded(EXACT[sentence])
    if sentence.startswith(LOST):
        return Coded("answer_lost")
    return _with_parameters(sentence) or _state(sentence) or Coded(otherwise, {}, sentence)


def _with_parameters(sentence: str) -> Coded | None:
    if match := USAGE.fullmatch(sentence):
        return Coded(EXACT[match[1]], {"used": int(match[2]), "limit": int(match[3])})
    if match := RATE.fullmatch(sentence):
        return Coded("hourly_limit" if match[2] == "an hour" else "minute_limit", {"limit": int(match[1])})
    if match := TROUBLE.fullmatch(sentence):
        return Coded("torbox_trouble", {}, match[1])
    return None


def _state(sentence: str) -> Coded | None:
    """What TorBox calls a torrent that it gave up on."""
    said = " ".join(sentence.split())
    if known := STATES.get(said.casefold()):
        return Coded(known, {}, sentence)
    if match := STATE.fullmatch(said):
        code = "timed_out" if match[1].casefold() == "timedout" else "inactive"
        return Coded(code, {"longer_than": match[2]}, sentence)
    return None
