"""How each TorBox account is, from a handful of queries however many accounts, torrents and calls there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.clients import is_readable
from accounts.models import TorBoxAccount, TorBoxAccountQuerySet, UpstreamCall

from ..formatting import NOTHING, clock, day, display_name, until
from ..models import AddRequest, CreateCall, RequestState, Torrent
from ..services.budget import PER_HOUR

HOUR = timedelta(hours=1)
ERRORS_SHOWN = 5
Outcome = UpstreamCall.Outcome
Health = TorBoxAccount.Health
BAD = [Outcome.REFUSED, Outcome.LIMITED, Outcome.KEY, Outcome.FAILED]
UNDER_WAY = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]
TONES = {Health.OK: "ready", Health.REJECTED: "failed", Health.UNREADABLE: "failed"}


@dataclass(frozen=True)
class Waiting:
    """Adds that are not at TorBox yet; `done_at` is when the last one will be, where all know their time."""

    count: int = 0
    unsure: int = 0
    oldest: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True)
class EndpointCalls:
    """The calls of one endpoint in the last hour: “12 answered, 1 failed”."""

    endpoint: str
    count: int
    outcomes: str


@dataclass(frozen=True)
class CallError:
    sentence: str
    endpoint: str
    at: datetime


@dataclass
class AccountStatus:
    """One account: what the table shows, and behind it its calls, errors and pauses.

    `next_refresh` is a phrase; `last_answer` the last moment at which TorBox answered well.
    """

    account: TorBoxAccount
    health: str
    last_answer: datetime | None
    slots_used: int = 0
    adds_left: int = PER_HOUR
    waiting: Waiting = field(default_factory=Waiting)
    endpoints: list[EndpointCalls] = field(default_factory=list)
    errors: list[CallError] = field(default_factory=list)
    pauses: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return display_name(self.account.label)

    @property
    def needs_key(self) -> bool:
        return self.health in (Health.REJECTED, Health.UNREADABLE)

    @property
    def tone(self) -> str:
        return TONES.get(Health(self.health), "waiting")

    @property
    def word(self) -> str:
        return Health(self.health).label

    @property
    def about(self) -> str:
        """“Pro · until 3 Mar · key …4f1c”."""
        ends = self.account.premium_expires_at
        parts = [display_name(self.account.plan_name), f"until {day(ends)}" if ends else ""]
        return " · ".join([*filter(None, parts), f"key …{self.account.last_four}"])

    @property
    def next_refresh(self) -> str:
        if self.needs_key:
            return "waits for a new key" if self.account.rejected else "waits for a readable key"
        now, probe = timezone.now(), self.account.probe_at
        if probe and probe > now:
            return f"tries again {until(probe)}"
        return until(self.account.next_refresh_at) if self.account.next_refresh_at > now else "due now"

    @property
    def slots(self) -> str:
        known = self.account.slots and not self.needs_key
        return f"{self.slots_used} of {self.account.slots}" if known else NOTHING

    @property
    def calls(self) -> int:
        return sum(endpoint.count for endpoint in self.endpoints)


def account_statuses(accounts: TorBoxAccountQuerySet, may_read: set[int] | None) -> list[AccountStatus]:
    """One for each of `accounts`. TorBox's own sentences, which may name a torrent, only of those in `may_read`.

    `may_read` None: of all.
    """
    statuses = {account.pk: _plain(account) for account in accounts.select_related("owner")}
    pks = accounts.order_by().values("pk")
    for account_id, number in _counts(Torrent.objects.filter(account__in=pks, active=True)):
        statuses[account_id].slots_used = number
    recent = CreateCall.objects.filter(account__in=pks, counted=True, at__gt=timezone.now() - HOUR)
    for account_id, number in _counts(recent):
        statuses[account_id].adds_left = max(0, PER_HOUR - number)
    _add_waiting(statuses, pks)
    calls = UpstreamCall.objects.filter(account__in=pks)
    _add_calls(statuses, calls)
    _add_errors(statuses, calls, may_read)
    _add_pauses(statuses, calls)
    return list(statuses.values())


def _plain(account: TorBoxAccount) -> AccountStatus:
    """A key may have become unreadable since the last call; one that only the worker cannot read is in the row."""
    lost = not account.rejected and not is_readable(account)
    return AccountStatus(account, Health.UNREADABLE if lost else account.health, account.refreshed_at)


def _counts(rows: Any) -> Any:
    return rows.order_by().values_list("account_id").annotate(Count("pk"))


def _add_waiting(statuses: dict[int, AccountStatus], pks: Any) -> None:
    requests = AddRequest.objects.filter(torrent__account__in=pks, torrent__removed_at=None)
    rows = requests.filter(state__in=UNDER_WAY).order_by().values("torrent__account_id")
    for row in rows.annotate(
        count=Count("pk"),
        unsure=Count("pk", filter=Q(state=RequestState.UNSURE)),
        timeless=Count("pk", filter=Q(torrent__waiting_until=None)),
        oldest=Min("created_at"),
        last=Max("torrent__waiting_until"),
    ):
        status = statuses[row["torrent__account_id"]]
        known = status.health == Health.OK and not row["timeless"] and row["last"] > timezone.now()
        done_at = row["last"] if known else None
        status.waiting = Waiting(row["count"], row["unsure"], row["oldest"], done_at)


def _add_calls(statuses: dict[int, AccountStatus], calls: Any) -> None:
    rows = calls.filter(at__gt=timezone.now() - HOUR).order_by()
    found: dict[tuple[int, str], Counter[str]] = {}
    for row in rows.values("account_id", "endpoint", "outcome").annotate(count=Count("pk"), last=Max("at")):
        status = statuses[row["account_id"]]
        found.setdefault((status.account.pk, row["endpoint"]), Counter())[row["outcome"]] = row["count"]
        if row["outcome"] == Outcome.OK:
            status.last_answer = max(filter(None, [status.last_answer, row["last"]]))
    for (account_id, endpoint), outcomes in sorted(found.items()):
        words = ", ".join(
            f"{count} {Outcome(outcome).label.lower()}" for outcome, count in outcomes.most_common()
        )
        statuses[account_id].endpoints.append(EndpointCalls(endpoint, outcomes.total(), words))


def _add_errors(statuses: dict[int, AccountStatus], calls: Any, may_read: set[int] | None) -> None:
    """The newest few of each account; calls are kept for a day."""
    newest = Window(RowNumber(), partition_by=F("account_id"), order_by=F("at").desc())
    rows = calls.filter(outcome__in=BAD).annotate(rank=newest).filter(rank__lte=ERRORS_SHOWN).order_by("-at")
    for row in rows.values("account_id", "endpoint", "outcome", "detail", "at"):
        told = row["detail"] if may_read is None or row["account_id"] in may_read else ""
        sentence = display_name(told) or f"{Outcome(row['outcome']).label}."
        statuses[row["account_id"]].errors.append(CallError(sentence, row["endpoint"], row["at"]))


def _add_pauses(statuses: dict[int, AccountStatus], calls: Any) -> None:
    paused = calls.filter(retry_at__gt=timezone.now()).order_by("endpoint")
    for row in paused.values("account_id", "endpoint").annotate(last=Max("retry_at")):
        sentence = f"TorBox asked to leave {row['endpoint']} alone until {clock(row['last'])}."
        statuses[row["account_id"]].pauses.append(sentence)
