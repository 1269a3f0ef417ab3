"""What the bell says about the number of unread lines."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization.formats import number

from .unread import MAX_COUNTED


def bell_text(count: int) -> tuple[str, str]:
    """Return the number on the bell, "" for none, and the bell's accessible name."""
    if not count:
        return "", _("Notifications")
    if count >= MAX_COUNTED:
        most = number(MAX_COUNTED - 1)
        # Translators: the name of the bell. %(count)s is 9.
        return f"{most}+", _("Notifications, more than %(count)s unread") % {"count": most}
    # Translators: the name of the bell.
    words = ngettext("Notifications, %(count)s unread", "Notifications, %(count)s unread", count)
    return number(count), words % {"count": number(count)}
