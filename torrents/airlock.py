"""Tell which TorBox accounts have AirLock, which keeps torrents that nobody downloads."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import TorBoxAccount

from .models import Usage

FREE = 0  # the only plan without AirLock (docs/torbox-api.md#airlock)
GB = 10**9
PUBLISHED = {FREE: 0, 1: 300 * GB, 2: 1000 * GB, 3: 500 * GB}  # by plan


def offers_airlock(account: TorBoxAccount) -> bool:
    """Return the same as `has_airlock`, without a query, for an account read with `airlock_limit` from its usage."""
    limit: int | None = getattr(account, "airlock_limit", None)
    return account.plan != FREE if limit is None else limit > 0


def has_airlock(account: TorBoxAccount) -> bool:
    """Return whether an account may keep torrents with AirLock. Takes a query; `airlock_accounts` takes one for many."""
    return account.pk in airlock_accounts([account])


def airlock_accounts(accounts: Iterable[TorBoxAccount]) -> set[int]:
    """Return the ids of the accounts that may keep torrents with AirLock, in one query.

    The limit that TorBox reported decides. Without a report, it's the plan: all paid ones have AirLock.
    """
    plans = {account.pk: account.plan for account in accounts}
    reported = Usage.objects.filter(account__in=plans, airlock_limit__isnull=False)
    limits = dict(reported.values_list("account_id", "airlock_limit"))
    return {pk for pk, plan in plans.items() if limits.get(pk, plan != FREE)}


def published_airlock(plan: int) -> int | None:
    """Return the bytes that TorBox publishes for a plan, or None for an unknown one."""
    return PUBLISHED.get(plan)
