"""Codes for why TorBox can't be used, and their words. The database stores a code, with TorBox's own sentence beside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

import torbox
from torbox.sanitize import sentence


class HealthReason(models.TextChoices):
    """What kind of outage it is: the reasons of `torbox.Reason` for no answer, and what is wrong with answers."""

    DNS = torbox.Reason.DNS.value
    REFUSED = torbox.Reason.REFUSED.value
    PROXY = torbox.Reason.PROXY.value
    CERTIFICATE = torbox.Reason.CERTIFICATE.value
    TIMEOUT = torbox.Reason.TIMEOUT.value
    OTHER = torbox.Reason.OTHER.value
    MALFORMED = "malformed"
    TROUBLE = "trouble"


@dataclass(frozen=True)
class Outage:
    """The words for one kind of outage: what happened, and what the person who runs the instance can do."""

    what: str
    remedy: str


def outage(reason: str) -> Outage:
    """Return the words for the reason of an outage."""
    known = HealthReason(reason) if reason in HealthReason else HealthReason.TROUBLE
    return Outage(_what(known), _remedy(known))


def _what(reason: HealthReason) -> str:
    return {
        HealthReason.DNS: _("This server can’t find TorBox’s address."),
        HealthReason.REFUSED: _("The connection to TorBox was refused."),
        HealthReason.PROXY: _("The proxy between this server and TorBox isn’t working."),
        HealthReason.CERTIFICATE: _("TorBox’s certificate can’t be verified."),
        HealthReason.TIMEOUT: _("TorBox didn’t respond in time."),
        HealthReason.OTHER: _("The connection to TorBox failed."),
        HealthReason.MALFORMED: _("TorBox is sending responses we can’t read."),
        HealthReason.TROUBLE: _("TorBox is returning errors."),
    }[reason]


def _remedy(reason: HealthReason) -> str:
    wait_if_online = _("If this server can reach other sites, wait. We retry automatically.")
    remedies: dict[str, str] = {
        HealthReason.DNS: _("Check this server’s DNS and internet connection."),
        HealthReason.REFUSED: _(
            "Check this server’s firewall. If this server can reach other sites, wait. We retry automatically."
        ),
        HealthReason.PROXY: _("Check HTTPS_PROXY and NO_PROXY in this server’s environment."),
        HealthReason.CERTIFICATE: _(
            "Check this server’s clock. "
            "If your network inspects HTTPS traffic, set REQUESTS_CA_BUNDLE to its CA file."
        ),
        HealthReason.MALFORMED: _(
            "We retry automatically. If this continues, TorBox may have changed its API, "
            "so check for a TorBox Web update."
        ),
        HealthReason.TROUBLE: _("You don’t need to do anything. We retry automatically."),
    }
    return remedies.get(reason, wait_if_online)


def outage_sentence(reason: str, since: str = "") -> str:
    """Say what TorBox does instead of answering, and since when (a time as people read it) if that is known."""
    if reason == HealthReason.MALFORMED:
        # Translators: a time, with its date unless it is today.
        known = _("TorBox has been sending responses we can’t read since %(time)s.")
        unknown = _("TorBox is sending responses we can’t read.")
    elif reason not in HealthReason or reason == HealthReason.TROUBLE:
        # Translators: a time, with its date unless it is today.
        known = _("TorBox has been returning errors since %(time)s.")
        unknown = _("TorBox is returning errors.")
    else:
        # Translators: a time, with its date unless it is today.
        known = _("TorBox hasn’t responded since %(time)s.")
        unknown = _("TorBox isn’t responding.")
    return known % {"time": since} if since else unknown


def unreadable_key() -> str:
    """Say why a stored API key can't be used, and what to do."""
    return _(
        "The stored API key can’t be read because ENCRYPTION_KEYS has changed. "
        "Restore the old value or enter the API key again."
    )


def another_list() -> str:
    """Say that the list TorBox sent isn't that of this account."""
    return _("TorBox sent another account’s torrents, so we ignored them.")


def outage_reason(error: torbox.Unavailable) -> tuple[HealthReason, str]:
    """Return the reason to store for an outage, and TorBox's own sentence where it named its error."""
    if isinstance(error, torbox.Unreachable):
        return HealthReason(error.reason.value), ""
    if isinstance(error, torbox.Malformed):
        return HealthReason.MALFORMED, ""
    return HealthReason.TROUBLE, error.detail if error.code else ""


def health_sentence(health: str, reason: str, upstream_detail: str) -> str:
    """Return what is wrong with an account in one sentence, or "" when nothing is.

    TorBox's own sentence is returned as it is, if it sent one.
    """
    if health == "unreadable":
        return unreadable_key()
    if health == "another":
        return another_list()
    if upstream_detail:
        return sentence(upstream_detail, 500)
    if health == "unreachable":
        return outage(reason).what
    if health == "rejected":
        return _("TorBox rejected this API key.")
    return _("TorBox won’t list this account’s torrents.") if health == "limited" else ""
