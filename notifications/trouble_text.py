"""Words for why a message wasn't delivered. Settings, the bell, and the Status page use them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from localization.formats import day, sentences, time_of_day
from torrents.formatting import display_name

from .channel_names import SERVICES
from .models import Channel, ChannelKind, Delivery, Trouble

MAX_SHOWN = 160  # characters of what a service answered
# Translators: in these sentences, %(service)s is “Discord”, “ntfy”, “The mail server”, and so on.
WORDS: dict[str, str | Promise] = {
    Trouble.REFUSED: gettext_lazy("%(service)s refused the message."),
    Trouble.GONE: gettext_lazy("%(service)s doesn’t know this address anymore."),
    Trouble.RATE_LIMITED: gettext_lazy("%(service)s asked us to wait."),
    Trouble.SERVICE_ERROR: gettext_lazy("%(service)s has a problem."),
    Trouble.TIMEOUT: gettext_lazy("%(service)s didn’t respond in time."),
    Trouble.UNREACHABLE: gettext_lazy("We couldn’t connect to the address."),
    Trouble.TLS: gettext_lazy("The certificate of the address isn’t valid."),
    Trouble.REDIRECT: gettext_lazy("The address leads to another one. Enter that one instead."),
    Trouble.PRIVATE_ADDRESS: gettext_lazy(
        "The address is in your local network. Only an owner can use it, for a household channel."
    ),
    Trouble.BAD_ADDRESS: gettext_lazy("The address can’t be used."),
    Trouble.UNREADABLE: gettext_lazy(
        "The stored address can’t be read because ENCRYPTION_KEYS has changed. Enter it again."
    ),
    Trouble.NO_MAIL_SERVER: gettext_lazy("This instance has no mail server. An owner can set SMTP_URL."),
}
QUOTED = {Trouble.REFUSED, Trouble.GONE, Trouble.RATE_LIMITED, Trouble.SERVICE_ERROR}


def trouble_words(trouble: str, upstream_detail: str = "", name: str = "") -> str:
    """Return why a message wasn't delivered as a sentence of plain text: the words of the service `name`, if it has any."""
    service = name or _("The service")
    said = display_name(upstream_detail, MAX_SHOWN)
    if said and (trouble in QUOTED or trouble not in WORDS):
        # Translators: a service such as Discord, and what it answered.
        return _("%(service)s says “%(detail)s”.") % {"service": service, "detail": said.rstrip(".")}
    return str(WORDS.get(trouble, WORDS[Trouble.REFUSED])) % {"service": service}


def channel_trouble(channel: Channel, *, quoted: bool = True) -> str:
    """Return why messages to a channel aren't delivered, in a sentence; "" if they are.

    `quoted`: with the words of the service, which only those who use the channel may read.
    """
    if not channel.trouble:
        return ""
    return trouble_words(channel.trouble, channel.upstream_detail if quoted else "", speaker(channel.kind))


def failing_line(channel: Channel, *, quoted: bool = True) -> str:
    """Return since when and why a channel takes no messages; "" if it takes them."""
    since = channel.failing_since
    if since is None:
        return ""
    # Translators: a day such as “Nov 26”, or today a time.
    failed = _("Not delivered since %(time)s.") % {"time": _day_or_time(since)}
    failed = failed.replace("..", ".")  # some languages abbreviate months with a dot of their own
    return sentences([failed, channel_trouble(channel, quoted=quoted)])


def _day_or_time(moment: datetime) -> str:
    return time_of_day(moment) if timezone.localdate(moment) == timezone.localdate() else day(moment)


def delivery_trouble(delivery: Delivery) -> str:
    """Return why one message wasn't delivered, in a sentence; "" if it was."""
    if not delivery.trouble:
        return ""
    return trouble_words(delivery.trouble, delivery.upstream_detail, speaker(delivery.channel.kind))


def speaker(kind: str) -> str:
    """Return who answers on a kind of channel, for the beginning of a sentence: “Discord”, “The mail server”."""
    if kind == ChannelKind.PUSH:
        return pgettext("begins a sentence", "The push service")
    if kind == ChannelKind.EMAIL:
        return pgettext("begins a sentence", "The mail server")
    return SERVICES.get(kind) or pgettext("begins a sentence", "The server")
