"""Events as lines of the Activity page, of a torrent's own page, and of the CSV file. event_words.py has the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from localization.formats import day, number
from torbox.sanitize import is_blank
from torrents.folding import fold
from torrents.formatting import display_name, isolated, with_markup
from torrents.models import Activity
from torrents.operations import OPERATIONS
from torrents.reason_text import reason_words
from torrents.reasons import Reason
from torrents.saving_text import folder_name, saving_trouble

from .event_words import DONE, EVENTS, NOT_DONE, NOT_EDITED, Words, several_links

Kind = Activity.Kind
Params = Mapping[str, Any]
MAX_REASON = 200  # characters
NO_NAMES = {"person": "", "torrent": "", "count": "", "folder": ""}
TONES: dict[str, str] = {
    Kind.ADDED: "active",
    Kind.DOWNLOADING: "active",
    Kind.READY: "ready",
    Kind.STALLED: "waiting",
    Kind.WAITED: "waiting",
    Kind.FAILED: "failed",
    Kind.SAVED: "ready",
    Kind.NOT_SAVED: "failed",
}
TONES_HERE = TONES | {Kind.ADDED: "quiet", Kind.LINK_TAKEN: "ready", Kind.LINK_USED: "ready"}
DOWNLOADS = (Kind.LINK_TAKEN, Kind.LINK_USED)
SAVING = (Kind.SAVED, Kind.NOT_SAVED)


@dataclass(frozen=True)
class ActivityLine:
    """An event on the Activity page. `sentence` is markup; `retry_url` adds the deleted torrent `name` again."""

    at: datetime
    day: str
    tone: str
    sentence: SafeString
    name: str
    url: str = ""
    retry_url: str = ""
    account: str = ""


@dataclass(frozen=True)
class TimelineEvent:
    """An event on the page of its torrent, which it doesn't name. `sentence` is markup."""

    tone: str
    sentence: SafeString
    at: datetime


def line(entry: Activity, several: bool) -> ActivityLine:
    """Return an event for the Activity page; `several`: the person sees more than one account."""
    words = _words(entry.kind, entry.code, entry.params)
    name = _file_name(entry) or entry.name
    name = _("A torrent") if is_blank(name) else display_name(name)
    url = reverse("torrents:detail", args=[entry.torrent_id]) if entry.leads_on else ""
    sentence = with_markup(
        words.by if entry.person and words.by else words.sentence,
        person=format_html("<strong>{}</strong>", _person(entry)),
        torrent=_name_markup(name, url),
        count=_count(entry.params),
        folder=_folder(entry),
    )
    return ActivityLine(
        at=entry.at,
        day=_day(entry.at),
        tone=_tone(entry, TONES),
        sentence=_explained(sentence, entry),
        name=name,
        url=url,
        retry_url=_retry_url(entry),
        account=entry.account.label if several else "",
    )


def on_own_page(entry: Activity) -> TimelineEvent:
    """Return an event for the page of its torrent."""
    words = _words(entry.kind, entry.code, entry.params)
    sentence = with_markup(
        words.label_by if entry.person and words.label_by else words.label,
        person=_person(entry),
        count=_count(entry.params),
        folder=_folder(entry),
    )
    return TimelineEvent(_tone(entry, TONES_HERE), _explained(sentence, entry), entry.at)


def detail(kind: str, code: str, params: Params, upstream_detail: str) -> str:
    """Return what the CSV file says beside kind, person, and torrent. TorBox's reason for a failure is quoted."""
    if kind == Kind.CONTROLLED:
        label = str(OPERATIONS[code].label) if code in OPERATIONS else ""
        return _joined(label, _why(kind, code, params, upstream_detail))
    if kind in DOWNLOADS:
        return _link_detail(code, params)
    if kind in SAVING:
        return _joined(folder_name(params), _why(kind, code, params, upstream_detail))
    if upstream_detail and kind != Kind.WAITED:
        return upstream_detail
    if code == "found":
        return _("Found in TorBox’s list.")
    return _why(kind, code, params, upstream_detail)


def events_saying(word: str) -> Q:
    """Match the events whose words contain a folded word. Looks at kinds and codes only: no row is rendered."""
    found = Q(pk__in=[])
    for match, text in _phrases(get_language() or ""):
        if word in text:
            found |= match
    return found


