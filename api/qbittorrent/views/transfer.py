"""Speeds. Limits are set elsewhere: at TorBox, and for saving in the app's settings."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from ..accounts import accounts_of
from ..calling import Call, Refused, changes, data, line, reads
from ..overview import Overview


@reads
def info(request: Call) -> HttpResponse:
    return data(request, Overview(request.user, accounts_of(request.user)).transfer())


@reads
def no_limit(request: Call) -> HttpResponse:
    """Answer that there is no limit, and that the alternative ones are off."""
    return line("0")


@changes
def not_here(request: Call) -> HttpResponse:
    """Refuse to limit speeds."""
    raise Refused(409, _("Speed limits can’t be changed by a program."))
