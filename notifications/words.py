"""Words for notifications: one sentence for what happened, and one quiet line of facts.

What can be counted stands between %(start)s and %(end)s, which become a link on pages and nothing in messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from localization.formats import listed, long_duration, number, until
from torbox.sanitize import is_blank
from torrents.formatting import isolated, name_in_text, with_markup

from .events import Kind
from .models import Notification
from .note_facts import channel_name, count_of, facts, moment_of, summary_counts

__all__ = [
    "burst_facts",
    "burst_sentence",
    "facts",
    "plain_burst_sentence",
    "plain_sentence",
    "sentence",
    "tone",
]

MAX_NAME = 120  # characters in a message
SHOWN_OF_BURST = 2  # names
TONES: dict[str, str] = {
    Kind.READY: "ready",
    Kind.FAILED: "failed",
    Kind.SAVED: "ready",
    Kind.NOT_SAVED: "failed",
    Kind.STALLED: "waiting",
    Kind.EXPIRING: "waiting",
    Kind.WAITING: "waiting",
    Kind.KEY_REJECTED: "failed",
    Kind.KEY_UNREADABLE: "failed",
    Kind.PLAN: "waiting",
    Kind.CHANNEL: "failed",
}


class Words(NamedTuple):
    """The forms of a sentence. `by` names the person who did it, and `solved` is for what no longer lasts."""

    sentence: str | Promise
    by: str | Promise = ""
    solved: str | Promise = ""


# Translators: in these sentences, %(torrent)s, %(account)s, %(channel)s, and %(person)s are names.
SENTENCES: dict[str, Words] = {
    Kind.READY: Words(gettext_lazy("%(torrent)s is ready")),
    Kind.FAILED: Words(gettext_lazy("%(torrent)s failed")),
    Kind.STALLED: Words(gettext_lazy("%(torrent)s has stalled")),
    Kind.EXPIRING: Words(
        gettext_lazy("%(torrent)s expires soon"), solved=gettext_lazy("%(torrent)s was about to expire")
    ),
    Kind.GONE: Words(gettext_lazy("%(torrent)s is gone from TorBox")),
    Kind.DELETED: Words(
        gettext_lazy("%(torrent)s was deleted"), gettext_lazy("%(person)s deleted %(torrent)s")
    ),
    # Translators: %(folder)s is a folder on the household's own disk.
    Kind.SAVED: Words(gettext_lazy("%(torrent)s was saved to %(folder)s")),
    Kind.NOT_SAVED: Words(gettext_lazy("%(torrent)s couldn’t be saved to %(folder)s")),
    Kind.ADDED: Words(gettext_lazy("%(torrent)s was added"), gettext_lazy("%(person)s added %(torrent)s")),
    Kind.LINK: Words(
        gettext_lazy("%(torrent)s was downloaded"), gettext_lazy("%(person)s downloaded %(torrent)s")
    ),
    Kind.LINK_USED: Words(
        gettext_lazy("Someone with a link downloaded %(torrent)s"),
        # Translators: someone unknown used a link that %(person)s made and passed on.
        gettext_lazy("Someone with %(person)s’s link downloaded %(torrent)s"),
    ),
    Kind.KEY_REJECTED: Words(gettext_lazy("TorBox refused the API key for %(account)s")),
    Kind.KEY_UNREADABLE: Words(gettext_lazy("The API key for %(account)s can’t be decrypted")),
    Kind.PLAN: Words(
        gettext_lazy("The plan of %(account)s has ended"),
        solved=gettext_lazy("The plan of %(account)s was about to end"),
    ),
    Kind.CHANNEL: Words(
        gettext_lazy("%(channel)s isn’t receiving messages"),
        solved=gettext_lazy("%(channel)s wasn’t receiving messages"),
    ),
}


def sentence(note: Notification, *, url: str = "") -> SafeString:
    """Return what happened as markup, in the active language. `url`: where the name leads to."""
    start, end = _around(url)
    name = with_markup("%(start)s%(name)s%(end)s", start=start, name=isolated(_subject(note)), end=end)
    person = format_html("<strong>{}</strong>", isolated(_person(note), 60))
    form, more = _form(note)
    folder = isolated(_folder(note), 60)
    return with_markup(form, **_by_role(name), person=person, folder=folder, start=start, end=end, **more)


def plain_sentence(note: Notification) -> str:
    """Return what happened as plain text, for messages."""
    name, person = name_in_text(_subject(note), MAX_NAME), name_in_text(_person(note))
    form, more = _form(note)
    folder = name_in_text(_folder(note))
    return form % {**_by_role(name), "person": person, "folder": folder, "start": "", "end": "", **more}


def burst_sentence(kind: str, count: int, *, url: str = "") -> SafeString:
    """Return what happened to several torrents as markup, in the active language. `url`: where their number leads to."""
    start, end = _around(url)
    return with_markup(_burst(kind, count), start=start, end=end, count=number(count))


def plain_burst_sentence(kind: str, count: int) -> str:
    """Return what happened to several torrents as plain text, for messages."""
    return _burst(kind, count) % {"start": "", "end": "", "count": number(count)}


def burst_facts(names: Sequence[str], count: int) -> SafeString:
    """Return the first names of `count` torrents as markup, and how many more there are."""
    shown: list[str] = [isolated(shown_name(name), 80) for name in names[:SHOWN_OF_BURST]]
    if more := count - len(shown):
        # Translators: ends a list of names. With two names and this, the list is “A, B, and 4 more”.
        words = ngettext("%(count)s more", "%(count)s more", more)
        shown.append(with_markup(words, count=number(more)))
    return SafeString(listed(shown))


def tone(note: Notification) -> str:
    """Return the tone of what happened: ready, active, waiting, or failed."""
    return TONES.get(note.kind, "active")


def shown_name(name: str) -> str:
    """Return the name of a torrent, or words in its place if it has none."""
    return _("A torrent") if is_blank(name) else name


def _form(note: Notification) -> tuple[str, dict[str, str]]:
    """Return the sentence with its placeholders, and what goes into those that aren't names."""
    words = SENTENCES.get(note.kind)
    if words and words.solved and note.resolved_at:
        return str(words.solved), {}
    if make := MADE.get(note.kind):
        return make(note)
    words = words or Words("")
    return str(words.by if words.by and note.actor else words.sentence), {}


