"""Words for why a channel doesn't take messages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from torrents.formatting import display_name

from .models import Trouble

WORDS: dict[str, str | Promise] = {
    Trouble.REFUSED: gettext_lazy("The service refused the message."),
    Trouble.GONE: gettext_lazy("The address doesn’t exist anymore."),
    Trouble.RATE_LIMITED: gettext_lazy("The service asked us to slow down."),
    Trouble.SERVICE_ERROR: gettext_lazy("The service is returning errors."),
    Trouble.TIMEOUT: gettext_lazy("The service didn’t respond in time."),
    Trouble.UNREACHABLE: gettext_lazy("The service can’t be reached."),
    Trouble.TLS: gettext_lazy("The service’s certificate can’t be verified."),
    Trouble.REDIRECT: gettext_lazy("The address leads to another one. Enter that one instead."),
    Trouble.PRIVATE_ADDRESS: gettext_lazy("The address is in a private network, which isn’t allowed."),
    Trouble.BAD_ADDRESS: gettext_lazy("The address can’t be used."),
    Trouble.UNREADABLE: gettext_lazy(
        "The stored address can’t be decrypted with this server’s encryption keys."
    ),
    Trouble.NO_MAIL_SERVER: gettext_lazy("This server has no mail server to send email with."),
}
ITS_OWN = {Trouble.REFUSED, Trouble.GONE, Trouble.RATE_LIMITED, Trouble.SERVICE_ERROR}


def trouble_words(trouble: str, upstream_detail: str = "", name: str = "") -> str:
    """Return why a channel doesn't take messages, on one line: what the service `name` said, if it said something."""
    said = display_name(upstream_detail)
    if said and trouble in ITS_OWN:
        # Translators: a service such as Discord, and what it answered.
        return _("%(service)s: “%(detail)s”") % {"service": name, "detail": said} if name else said
    return str(WORDS.get(trouble, said))
