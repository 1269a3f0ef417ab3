"""TorBox accounts, what they still accept, and how much they are used."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from ninja import Router

from accounts.models import TorBoxAccount
from care.status.accounts import AccountStatus, account_statuses
from torrents import fair_use
from torrents.airlock import has_airlock, published_airlock
from torrents.models import Usage
from torrents.services.outbox.budget import PER_HOUR
from torrents.services.sync import usage as reading

from .. import auth
from ..calling import ProgramRequest
from ..problems import answers
from ..schemas.accounts import AccountOut, Accounts, DayOut, Level, Limits, Plan, QueueOut, UsageOut

router = Router(tags=["accounts"])


@router.get(
    "/accounts",
    auth=auth.read,
    response=answers(Accounts),
    operation_id="list_accounts",
    summary="List accounts",
)
def list_accounts(request: ProgramRequest) -> Accounts:
    """Return your TorBox accounts, and those that are shared with you."""
    seen = TorBoxAccount.objects.visible_to(request.user).with_level(request.user)
    return Accounts(items=[_account_out(one, is_own=one.owner_id == request.user.pk) for one in seen])


@router.get(
    "/queue", auth=auth.read, response=answers(QueueOut), operation_id="get_queue", summary="Get the queue"
)
def get_queue(request: ProgramRequest) -> QueueOut:
    """Return what the accounts that you may add to still accept, and how many torrents wait to be sent."""
    addable = TorBoxAccount.objects.addable_by(request.user)
    return QueueOut(items=[_limits(status) for status in account_statuses(addable, set())])


@router.get(
    "/accounts/{int:account_id}/usage",
    auth=auth.read,
    response=answers(UsageOut, 404),
    operation_id="get_usage",
    summary="Get the usage of an account",
)
def get_usage(request: ProgramRequest, account_id: int) -> UsageOut:
    """Return what TorBox reports about the use of an account that is yours.

    A report is read when someone asks, at most once an hour. If one is `expected`, ask again in a minute.
    """
    account = get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=account_id)
    expected = reading.look(account)
    report = Usage.objects.filter(account=account).first() or Usage(account=account)
    days = list(account.usage_days.order_by("day"))
    limit = report.airlock_limit
    if limit is None and has_airlock(account):
        limit = published_airlock(account.plan)
    return UsageOut(
        account_id=account.pk,
        read_at=report.read_at,
        expected=expected,
        downloaded=fair_use.used({one.day: one.downloaded for one in days}, reading.today()),
        published_level=fair_use.LEVELS.get(account.plan),
        airlock_used=report.airlock_used,
        airlock_limit=limit,
        days=[DayOut(day=one.day, downloaded=one.downloaded, uploaded=one.uploaded) for one in days],
    )


def _account_out(account: TorBoxAccount, *, is_own: bool) -> AccountOut:
    plan = Plan(id=account.plan, name=account.plan_name, ends_at=account.premium_expires_at)
    return AccountOut(
        id=account.pk,
        label=account.label,
        level=Level(account.level or Level.VIEW),
        health=TorBoxAccount.Health(account.health),
        health_since=account.health_since,
        detail=account.health_sentence,
        refreshed_at=account.refreshed_at,
        plan=plan if is_own else None,
    )


def _limits(status: AccountStatus) -> Limits:
    waiting = status.waiting
    return Limits(
        account_id=status.account.pk,
        slots=status.account.slots,
        slots_used=status.slots_used,
        adds_an_hour=PER_HOUR,
        adds_left=status.adds_left,
        waiting=waiting.count,
        unsure=waiting.unsure,
        oldest_at=waiting.oldest,
        done_at=waiting.done_at,
    )
