"""Words for why an address can't be a channel, by the codes of `Refused` and of services/channels.py."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "duplicate": _("You already have a channel with this address."),
    "malformed": _("Check this field. It doesn’t look right."),
    "missing": _("Fill in this field."),
    "needs_https": _("Write an address that starts with https://."),
    "no_mail_server": _("This instance can’t send email. Its owner can set up a mail server."),
    "not_owner": _("Only owners can add channels for the household."),
    "private_address": _(
        "This address is in a private network. Only owners can add it, as a household channel."
    ),
    "scheme": _("This URL isn’t for one of the services in the list."),
    "several": _("Write a URL with one target. Add a channel for each of the others."),
    "too_many": _("You have 20 channels. Remove one first."),
    "unknown_kind": _("Choose a service from the list."),
    "unreachable": _("We couldn’t find this server. Check its name."),
}
