"""The language and the time zone that a person reads messages in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from accounts.models import User
from localization import locales
from localization.time_zones import there_are

from ..models import NotificationSettings


def language_of(person: User) -> str:
    """Return the language that the person chose, else the one their browser asked for last."""
    known = dict(settings.LANGUAGES)
    wanted = (person.language, person.seen_language)
    return next((language for language in wanted if language in known), settings.LANGUAGE_CODE)


def zone_of(person: User) -> ZoneInfo:
    """Return the time zone that the person chose, else the one their browser reported last."""
    wanted = (person.time_zone, person.seen_time_zone)
    return ZoneInfo(next((zone for zone in wanted if zone in there_are()), settings.TIME_ZONE))


def settings_of(person: User) -> NotificationSettings:
    """Return a person's settings, or unsaved ones with the defaults."""
    found = NotificationSettings.objects.filter(person=person).first()
    return found or NotificationSettings(person=person)


@contextmanager
def writing_to(person: User) -> Iterator[None]:
    """Make words, times, and URLs for a person, and leave this thread as it was."""
    prefix = get_script_prefix()
    # Django sets the prefix in the main thread alone, and tasks run in others.
    set_script_prefix(f"{settings.SITE_PATH}/")
    try:
        with locales.spoken(language_of(person)), timezone.override(zone_of(person)):
            yield
    finally:
        set_script_prefix(prefix)
