"""The state of each TorBox account, in a fixed number of queries however many accounts, torrents, and calls there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from accounts.clients import is_readable
from accounts.models import TorBoxAccount, TorBoxAccountQuerySet, UpstreamCall
from localization.formats import NOTHING, clock, day, number, until
from torrents.formatting import display_name, isolated
from torrents.models import AddRequest, CreateCall, RequestState, Torrent
from torrents.services.outbox.budget import PER_HOUR

from .markup import fill

HOUR = timedelta(hours=1)
ERRORS_SHOWN = 5
Outcome = UpstreamCall.Outcome
Health = TorBoxAccount.Health
BAD = [Outcome.REFUSED, Outcome.LIMITED, Outcome.KEY, Outcome.FAILED]
UNDER_WAY = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]
TONES = {Health.OK: "ready", Health.REJECTED: "failed", Health.UNREADABLE: "failed"}
# Translators: these follow the name of one of TorBox's endpoints: how many calls of the last hour had this outcome.
OUTCOMES = {
    Outcome.ASKED: ngettext_lazy("%(count)s unanswered", "%(count)s unanswered", "calls"),
    Outcome.OK: ngettext_lazy("%(count)s answered", "%(count)s answered", "calls"),
    Outcome.REFUSED: ngettext_lazy("%(count)s refused", "%(count)s refused", "calls"),
    Outcome.LIMITED: ngettext_lazy("%(count)s throttled", "%(count)s throttled", "calls"),
    Outcome.KEY: ngettext_lazy("%(count)s with a rejected key", "%(count)s with a rejected key", "calls"),
    Outcome.FAILED: ngettext_lazy("%(count)s failed", "%(count)s failed", "calls"),
}
ERRORS = {
    Outcome.REFUSED: gettext_lazy("TorBox refused the call."),
    Outcome.LIMITED: gettext_lazy("TorBox asked us to wait."),
    Outcome.KEY: gettext_lazy("TorBox rejected the API key."),
    Outcome.FAILED: gettext_lazy("The call failed."),
}


@dataclass(frozen=True)
class Waiting:
    """Adds that TorBox doesn't have yet; `done_at` is when it will have the last one, if that is known for all."""

    count: int = 0
    unsure: int = 0
    oldest: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True)
class EndpointCalls:
    """The calls of one endpoint in the last hour: “12 answered · 1 failed”."""

    endpoint: str
    count: int
    outcomes: str


@dataclass(frozen=True)
class CallError:
    """A call that went wrong, and what TorBox said about it."""

    sentence: str
    endpoint: str
    at: datetime


