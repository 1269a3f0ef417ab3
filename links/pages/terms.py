"""When a link expires and how often it can be used, as options of a form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from localization import formats

DAYS = (1, 7, 30, 90, 365)
DEFAULT_DAYS = 30
LIMITS = (1, 5, 10, 25, 100)
NEVER, NO_LIMIT = "never", "none"
NEAR = timedelta(hours=1)  # Within it, an option stands for what was chosen earlier in the same dialog.
MOMENT = re.compile(r"at-(\d{1,12})")
MAX_LIMIT = 1_000_000

NOT_OFFERED = gettext_lazy("Choose one of the options.")

Option = tuple[str, str]
T = TypeVar("T")


def expiry_options(chosen: datetime | None = None, *, among: Sequence[int] = DAYS) -> list[Option]:
    """Return when a link can expire. A time that is none of the options is one of its own."""
    options = [(str(days), _days_label(days)) for days in among]
    if chosen and expiry_value(chosen) not in dict(options):
        options.insert(0, (expiry_value(chosen), expiry_label(chosen)))
    return [*options, (NEVER, pgettext("expiry of a link", "Never"))]


def expiry_value(expires_at: datetime | None) -> str:
    """Return the value of the option for a time."""
    if expires_at is None:
        return NEVER
    now = timezone.now()
    near = (days for days in DAYS if abs(now + timedelta(days=days) - expires_at) < NEAR)
    return next((str(days) for days in near), f"at-{int(expires_at.timestamp())}")


def expiry_of(value: str) -> datetime | None:
    """Return the time that an option stands for, or None for never. Raises ValueError."""
    if value == NEVER:
        return None
    if value in map(str, DAYS):
        return timezone.now() + timedelta(days=int(value))
    if found := MOMENT.fullmatch(value):
        try:
            return datetime.fromtimestamp(int(found[1]), UTC)
        except (OverflowError, OSError):
            raise ValueError(value) from None
    raise ValueError(value)


def expiry_label(expires_at: datetime) -> str:
    """Return “In 12 days”, or when it was."""
    now = timezone.now()
    if expires_at > now:
        return capfirst(formats.until(expires_at, now))
    return _("Expired %(day)s") % {"day": formats.day(expires_at)}


def limit_options(chosen: int | None = None) -> list[Option]:
    """Return how often a link can be used. A number that is none of the options is one of its own."""
    limits = sorted({*LIMITS, chosen}) if chosen else LIMITS
    return [(NO_LIMIT, _("No limit")), *((str(limit), _limit_label(limit)) for limit in limits)]


def limit_value(max_uses: int | None) -> str:
    """Return the value of the option for a number of uses."""
    return str(max_uses) if max_uses else NO_LIMIT


def limit_of(value: str) -> int | None:
    """Return the number of uses that an option stands for, or None for any number. Raises ValueError."""
    if value == NO_LIMIT:
        return None
    if not (value.isascii() and value.isdecimal()) or len(value) > 7 or not 0 < int(value) <= MAX_LIMIT:
        raise ValueError(value)
    return int(value)


def read(value_of: Callable[[str], T], value: str) -> T:
    """Return what a value of a form stands for. Raises `ValidationError`."""
    try:
        return value_of(value)
    except ValueError as error:
        raise forms.ValidationError(NOT_OFFERED) from error


def _days_label(days: int) -> str:
    if days == 365:
        return _("In 1 year")
    # Translators: when a link expires, as an option to choose
    return ngettext("In %(count)s day", "In %(count)s days", days) % {"count": formats.number(days)}


def _limit_label(limit: int) -> str:
    words = ngettext("%(count)s download", "%(count)s downloads", limit)
    return words % {"count": formats.number(limit)}
