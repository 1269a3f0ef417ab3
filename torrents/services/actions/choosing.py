"""Choose the TorBox account for an add if the person may use several, and give the reason as a code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Count

from accounts.models import TorBoxAccount, User
from torrents.models import AddRequest, RequestState, Torrent

from ..outbox import budget
from .adding import BATCH


class ChoiceReason(StrEnum):
    """Why an account was chosen. Parameters are listed behind each code."""

    HAD_BEFORE = "had_before"  # count: torrents
    ALL_CACHED = "all_cached"
    NO_FREE_SLOT = "no_free_slot"  # left: adds this hour
    FREE_SLOTS = "free_slots"  # free, slots
    OWN = "own"
    SHARED = "shared"


@dataclass(frozen=True)
class AccountChoice:
    """The chosen account. `reason` is None if there was no other."""

    account: TorBoxAccount
    reason: ChoiceReason | None = None
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class AddTarget:
    """The account of an add, None for a person who can't add to any.

    `chosen`: the account that was chosen for the person, and is used unless they name another.
    """

    account: TorBoxAccount | None
    chosen: AccountChoice | None = None


@dataclass(frozen=True)
class Facts:
    """By account: how many of the torrents it has had, its free slots, and how many adds are left this hour."""

    known: Counter[int]
    free: dict[int, int]
    left: dict[int, int]


def target(
    *,
    person: User,
    accounts: Sequence[TorBoxAccount],
    hashes: Collection[str],
    named: TorBoxAccount | None = None,
    promised: str = "",
    all_cached: bool = False,
) -> AddTarget:
    """Return the account for these info hashes: the one that the person named, or else the best one.

    `promised`: the key of the account that the preview showed. It is kept if it is one of `accounts`.
    """
    kept = next((account for account in accounts if str(account.pk) == promised), None)
    if kept:
        chosen: AccountChoice | None = AccountChoice(kept)
    else:
        chosen = choose(person=person, accounts=accounts, hashes=hashes, all_cached=all_cached)
    return AddTarget(named or (chosen.account if chosen else None), chosen)


def first_to_ask(accounts: Iterable[TorBoxAccount]) -> TorBoxAccount | None:
    """Return an account for the cache check: the first with a working key."""
    return min(accounts, key=lambda account: account.needs_key, default=None)


def choose(
    *, person: User, accounts: Sequence[TorBoxAccount], hashes: Collection[str], all_cached: bool = False
) -> AccountChoice | None:
    """Return the best of `accounts` for these info hashes, or None if there are no accounts.

    An account that already had them comes first, then one with a free slot, which cached torrents don't need, then the
    one with more adds left this hour. If all are equal, the person's own account is chosen, or else the first.
    """
    if len(accounts) < 2:
        return AccountChoice(accounts[0]) if accounts else None
    left = {account.pk: budget.left_this_hour(account) for account in accounts}
    facts = Facts(_known(person, accounts, hashes), _free_slots(accounts), left)

    def rank(account: TorBoxAccount) -> tuple[object, ...]:
        key = account.pk
        works = (not account.needs_key, account.probe_at is None)
        has_slot = all_cached or facts.free[key] > 0
        enough = min(facts.left[key], len(hashes))
        return (*works, facts.known[key], has_slot, enough, account.owner_id == person.pk)

    best = max(accounts, key=rank)  # the first of equals
    return _explained(person, best, facts, all_cached)


def _known(person: User, accounts: Sequence[TorBoxAccount], hashes: Collection[str]) -> Counter[int]:
    """Count how many of `hashes` each account has had, as far as `person` can see."""
    wanted, known = list(hashes), Counter[int]()
    for start in range(0, len(wanted), BATCH):
        rows = Torrent.objects.seen_on(accounts, person).filter(info_hash__in=wanted[start : start + BATCH])
        known.update(dict(rows.order_by().values_list("account_id").annotate(Count("pk"))))
    return known


def _free_slots(accounts: Sequence[TorBoxAccount]) -> dict[int, int]:
    """Return the slots that are neither in use nor waited for, 1 if their number is unknown."""
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


def _explained(person: User, account: TorBoxAccount, facts: Facts, all_cached: bool) -> AccountChoice:
    known, free, left = (of[account.pk] for of in (facts.known, facts.free, facts.left))
    if known:
        return AccountChoice(account, ChoiceReason.HAD_BEFORE, {"count": known})
    if all_cached:
        return AccountChoice(account, ChoiceReason.ALL_CACHED)
    if free <= 0:
        return AccountChoice(account, ChoiceReason.NO_FREE_SLOT, {"left": left})
    if account.slots:
        return AccountChoice(account, ChoiceReason.FREE_SLOTS, {"free": free, "slots": account.slots})
    own = account.owner_id == person.pk
    return AccountChoice(account, ChoiceReason.OWN if own else ChoiceReason.SHARED)
