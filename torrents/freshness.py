"""The one line that says how new the list is, and what is wrong when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import TorBoxAccount

from .formatting import age, clock, display_name
from .models import AddRequest, RequestState
from .services.heartbeats import LATE_SECONDS
from .services.refreshing import seconds_until_refreshable
from .status.machinery import is_late


@dataclass(frozen=True)
class Freshness:
    """`tone` is ok, live, waiting or failed; `refused` the account that needs a new key."""

    tone: str
    text: str
    can_refresh: bool = False
    refresh_label: str = "Refresh now"
    refused: TorBoxAccount | None = None
    updated_at: datetime | None = None


def freshness(accounts: list[TorBoxAccount], *, moving: bool, worker_at: datetime | None) -> Freshness | None:
    """The worst of the accounts decides; None when there is no account at all.

    `worker_at`: the last sign of life of the worker. Without one, nothing else on the page will change.
    """
    if not accounts:
        return None
    for account in accounts:
        if account.needs_key:
            return _refused(account)
    if is_late(worker_at) and (worker_at or _adds_lie_about(accounts)):
        return _nothing_works(worker_at)
    for account in accounts:
        if account.health == TorBoxAccount.Health.UNREACHABLE:
            return _unreachable(account)
    for account in accounts:
        if account.health == TorBoxAccount.Health.LIMITED:
            return _limited(account)
    oldest = min((account.refreshed_at for account in accounts if account.refreshed_at), default=None)
    if oldest is None:
        return Freshness("live", "Reading your list from TorBox for the first time")
    wait = max(seconds_until_refreshable(account) for account in accounts)
    if any(account.fresh_wanted for account in accounts):
        return Freshness("live", "Asking TorBox for your list", refresh_label=f"Refresh in {int(wait) + 1} s")
    label = "Refresh now" if wait <= 0 else f"Refresh in {int(wait) + 1} s"
    if moving and settings.WATCH_SECONDS and _just_read(accounts):
        return Freshness("live", "Live", wait <= 0, label, updated_at=oldest)
    period = f"TorBox refreshes every {settings.REFRESH_SECONDS // 60} min"
    return Freshness("ok", f"Updated {age(oldest)} · {period}", wait <= 0, label, updated_at=oldest)


def _refused(account: TorBoxAccount) -> Freshness:
    said = display_name(account.health_detail)
    if not account.rejected:
        return Freshness(
            "failed", f"{display_name(account.label)}: {said} Your adds are kept.", refused=account
        )
    text = f"TorBox refuses the key of {display_name(account.label)}: “{said}” Your adds are kept and go out with a new key."
    return Freshness("failed", text, refused=account)


def _adds_lie_about(accounts: list[TorBoxAccount]) -> bool:
    """Whether something has been due for longer than a worker takes to come up after the first start."""
    due = timezone.now() - timedelta(seconds=LATE_SECONDS)
    adds = AddRequest.objects.filter(state=RequestState.WAITING, due_at__lt=due, torrent__removed_at=None)
    return adds.filter(torrent__account__in=[account.pk for account in accounts]).exists()


def _nothing_works(worker_at: datetime | None) -> Freshness:
    since = f"has given no sign since {clock(worker_at)}" if worker_at else "has not been started yet"
    text = f"Nothing is being sent or refreshed: the background worker {since}. Your adds are kept."
    return Freshness("failed", text)


def _unreachable(account: TorBoxAccount) -> Freshness:
    since = clock(account.health_since or timezone.now())
    text = f"TorBox has not answered since {since}. Showing what we last saw; your adds are kept and will be sent."
    if account.fresh_wanted:
        text += " Asking it again now."
    return Freshness("waiting", text, can_refresh=True, updated_at=account.refreshed_at)


def _limited(account: TorBoxAccount) -> Freshness:
    """The key is good, but TorBox does not let it read the list: nothing a new key would change."""
    said = display_name(account.health_detail, 200)
    text = f"TorBox does not give out the list of {display_name(account.label)}: “{said}” Its plan may not include that."
    return Freshness("waiting", text, can_refresh=True, updated_at=account.refreshed_at)


def _just_read(accounts: list[TorBoxAccount]) -> bool:
    now = timezone.now()
    limit = settings.WATCH_SECONDS * 2 + 10
    return any(
        account.fresh_read_at and (now - account.fresh_read_at).total_seconds() < limit
        for account in accounts
    )
