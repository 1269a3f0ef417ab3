"""Add what was found in a paste or an upload to the account that fits best."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from accounts.models import TorBoxAccount, User
from accounts.transactions import in_transaction, lock_addable

from . import adding, choosing, previewing
from .adding import AddResult, Options
from .previewing import FoundTorrents, Plan


@dataclass(frozen=True)
class Placed:
    """The result of pressing Add. `result` is None if the person can't add to any account, or not to the named one."""

    plan: Plan
    result: AddResult | None


@in_transaction
def place(
    *,
    person: User,
    found: FoundTorrents,
    options_for: Callable[[int], Options],
    named: TorBoxAccount | None = None,
    promised: str = "",
    uncached: Collection[str] = (),
) -> Placed:
    """Add what the person doesn't have yet to the account that they named, or else to the best one.

    `options_for` returns the options for a number of torrents. `promised` is that of `choosing.target`, and `uncached`
    that of `previewing.plan`. All accounts are locked before anything is read, so that a torrent in two adds at once
    goes to one account.
    """
    accounts = lock_addable(person)
    if named:
        accounts = [account for account in accounts if account.pk == named.pk]
    plan = previewing.plan(person=person, found=found, uncached=uncached)
    hashes = [new_torrent.magnet.info_hash for new_torrent in plan.new_torrents]
    account = choosing.target(person=person, accounts=accounts, hashes=hashes, promised=promised).account
    if account is None:
        return Placed(plan, None)
    options = options_for(len(plan.new_torrents))
    result = adding.add(person=person, account=account, new_torrents=plan.new_torrents, options=options)
    return Placed(plan, result)
