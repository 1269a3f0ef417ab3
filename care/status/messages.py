"""The messages of the instance for owners: how many wait, and which channels take none, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from localization.formats import duration, number
from notifications.channel_names import channel_name, service_name
from notifications.models import Channel, Delivery, DeliveryState
from notifications.trouble_text import failing_line
from torrents.formatting import isolated, joined

from .machinery import Part

LATE = timedelta(minutes=10)


def messages(viewer: User | None) -> list[Part]:
    """Return the messages that wait, then each failing channel. Nothing if there are no channels. None: the console."""
    if not Channel.objects.exists():
        return []
    failing = Channel.objects.exclude(failing_since=None).select_related("person")
    return [_waiting(), *(_failing(channel, viewer) for channel in failing.order_by("failing_since", "pk"))]


def _waiting() -> Part:
    """Return how many messages are due, and how many are held, such as during quiet hours."""
    now = timezone.now()
    due = Q(due_at__lte=now)
    found: dict[str, Any] = Delivery.objects.filter(state=DeliveryState.WAITING).aggregate(
        due=Count("pk", filter=due), later=Count("pk", filter=~due), oldest=Min("due_at", filter=due)
    )
    # Translators: a row of the Status page about messages that tell people what happened.
    name, facts = _("Messages"), []
    wait = now - found["oldest"] if found["oldest"] else timedelta(0)
    if found["due"]:
        facts.append(_("Oldest: %(duration)s") % {"duration": duration(wait.total_seconds())})
    if found["later"]:
        # Translators: messages that are sent later, because of quiet hours or a channel that fails.
        later = ngettext("%(count)s to send later", "%(count)s to send later", found["later"])
        facts.append(later % {"count": number(found["later"])})
    word = _("%(count)s waiting") % {"count": number(found["due"])} if found["due"] else _("None waiting")
    return Part("messages", name, word, " · ".join(facts), "waiting" if wait > LATE else "ready")


def _failing(channel: Channel, viewer: User | None) -> Part:
    """Return a failing channel: that of another person by their name and its service only."""
    seen = viewer is not None and (channel.household or channel.person_id == viewer.pk)
    if seen:
        name = isolated(channel_name(channel))
    else:
        name = joined([isolated(channel.person.display_name), service_name(channel.kind)])
    # Translators: the state of a channel that takes no messages.
    return Part(f"channel-{channel.pk}", name, _("Failing"), failing_line(channel, quoted=seen), "failed")
