"""Make the message for one notification, for several, and for a test, in the receiver's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from localization import locales
from localization.formats import number
from torrents.formatting import name_in_text
from torrents.id_ranges import as_ranges

from .. import words
from ..channels.message import Message
from ..events import NEEDS_ATTENTION, Kind
from ..models import Notification
from . import payloads
from .recipients import writing_to

SHOWN = 20  # lines of a digest
MAX_NAME, MAX_KEYS = 120, 400  # characters
ABOUT_ACCOUNTS = (Kind.KEY_REJECTED, Kind.KEY_UNREADABLE, Kind.PLAN)
NAMES_SUFFICE = (Kind.READY, Kind.GONE)  # the title says the rest


def message(message_id: str, person: User, notes: Sequence[Notification]) -> Message:
    """Return the message that tells a person about these notifications. There is at least one."""
    with writing_to(person):
        return _single(message_id, notes[0]) if len(notes) == 1 else _digest(message_id, notes)


def test_message(message_id: str, person: User) -> Message:
    """Return the message of *Send test*."""
    with writing_to(person):
        return Message(
            id=message_id,
            title=_("Test from TorBox Web"),
            lines=(_("This channel works. Your notifications will arrive here."),),
            url=_absolute("notifications:settings"),
            language=locales.tag(),
            payload=payloads.test(),
        )


def _single(message_id: str, note: Notification) -> Message:
    return Message(
        id=message_id,
        title=words.plain_sentence(note),
        lines=tuple(filter(None, [words.facts(note)])),
        url=_about(note),
        download_url=_download(note),
        language=locales.tag(),
        urgent=note.kind in NEEDS_ATTENTION,
        payload=payloads.single(note, _urls([note])),
    )


def _digest(message_id: str, notes: Sequence[Notification]) -> Message:
    kinds = {note.kind for note in notes}
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    return Message(
        id=message_id,
        title=words.plain_burst_sentence(kind, len(notes)),
        lines=tuple(_lines(kind, notes)),
        url=_list_of(notes),
        language=locales.tag(),
        urgent=bool(kinds & NEEDS_ATTENTION),
        payload=payloads.digest(notes, _urls(notes)),
    )


def _lines(kind: str, notes: Sequence[Notification]) -> Iterator[str]:
    """Yield a line for each of the first notifications, and how many more there are."""
    for note in notes[:SHOWN]:
        only_name = kind in NAMES_SUFFICE and note.name
        yield name_in_text(note.name, MAX_NAME) if only_name else words.plain_sentence(note)
    if (more := len(notes) - SHOWN) > 0:
        yield ngettext("and %(count)s more", "and %(count)s more", more) % {"count": number(more)}


def _urls(notes: Sequence[Notification]) -> dict[int, str]:
    """Return the page of each torrent by its key. A deleted one has none."""
    return {key: _absolute("torrents:detail", key) for key in _listed(notes)}


def _listed(notes: Sequence[Notification]) -> set[int]:
    """Return the keys of the torrents that weren't deleted."""
    return {note.torrent.pk for note in notes if note.torrent and note.torrent.removed_at is None}


def _about(note: Notification) -> str:
    """Return the page of what a notification is about. Everyone it is sent to may open it."""
    if note.kind != Kind.DELETED and (keys := _listed([note])):
        return _absolute("torrents:detail", *keys)
    if note.kind in ABOUT_ACCOUNTS and note.account_id is not None:
        return _absolute("accounts:account", note.account_id)
    return _absolute("torrents:list")


def _list_of(notes: Sequence[Notification]) -> str:
    """Return the list with just these torrents; with all if they are so many that the URL would get long."""
    keys = as_ranges(_listed(notes))
    url = _absolute("torrents:list")
    return f"{url}?ids={keys}" if 0 < len(keys) <= MAX_KEYS else url


def _download(note: Notification) -> str:
    torrent = note.torrent
    if note.kind != Kind.READY or torrent is None or not torrent.downloadable:
        return ""
    return _absolute("links:download_zip", torrent.pk)


def _absolute(name: str, *args: Any) -> str:
    return f"{settings.SITE_ORIGIN}{reverse(name, args=args)}"