def _expiring(note: Notification) -> tuple[str, dict[str, str]]:
    at = moment_of(note, "at")
    seconds = (at - timezone.now()).total_seconds() if at else 0
    if at is None or seconds <= 0:
        return str(SENTENCES[Kind.EXPIRING].sentence), {}
    if note.params.get("estimated"):
        # Translators: %(time)s is such as “3 days”.
        return _("%(torrent)s expires in about %(time)s"), {"time": long_duration(seconds)}
    # Translators: %(when)s is such as “in 3 days”.
    return _("%(torrent)s expires %(when)s"), {"when": until(at)}


def _plan(note: Notification) -> tuple[str, dict[str, str]]:
    at = moment_of(note, "at")
    if at is None or at <= timezone.now():
        return str(SENTENCES[Kind.PLAN].sentence), {}
    # Translators: %(when)s is such as “in 5 days”.
    return _("The plan of %(account)s ends %(when)s"), {"when": until(at)}


def _waiting(note: Notification) -> tuple[str, dict[str, str]]:
    count = count_of(note, "count")
    if note.resolved_at:
        form = ngettext(
            "%(start)s%(count)s torrent%(end)s was waiting to be sent to TorBox",
            "%(start)s%(count)s torrents%(end)s were waiting to be sent to TorBox",
            count,
        )
    else:
        form = ngettext(
            "%(start)s%(count)s torrent%(end)s is waiting to be sent to TorBox",
            "%(start)s%(count)s torrents%(end)s are waiting to be sent to TorBox",
            count,
        )
    return form, {"count": number(count)}


