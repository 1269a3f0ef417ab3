"""How the instance is: the one read model behind the Status page and `manage.py doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import TorBoxAccount, TorBoxAccountQuerySet, User

from ..formatting import NOTHING, clock, display_name, duration
from ..services.budget import PER_HOUR
from .accounts import AccountStatus, Health, account_statuses
from .machinery import Part, Problem, database, processes, queue

NAMED = 3  # accounts in one sentence
TELL = "Tell whoever runs this instance."
KEPT = "What waits is kept."


@dataclass(frozen=True)
class Card:
    """One big number of the page with a quiet line; `percent` draws a bar."""

    title: str
    value: str
    line: str
    of: str = ""
    percent: int | None = None
    tone: str = ""


@dataclass(frozen=True)
class Status:
    """`parts` is the machinery, shown to the owner of the instance; `problems` the gravest first."""

    accounts: list[AccountStatus]
    worker: Part
    parts: list[Part]
    problems: list[Problem]
    checked_at: datetime

    @property
    def sentence(self) -> str:
        if not self.problems:
            return "Everything works."
        number = len(self.problems)
        return "One thing needs attention." if number == 1 else f"{number} things need attention."

    @property
    def cards(self) -> list[Card]:
        return [_waiting_card(self), _adds_card(self.accounts), _worker_card(self)]

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)


def accounts_of(user: User | None) -> TorBoxAccountQuerySet:
    """Whose state `user` may see: the owner of the instance every account's, others that of their own. None: the console."""
    everything = TorBoxAccount.objects.all()
    return everything if user is None or user.role == User.Role.OWNER else everything.owned_by(user)


def may_see(user: User) -> bool:
    return user.role == User.Role.OWNER or accounts_of(user).exists()


def status_for(user: User | None = None) -> Status:
    """As `user` may see it: what TorBox said only of accounts they see, the machinery only who runs it."""
    runs_it = user is None or user.role == User.Role.OWNER
    seen = None if user is None else set(TorBoxAccount.objects.visible_to(user).values_list("pk", flat=True))
    accounts = account_statuses(accounts_of(user), seen)
    worker, beat = processes()
    parts = [beat, queue(), database(), _keys(accounts)] if runs_it else []
    machine = [part.problem for part in [worker, *(parts or [beat])] if part.problem]
    if not runs_it:
        machine = [Problem(problem.tone, problem.what, TELL) for problem in machine]
    problems = [*machine, *_account_problems(accounts, user, seen)]
    return Status(accounts, worker, parts, problems, timezone.now())


def _account_problems(
    accounts: list[AccountStatus], user: User | None, seen: set[int] | None
) -> Iterator[Problem]:
    if lost := [status for status in accounts if status.health == Health.UNREADABLE]:
        yield _unreadable(lost, len(accounts), user)
    for status in accounts:
        if status.health == Health.REJECTED:
            yield _rejected(status, user, seen is None or status.account.pk in seen)
    if silent := [status for status in accounts if status.health == Health.UNREACHABLE]:
        yield _unreachable(silent, everybody=len(silent) == len(accounts))


def _unreadable(lost: list[AccountStatus], total: int, user: User | None) -> Problem:
    """One sentence for all: they have one cause."""
    number = f"{len(lost)} of {total} stored API keys" if total > 1 else "The stored API key"
    what = (
        f"{number} cannot be read ({_names(lost)}): ENCRYPTION_KEYS is not what was used to save it. {KEPT}"
    )
    mine = next((status.account for status in lost if user and status.account.owner_id == user.pk), None)
    return Problem("failed", what, "Put the old value back and restart, or enter the key again.", mine)


def _rejected(status: AccountStatus, user: User | None, may_read: bool) -> Problem:
    account, said = status.account, display_name(status.account.health_detail)
    told = f": “{said}”" if said and may_read else "."
    since = f" since {clock(account.health_since)}" if account.health_since else ""
    what = f"TorBox refuses the key of {status.label}{since}{told} {KEPT}"
    if user and account.owner_id == user.pk:
        return Problem("failed", what, "Enter a new key; everything then goes on by itself.", account)
    owner = display_name(account.owner.display_name)
    return Problem("failed", what, f"{owner} has to enter a new key.")


def _unreachable(silent: list[AccountStatus], *, everybody: bool) -> Problem:
    since = min(
        (status.account.health_since for status in silent if status.account.health_since), default=None
    )
    whom = "" if everybody else f" for {_names(silent)}"
    when = f" since {clock(since)}" if since else ""
    what = f"TorBox has not answered{whom}{when}. {KEPT}"
    return Problem("waiting", what, "Nothing to do here: it is tried again until it answers.")


def _names(statuses: list[AccountStatus]) -> str:
    names = ", ".join(status.label for status in statuses[:NAMED])
    return names if len(statuses) <= NAMED else f"{names} and {len(statuses) - NAMED} more"


def _keys(accounts: list[AccountStatus]) -> Part:
    """How many stored keys can be read. What to do about the others is said once, among the problems of accounts."""
    lost = sum(status.health == Health.UNREADABLE for status in accounts)
    if not lost:
        return Part(
            "Encryption keys", "Good", "every stored key can be read" if accounts else "nothing is stored yet"
        )
    return Part("Encryption keys", f"{lost} unreadable", f"of {len(accounts)} stored", "failed")


def _waiting_card(status: Status) -> Card:
    waiting = [account.waiting for account in status.accounts if account.waiting.count]
    title, number = "Waiting to send", sum(part.count for part in waiting)
    if not waiting:
        return Card(title, "0", "nothing waits")
    oldest = min(part.oldest for part in waiting if part.oldest)
    parts = [f"oldest {duration((status.checked_at - oldest).total_seconds())}"]
    times = [part.done_at for part in waiting]
    if None not in times and not status.worker.problem:
        parts.append(f"done about {clock(max(time for time in times if time))}")
    if unsure := sum(part.unsure for part in waiting):
        parts.append(f"{unsure} unclear, being looked for")
    return Card(title, f"{number:,}", ", ".join(parts))


def _adds_card(accounts: list[AccountStatus]) -> Card:
    """The sum, and with several accounts the scarcest one by name: a sum alone would hide that it is used up."""
    title, usable = "Adds left this hour", [status for status in accounts if not status.needs_key]
    if not usable:
        return Card(title, NOTHING, "no account with a good key")
    left, most = sum(status.adds_left for status in usable), PER_HOUR * len(usable)
    scarcest = min(usable, key=lambda status: status.adds_left)
    line = (
        f"fewest: {scarcest.adds_left} in {scarcest.label}" if len(usable) > 1 else "cached ones do not count"
    )
    return Card(title, f"{left:,}", line, f"of {most:,}", round(100 * left / most))


def _worker_card(status: Status) -> Card:
    line, messages = status.worker.line, status.part("Queue")
    if messages:
        line += f" · queue {messages.word.lower()}"
    return Card("Worker", status.worker.word, line, tone=status.worker.tone)
