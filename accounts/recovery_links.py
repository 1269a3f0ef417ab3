"""Describe recovery links: who made one, when, and whether it was used."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from localization import formats

from .models import RecoveryLink, User


def sentence(link: RecoveryLink, *, reader: User) -> SafeString:
    """Describe a link to the person it was made for, or to an owner. Safe HTML, with names in <bdi>."""
    return mark_safe(formats.sentences([_made(link, reader), _used(link.used_at)]))  # noqa: S308 - both are escaped


def history(person: User, *, reader: User) -> list[SafeString]:
    """Return the latest recovery links of a person in words, newest first."""
    return [sentence(link, reader=reader) for link in RecoveryLink.objects.of(person)[:20]]


def announce(person: User) -> list[SafeString]:
    """Return what to tell a person who signs in, and mark it as told."""
    unannounced = [link for link in RecoveryLink.objects.unannounced(person) if link.made_by_id != person.pk]
    RecoveryLink.objects.filter(pk__in=[link.pk for link in unannounced]).update(told_at=timezone.now())
    advice = _("If you didn’t ask for it, talk to them.")
    return [
        format_html("{}{}{}", sentence(link, reader=person), formats.sentence_gap(), advice)
        for link in unannounced
    ]


def _made(link: RecoveryLink, reader: User) -> str:
    """Return who made the link for whom, and when. A link from the command line has no maker."""
    for_reader = link.person_id == reader.pk
    if link.made_by is None:
        message = (
            # Translators: %(when)s in the sentences about recovery links is a time, with its date unless it is today.
            _("Someone made a recovery link for you (%(when)s).")
            if for_reader
            else _("Someone made a recovery link for %(person)s (%(when)s).")
        )
    elif link.made_by == reader:
        message = (
            _("You made a recovery link for yourself (%(when)s).")
            if for_reader
            else _("You made a recovery link for %(person)s (%(when)s).")
        )
    elif for_reader:
        message = _("%(maker)s made a recovery link for you (%(when)s).")
    else:
        message = _("%(maker)s made a recovery link for %(person)s (%(when)s).")
    maker = link.made_by.display_name if link.made_by else ""
    return _filled(message, link.made_at, maker=maker, person=link.person.display_name)


def _used(at: datetime | None) -> str:
    return _filled(_("It was used (%(when)s)."), at) if at else escape(_("It hasn’t been used."))


def _filled(message: str, at: datetime, **names: str) -> str:
    values = {key: format_html("<bdi>{}</bdi>", name) for key, name in names.items()}
    return escape(message) % (values | {"when": escape(formats.clock(at))})
