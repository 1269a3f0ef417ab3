"""Stored times that lie in the future, a sign that a clock was wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import TorBoxAccount
from localization.formats import full_date
from torrents.models import Heartbeat

from .machinery import Problem

DOUBTED_FROM = timedelta(minutes=5)


def problem(accounts: Iterable[TorBoxAccount]) -> Problem | None:
    """Return a problem if something is stored as having happened later than now."""
    stamps = [
        stamp
        for account in accounts
        for stamp in (account.refreshed_at, account.asked_at, account.fresh_read_at, account.seen_at)
    ]
    stamps.append(Heartbeat.objects.aggregate(latest=Max("at"))["latest"])
    latest = max((stamp for stamp in stamps if stamp), default=None)
    if latest is None or latest <= timezone.now() + DOUBTED_FROM:
        return None
    what = _(
        "Some stored times are in the future, up to %(date)s. This server’s clock was wrong, or still is."
    ) % {"date": full_date(latest)}
    return Problem("waiting", what, _("Check the clock. Nothing waits for those times."))
