"""Which TorBox account an add goes to when somebody may use several, and why, in a few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import TorBoxAccount, User

from ..formatting import torrents as torrents_in_words
from ..models import AddRequest, RequestState, Torrent
from . import budget
from .adding import BATCH


@dataclass(frozen=True)
class Choice:
    """`reason` is the end of “<account>: …”; empty when there was nothing to choose from."""

    account: TorBoxAccount
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """Of each account: how many of the wanted it has had, its free slots, and how many adds it takes this hour."""

    known: Counter[int]
    free: dict[int, int]
    left: dict[int, int]


def choose(
    *, person: User, accounts: Sequence[TorBoxAccount], hashes: Collection[str], all_cached: bool = False
) -> Choice | None:
    """The best of `accounts` for these info hashes; None when there is none.

    What one of them has had already goes there; else to a free slot, which cached ones do not need; else to
    whichever takes more adds this hour. Where all that is the same, to one's own, then to the first.
    """
    if len(accounts) < 2:
        return Choice(accounts[0]) if accounts else None
    left = {account.pk: budget.left_this_hour(account) for account in accounts}
    facts = Facts(_known(person, accounts, hashes), _free_slots(accounts), left)

    def rank(account: TorBoxAccount) -> tuple[object, ...]:
        key = account.pk
        works = (not account.needs_key, account.probe_at is None)
        has_slot = all_cached or facts.free[key] > 0
        enough = min(facts.left[key], len(hashes))
        return (*works, facts.known[key], has_slot, enough, account.owner_id == person.pk)

    best = max(accounts, key=rank)  # the first of equals
    return Choice(best, _reason(person, best, facts, all_cached))


def _known(person: User, accounts: Sequence[TorBoxAccount], hashes: Collection[str]) -> Counter[int]:
    """How many of `hashes` each account has had, as far as `person` may know."""
    wanted, known = list(hashes), Counter[int]()
    for start in range(0, len(wanted), BATCH):
        rows = Torrent.objects.seen_on(accounts, person).filter(info_hash__in=wanted[start : start + BATCH])
        known.update(dict(rows.order_by().values_list("account_id").annotate(Count("pk"))))
    return known


def _free_slots(accounts: Sequence[TorBoxAccount]) -> dict[int, int]:
    """Slots that are neither in use nor waited for; one where TorBox has not told how many there are."""
    keys = [account.pk for account in accounts]
    active = Torrent.objects.filter(account__in=keys, active=True).order_by().values_list("account_id")
    used = dict(active.annotate(Count("pk")))
    requests = AddRequest.objects.filter(torrent__account__in=keys, state=RequestState.WAITING)
    uncached = requests.filter(torrent__removed_at=None).exclude(known_cached=True)
    waiting = dict(uncached.order_by().values_list("torrent__account_id").annotate(Count("pk")))
    return {
        account.pk: account.slots - used.get(account.pk, 0) - waiting.get(account.pk, 0)
        if account.slots
        else 1
        for account in accounts
    }


def _reason(person: User, account: TorBoxAccount, facts: Facts, all_cached: bool) -> str:
    known, free, left = (of[account.pk] for of in (facts.known, facts.free, facts.left))
    if known:
        return f"had {torrents_in_words(known)} of these before"
    if all_cached:
        return "all cached, no slot needed"
    if free <= 0:
        return f"no slot is free, {left} adds left this hour"
    if account.slots:
        return f"{free} of {account.slots} slots free"
    return "your own" if account.owner_id == person.pk else "shared with you"
