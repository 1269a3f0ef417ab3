"""Where messages to a person go, in one line."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from localization.formats import listed, wall_time

from ..channel_names import name_in_list, service_name
from ..models import Channel, NotificationSettings


def notification_state(person: User) -> str:
    """Return where messages go and when they wait: “Push, ntfy, and email · quiet 10:00 PM–7:00 AM”."""
    channels = sorted(Channel.objects.used_by(person), key=lambda one: (one.household, not one.is_push))
    kinds = list(dict.fromkeys(channel.kind for channel in channels))
    first, *others = kinds or [""]
    # Translators: messages to a person appear nowhere but in the app, behind the bell.
    places = listed([service_name(first), *map(name_in_list, others)]) if first else _("Bell only")
    quiet = _quiet_hours(person)
    return f"{places} · {quiet}" if quiet else places


def _quiet_hours(person: User) -> str:
    known = NotificationSettings.objects.filter(person=person).first()
    if not known or known.quiet_from is None or known.quiet_until is None:
        return ""
    times = {"start": wall_time(known.quiet_from), "end": wall_time(known.quiet_until)}
    # Translators: the hours in which no messages are sent, after a list of channels: “quiet 10:00 PM–7:00 AM”.
    return pgettext("hours", "quiet %(start)s–%(end)s") % times
