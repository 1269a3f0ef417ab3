"""An entry of the activity as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from .formatting import day, display_name
from .models import Activity

Kind = Activity.Kind

# What stands before the torrent's name when somebody did it, and behind it when it happened by itself.
WORDS: dict[str, tuple[str, str]] = {
    Kind.ADDED: ("added", "was added"),
    Kind.WAITED: ("", "had to wait"),
    Kind.SENT: ("", "was sent to TorBox"),
    Kind.DOWNLOADING: ("", "is downloading"),
    Kind.STALLED: ("", "stalled"),
    Kind.READY: ("", "is ready"),
    Kind.FAILED: ("", "failed"),
    Kind.GONE: ("", "is gone from TorBox"),
    Kind.LINK_TAKEN: ("took the link to", "was downloaded"),
    Kind.DELETED: ("deleted", "was deleted"),
    Kind.RETRIED: ("added again", "was added again"),
}
CONTROLS = {
    "Reannounce": "reannounced",
    "Resume": "resumed",
    "Pause": "paused",
    "Stop seeding": "stopped seeding",
    "Start now": "started",
}
TONES = {
    Kind.ADDED: "active",
    Kind.DOWNLOADING: "active",
    Kind.READY: "ready",
    Kind.STALLED: "waiting",
    Kind.WAITED: "waiting",
    Kind.FAILED: "failed",
}
EXPLAINED = {Kind.FAILED, Kind.WAITED}


@dataclass(frozen=True)
class Line:
    """“<person> <before> <name> <after>”; `url` leads to the torrent, `retry_url` adds it again."""

    at: datetime
    day: str
    tone: str
    person: str
    before: str
    name: str
    after: str
    url: str = ""
    retry_url: str = ""
    account: str = ""


def line(entry: Activity, several: bool) -> Line:
    person = display_name(entry.person.display_name, 60) if entry.person else ""
    before, after = _words(entry)
    name = entry.name
    if entry.kind == Kind.LINK_TAKEN and entry.detail not in ("", "zip"):
        name = entry.detail.rsplit("/", 1)[-1]
    if not (person and before):
        person, before = "", ""
    else:
        after = ""
    if entry.kind in EXPLAINED and entry.detail:
        after = f"{after}: {display_name(entry.detail, 200)}"
    return Line(
        at=entry.at,
        day=_day(entry.at),
        tone=TONES.get(Kind(entry.kind), "quiet"),
        person=person,
        before=before,
        name=name or "A torrent",
        after=after,
        url=reverse("torrents:detail", args=[entry.torrent_id]) if entry.leads_on else "",
        retry_url=_retry_url(entry),
        account=entry.account.label if several else "",
    )


def _words(entry: Activity) -> tuple[str, str]:
    if entry.kind == Kind.CONTROLLED:
        verb = CONTROLS.get(entry.detail, "controlled")
        return verb, f"was {verb}"
    return WORDS[entry.kind]


def _retry_url(entry: Activity) -> str:
    if entry.kind != Kind.DELETED or not entry.may_add_again:
        return ""
    return reverse("torrents:retry", args=[entry.torrent_id])


def _day(moment: datetime) -> str:
    days = (timezone.localdate() - timezone.localdate(moment)).days
    return {0: "Today", 1: "Yesterday"}.get(days, day(moment))