@dataclass
class AccountStatus:
    """One account: what the table shows, and in its details the calls, errors, and pauses.

    `next_refresh` is a phrase, `last_answer` the time of TorBox's last successful response.
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
        """Return the name to show."""
        return display_name(self.account.label)

    @property
    def needs_key(self) -> bool:
        """Return whether nothing works until someone enters a new key."""
        return self.health in (Health.REJECTED, Health.UNREADABLE)

    @property
    def tone(self) -> str:
        """Return the color of the health."""
        return TONES.get(Health(self.health), "waiting")

    @property
    def word(self) -> str:
        """Return the health in a word."""
        return str(Health(self.health).label)

    @property
    def about(self) -> str:
        """Return the plan and the key: “Pro · until 3 Mar · key …4f1c”."""
        facts = [display_name(self.account.plan_name)]
        if ends := self.account.premium_expires_at:
            # Translators: follows the name of a TorBox plan: “Pro · until 3 Mar”.
            facts.append(_("until %(date)s") % {"date": day(ends)})
        # Translators: the end of an API key: “key …4f1c”.
        facts.append(_("key …%(last_four)s") % {"last_four": self.account.last_four})
        return " · ".join(filter(None, facts))

    @property
    def next_refresh(self) -> str:
        """Return when the list is read next, or what has to happen first."""
        if self.needs_key:
            return _("Needs a new API key") if self.account.rejected else _("Needs a readable API key")
        now, probe = timezone.now(), self.account.probe_at
        if probe and probe > now:
            # Translators: %(time)s is “in 7 min” or similar.
            return _("Retrying %(time)s") % {"time": until(probe)}
        return until(self.account.next_refresh_at) if self.account.next_refresh_at > now else _("Due now")

    @property
    def unread(self) -> str | SafeString:
        """Return what of TorBox’s list could not be read, and the field most often at fault; "" if nothing."""
        left_out, odd = self.account.unread_rows, self.account.odd_rows
        if left_out:
            message = ngettext(
                "We can’t read %(count)s torrent in TorBox’s list for %(account)s (field “%(field)s”), "
                "so it isn’t shown. All others are.",
                "We can’t read %(count)s torrents in TorBox’s list for %(account)s (field “%(field)s”), "
                "so they aren’t shown. All others are.",
                left_out,
            )
        elif odd:
            message = ngettext(
                "We can’t read some details of %(count)s torrent in TorBox’s list for %(account)s "
                "(field “%(field)s”). Everything else is shown.",
                "We can’t read some details of %(count)s torrents in TorBox’s list for %(account)s "
                "(field “%(field)s”). Everything else is shown.",
                odd,
            )
        else:
            return ""
        return fill(
            message,
            count=number(left_out or odd),
            account=isolated(self.label),
            field=display_name(self.account.unread_field, 40),
        )

    @property
    def slots(self) -> str:
        """Return the slots in use and their limit: “1 of 10”."""
        if not self.account.slots or self.needs_key:
            return NOTHING
        # Translators: slots in use, and how many there are: “1 of 10”.
        return _("%(used)s of %(limit)s") % {
            "used": number(self.slots_used),
            "limit": number(self.account.slots),
        }

    @property
    def calls(self) -> int:
        """Return the number of calls in the last hour."""
        return sum(endpoint.count for endpoint in self.endpoints)


def account_statuses(accounts: TorBoxAccountQuerySet, may_read: set[int] | None) -> list[AccountStatus]:
    """Return the state of each of `accounts`.

    TorBox's own sentences may name a torrent, so only those of accounts in `may_read` (None: all) are included.
    """
    statuses = {account.pk: _plain(account) for account in accounts.select_related("owner")}
    pks = accounts.order_by().values("pk")
    for account_id, active in _counts(Torrent.objects.filter(account__in=pks, active=True)):
        statuses[account_id].slots_used = active
    recent = CreateCall.objects.filter(account__in=pks, counted=True, at__gt=timezone.now() - HOUR)
    for account_id, made in _counts(recent):
        statuses[account_id].adds_left = max(0, PER_HOUR - made)
    _add_waiting(statuses, pks)
    calls = UpstreamCall.objects.filter(account__in=pks)
    _add_calls(statuses, calls)
    _add_errors(statuses, calls, may_read)
    _add_pauses(statuses, calls)
    return list(statuses.values())


def _plain(account: TorBoxAccount) -> AccountStatus:
    """Return the state without numbers.

    A key may have become unreadable since the last call. The health of one that only the worker can't read is stored.
    """
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
        words = " · ".join(
            OUTCOMES[Outcome(outcome)] % {"calls": count, "count": number(count)}
            for outcome, count in outcomes.most_common()
        )
        statuses[account_id].endpoints.append(EndpointCalls(endpoint, outcomes.total(), words))


def _add_errors(statuses: dict[int, AccountStatus], calls: Any, may_read: set[int] | None) -> None:
    """Add the newest errors of each account. Calls are kept for a day."""
    newest = Window(RowNumber(), partition_by=F("account_id"), order_by=F("at").desc())
    rows = calls.filter(outcome__in=BAD).annotate(rank=newest).filter(rank__lte=ERRORS_SHOWN).order_by("-at")
    for row in rows.values("account_id", "endpoint", "outcome", "detail", "at"):
        detail = row["detail"] if may_read is None or row["account_id"] in may_read else ""
        sentence = display_name(detail) or str(ERRORS[Outcome(row["outcome"])])
        statuses[row["account_id"]].errors.append(CallError(sentence, row["endpoint"], row["at"]))


def _add_pauses(statuses: dict[int, AccountStatus], calls: Any) -> None:
    paused = calls.filter(retry_at__gt=timezone.now()).order_by("endpoint")
    for row in paused.values("account_id", "endpoint").annotate(last=Max("retry_at")):
        # Translators: a time, with its date unless it is today.
        sentence = _("TorBox asked us to pause %(endpoint)s until %(time)s.") % {
            "endpoint": row["endpoint"],
            "time": clock(row["last"]),
        }
        statuses[row["account_id"]].pauses.append(sentence)