@lru_cache(maxsize=16)
def _phrases(language: str) -> list[tuple[Q, str]]:
    """Return all that events say in the active language, folded, each with the events that say it."""
    said = [(Q(kind=kind), _all_forms(words)) for kind, words in EVENTS.items() if kind != Kind.CONTROLLED]
    for key, operation in OPERATIONS.items():
        match = Q(kind=Kind.CONTROLLED, code=key)
        said.append((match, f"{EVENTS[Kind.CONTROLLED].label}\n{operation.label}\n{_all_forms(DONE[key])}"))
        said.append((match & Q(params__has_key="error"), _all_forms(NOT_DONE[key])))
    for kind, forms in NOT_EDITED.items():
        said.append((Q(kind=kind, params__has_key="error"), _all_forms(forms)))
    for reason in Reason.values:
        words = reason_words(reason)
        said.append((Q(kind__in=[Kind.WAITED, Kind.FAILED], code=reason), words))
        said.append((Q(kind__in=[Kind.CONTROLLED, *NOT_EDITED], params__error=reason), words))
    return [(match, fold(words)) for match, words in said]


def _all_forms(words: Words) -> str:
    return "\n".join(str(form) % NO_NAMES for form in words)


def _words(kind: str, code: str, params: Params) -> Words:
    if kind == Kind.LINK_TAKEN and isinstance(params.get("count"), int):
        return several_links(params["count"])
    if kind == Kind.CONTROLLED and code in OPERATIONS:
        return (NOT_DONE if params.get("error") else DONE)[code]
    if kind in NOT_EDITED and params.get("error"):
        return NOT_EDITED[kind]
    return EVENTS[kind]


def _why(kind: str, code: str, params: Params, upstream_detail: str) -> str:
    """Return why it waits, failed, or wasn't done; "" when there is nothing to explain."""
    if kind == Kind.CONTROLLED or kind in NOT_EDITED:
        code = params.get("error", "")
        return reason_words(code, params, upstream_detail, MAX_REASON) if code else ""
    if kind in (Kind.WAITED, Kind.FAILED):
        return reason_words(code, params, upstream_detail, MAX_REASON)
    if kind in SAVING:
        return saving_trouble(code, params, upstream_detail)
    return ""


def _explained(sentence: SafeString, entry: Activity) -> SafeString:
    why = _why(entry.kind, entry.code, entry.params, entry.upstream_detail)
    return with_markup(_with_reason(), event=sentence, reason=why) if why else sentence


def _joined(event: str, reason: str) -> str:
    return _with_reason() % {"event": event, "reason": reason} if event and reason else event or reason


def _with_reason() -> str:
    # Translators: what happened, such as “A film failed” or “Pause”, and why
    return pgettext("activity", "%(event)s: %(reason)s")


def _person(entry: Activity) -> SafeString:
    return isolated(entry.person.display_name, 60) if entry.person else SafeString()


def _folder(entry: Activity) -> SafeString:
    """Return the name of the folder on disk that something was saved to."""
    return isolated(str(entry.params.get("folder", "")), 60)


def _name_markup(name: str, url: str) -> SafeString:
    if url:
        return format_html('<a href="{}">{}</a>', url, isolated(name))
    return format_html("<strong>{}</strong>", isolated(name))


def _link_detail(code: str, params: Params) -> str:
    if code == "file":
        return str(params.get("path", ""))
    if code == "links" and isinstance(params.get("count"), int):
        return ngettext("%(count)s link", "%(count)s links", params["count"]) % {"count": _count(params)}
    return _("zip")


def _count(params: Params) -> str:
    count = params.get("count")
    return number(count) if isinstance(count, int) else ""


def _tone(entry: Activity, tones: Mapping[str, str]) -> str:
    return "failed" if entry.params.get("error") else tones.get(entry.kind, "quiet")


def _file_name(entry: Activity) -> str:
    is_file = entry.kind in DOWNLOADS and entry.code == "file"
    return str(entry.params.get("path", "")).rsplit("/", 1)[-1] if is_file else ""


def _retry_url(entry: Activity) -> str:
    if entry.kind != Kind.DELETED or not entry.may_add_again:
        return ""
    return reverse("torrents:retry", args=[entry.torrent_id])


def _day(moment: datetime) -> str:
    days = (timezone.localdate() - timezone.localdate(moment)).days
    return {0: _("Today"), 1: _("Yesterday")}.get(days, day(moment))
