"""The rows of Settings › API: a person's tokens, and for owners those of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from localization.formats import calendar_day, day, list_gap, number
from notifications.services.recipients import zone_of
from torrents.formatting import display_name, isolated, joined, with_markup

from .. import protocols
from ..models import ApiToken
from .scope_text import in_words

MAX_BY_OTHERS = 200  # rows on a page


@dataclass(frozen=True)
class TokenRow:
    """A row. `is_over`: the token no longer works, or its person can't sign in."""

    token: ApiToken
    name: str
    about: SafeString
    used: SafeString
    expires: str
    is_over: bool

    @classmethod
    def of(cls, token: ApiToken, *, by_other: bool = False) -> Self:
        has_expired = token.expires_at is not None and token.expires_at <= timezone.now()
        person = [isolated(token.person.display_name)] if by_other else []
        return cls(
            token=token,
            name=display_name(token.name),
            about=joined([*person, in_words(token.scopes)]),
            used=_used(token),
            expires=_expires(token, has_expired=has_expired),
            is_over=has_expired or token.is_unusable or not token.person.is_active,
        )


@dataclass(frozen=True)
class Address:
    """Where a way in is."""

    name: str
    url: str


def mine(person: User) -> list[TokenRow]:
    """Return the tokens of a person, the newest first."""
    return [TokenRow.of(token) for token in ApiToken.objects.of(person).select_related("person")]


def by_others(person: User) -> tuple[Sequence[TokenRow], bool]:
    """Return the tokens of other people by person, if an owner asks, and whether there are more than MAX_BY_OTHERS."""
    tokens = ApiToken.objects.by_others(person).select_related("person")
    tokens = tokens.order_by("person__shown_name", "person__username", "-created_at", "-pk")
    found = list(tokens[: MAX_BY_OTHERS + 1])
    return [TokenRow.of(token, by_other=True) for token in found[:MAX_BY_OTHERS]], len(found) > MAX_BY_OTHERS


def addresses() -> list[Address]:
    """Return the addresses of the ways in that are on."""
    return [Address(str(protocol.label), protocols.address_of(protocol)) for protocol in protocols.on()]


def has_tokens(person: User) -> bool:
    """Return whether programs can act for a person."""
    return bool(protocols.on()) and ApiToken.objects.of(person).usable(timezone.now()).exists()


def state(person: User) -> str:
    """Return how many tokens a person has, for the list of the pages of Settings."""
    count = ApiToken.objects.of(person).count()
    if not count:
        return _("No tokens yet")
    return ngettext("%(count)s token", "%(count)s tokens", count) % {"count": number(count)}


def _used(token: ApiToken) -> SafeString:
    if token.last_used_on is None:
        return SafeString(pgettext("last use of an API token", "Never"))
    today = timezone.localdate(timezone=zone_of(token.person))
    if token.last_used_on >= today:  # later where the person was before
        when = pgettext("last use of an API token", "Today")
    elif token.last_used_on == today - timedelta(days=1):
        when = pgettext("last use of an API token", "Yesterday")
    else:
        when = calendar_day(token.last_used_on, today)
    if not token.last_used_from:
        return with_markup("%(when)s", when=when)
    return with_markup(f"%(when)s{list_gap()}%(address)s", when=when, address=isolated(token.last_used_from))


def _expires(token: ApiToken, *, has_expired: bool) -> str:
    if token.is_unusable:
        # Translators: a token can no longer be checked, because SECRET_KEY has changed.
        return _("Stopped working")
    if token.expires_at is None:
        return pgettext("expiry of an API token", "Never")
    when = day(token.expires_at)
    return _("Expired %(day)s") % {"day": when} if has_expired else when