def _link_used(note: Notification) -> tuple[str, dict[str, str]]:
    if note.actor_id and note.actor_id == note.person_id:
        return _("Someone with your link downloaded %(torrent)s"), {}
    words = SENTENCES[Kind.LINK_USED]
    return str(words.by if note.actor else words.sentence), {}


def _summary(note: Notification) -> tuple[str, dict[str, str]]:
    return "%(start)s%(counts)s%(end)s", {"counts": summary_counts(note)}


MADE: dict[str, Callable[[Notification], tuple[str, dict[str, str]]]] = {
    Kind.EXPIRING: _expiring,
    Kind.PLAN: _plan,
    Kind.WAITING: _waiting,
    Kind.LINK_USED: _link_used,
    Kind.SUMMARY: _summary,
}


def _burst(kind: str, count: int) -> str:
    """Return the sentence for several torrents with its placeholders."""
    return BURSTS.get(kind, _several_other)(count)


# Translators: in the following, several torrents stand in one line, and %(start)s and %(end)s enclose a link.
BURSTS: dict[str, Callable[[int], str]] = {
    Kind.READY: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s is ready", "%(start)s%(count)s torrents%(end)s are ready", n
    ),
    Kind.FAILED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s failed", "%(start)s%(count)s torrents%(end)s failed", n
    ),
    Kind.SAVED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s was saved to disk",
        "%(start)s%(count)s torrents%(end)s were saved to disk",
        n,
    ),
    Kind.NOT_SAVED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s couldn’t be saved to disk",
        "%(start)s%(count)s torrents%(end)s couldn’t be saved to disk",
        n,
    ),
    Kind.STALLED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s has stalled", "%(start)s%(count)s torrents%(end)s have stalled", n
    ),
    Kind.EXPIRING: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s expires soon", "%(start)s%(count)s torrents%(end)s expire soon", n
    ),
    Kind.GONE: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s is gone from TorBox",
        "%(start)s%(count)s torrents%(end)s are gone from TorBox",
        n,
    ),
    Kind.DELETED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s was deleted", "%(start)s%(count)s torrents%(end)s were deleted", n
    ),
    Kind.ADDED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s was added", "%(start)s%(count)s torrents%(end)s were added", n
    ),
    Kind.LINK: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s was downloaded",
        "%(start)s%(count)s torrents%(end)s were downloaded",
        n,
    ),
    Kind.LINK_USED: lambda n: ngettext(
        "%(start)s%(count)s torrent%(end)s was downloaded with a link",
        "%(start)s%(count)s torrents%(end)s were downloaded with links",
        n,
    ),
}


def _several_other(count: int) -> str:
    return ngettext(
        "%(start)s%(count)s notification%(end)s", "%(start)s%(count)s notifications%(end)s", count
    )


def _subject(note: Notification) -> str:
    """Return the name of what it is about."""
    if note.kind in (Kind.KEY_REJECTED, Kind.KEY_UNREADABLE, Kind.PLAN):
        return note.account.label if note.account else note.name
    if note.kind == Kind.CHANNEL:
        return channel_name(note)
    return shown_name(note.name)


def _by_role(name: str) -> dict[str, str]:
    """Return a name for whichever placeholder the sentence has. A sentence has one of them."""
    return {"torrent": name, "account": name, "channel": name}


def _person(note: Notification) -> str:
    return note.actor.display_name if note.actor else ""


def _folder(note: Notification) -> str:
    """Return the name of the folder that something was saved to."""
    return str(note.params.get("folder", ""))


def _around(url: str) -> tuple[SafeString, SafeString]:
    if url:
        return format_html('<a href="{}">', url), SafeString("</a>")
    return SafeString("<strong>"), SafeString("</strong>")
