"""The health of an instance: the one read model behind the Status page and `manage.py doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import TorBoxAccount, TorBoxAccountQuerySet, User
from accounts.outages import HealthReason, outage, outage_sentence
from localization.formats import NOTHING, clock, duration, number
from torrents.formatting import display_name, isolated
from torrents.services.outbox.budget import PER_HOUR

from . import clocks
from .accounts import AccountStatus, Health, account_statuses
from .machinery import Part, Problem, data_folder, database, processes, queue
from .markup import fill, joined, safe_list
from .messages import messages
from .saving import Saving, saving

NAMED = 3  # accounts in one sentence
SILENT = "silent"  # the kind of every outage without a response, whatever its cause


@dataclass(frozen=True)
class Card:
    """One big number of the page with a quiet line; `percent` draws a bar. Value and line may contain markup."""

    title: str
    value: str
    line: str
    percent: int | None = None
    tone: str = ""


@dataclass(frozen=True)
class StatusPage:
    """Everything the page shows. Only owners get `parts`, the services, `messages`, those of notifications, and `saving`.

    `problems` has the most serious first.
    """

    accounts: list[AccountStatus]
    worker: Part
    parts: list[Part]
    messages: list[Part]
    saving: list[Part]
    problems: list[Problem]
    checked_at: datetime

    @property
    def sentence(self) -> str:
        """Return the state of everything in one sentence."""
        if not self.problems:
            return _("Everything works.")
        count = len(self.problems)
        return ngettext("%(count)s problem needs attention.", "%(count)s problems need attention.", count) % {
            "count": number(count)
        }

    @property
    def cards(self) -> list[Card]:
        """Return the numbers at the top of the page."""
        return [_waiting_card(self), _adds_card(self.accounts), _worker_card(self)]

    def part(self, key: str) -> Part | None:
        """Return the service with this key, if the page shows it."""
        return next((part for part in self.parts if part.key == key), None)


def accounts_of(user: User | None) -> TorBoxAccountQuerySet:
    """Return the accounts whose state `user` may see: every account for an owner, else their own. None: the console."""
    everything = TorBoxAccount.objects.all()
    return everything if user is None or user.role == User.Role.OWNER else everything.owned_by(user)


def may_see(user: User) -> bool:
    """Return whether there is a Status page for `user`."""
    return user.role == User.Role.OWNER or accounts_of(user).exists()


def status_for(user: User | None = None) -> StatusPage:
    """Return the status as `user` may see it.

    TorBox's own sentences are shown only for accounts that `user` sees, and services only to owners.
    """
    runs_it = user is None or user.role == User.Role.OWNER
    seen = None if user is None else set(TorBoxAccount.objects.visible_to(user).values_list("pk", flat=True))
    accounts = account_statuses(accounts_of(user), seen)
    worker, beat = processes()
    parts = [beat, queue(), database(), data_folder(), _keys(accounts)] if runs_it else []
    machine = [part.problem for part in [worker, *(parts or [beat])] if part.problem]
    saved = saving() if runs_it else Saving()
    if not runs_it:
        machine = [Problem(problem.tone, problem.what, _tell_owner()) for problem in machine]
    clock = clocks.problem(status.account for status in accounts) if runs_it else None
    of_accounts = _account_problems(accounts, user, seen)
    problems = [*machine, *([clock] if clock else []), *of_accounts, *saved.problems]
    told = messages(user) if runs_it else []
    return StatusPage(accounts, worker, parts, told, saved.parts, problems, timezone.now())


def _account_problems(
    accounts: list[AccountStatus], user: User | None, seen: set[int] | None
) -> Iterator[Problem]:
    if lost := [status for status in accounts if status.health == Health.UNREADABLE]:
        yield _unreadable(lost, len(accounts), user)
    for status in accounts:
        if status.health == Health.REJECTED:
            yield _rejected(status, user, seen is None or status.account.pk in seen)
    for status in accounts:
        if status.health == Health.ANOTHER:
            yield _wrong_list(status)
    silent = [status for status in accounts if status.health == Health.UNREACHABLE]
    for kind in dict.fromkeys(_kind(status) for status in silent):
        alike = [status for status in silent if _kind(status) == kind]
        yield _unreachable(alike, user, all_accounts=len(alike) == len(accounts))
    for status in accounts:
        if status.unread:
            remedy = _(
                "We read the list again automatically. If this keeps happening, check for a TorBox Web update."
            )
            yield Problem("waiting", status.unread, remedy)


def _unreadable(lost: list[AccountStatus], total: int, user: User | None) -> Problem:
    """Return one problem for all of these accounts, because it has one cause."""
    names, count = _names(lost), len(lost)
    if total == 1:
        what = fill(
            _(
                "The stored API key for %(account)s can’t be read because ENCRYPTION_KEYS has changed. "
                "Nothing is lost."
            ),
            account=names,
        )
    else:
        message = ngettext(
            "%(count)s of %(total)s stored API keys can’t be read because ENCRYPTION_KEYS has changed: "
            "%(accounts)s. Nothing is lost.",
            "%(count)s of %(total)s stored API keys can’t be read because ENCRYPTION_KEYS has changed: "
            "%(accounts)s. Nothing is lost.",
            count,
        )
        what = fill(message, count=number(count), total=number(total), accounts=names)
    mine = next((status.account for status in lost if user and status.account.owner_id == user.pk), None)
    return Problem("failed", what, _("Restore the old value and restart, or enter the API key again."), mine)


def _rejected(status: AccountStatus, user: User | None, may_read: bool) -> Problem:
    account, name = status.account, isolated(status.label)
    if account.health_since:
        rejected = fill(
            # Translators: a time, with its date unless it is today.
            _("TorBox has rejected the API key for %(account)s since %(time)s."),
            account=name,
            time=clock(account.health_since),
        )
    else:
        rejected = fill(_("TorBox rejected the API key for %(account)s."), account=name)
    detail = display_name(account.upstream_detail) if may_read else ""
    quoted = fill(_("Message from TorBox: “%(detail)s”"), detail=detail) if detail else ""
    what = joined([rejected, quoted, _("Nothing is lost.")])
    if user and account.owner_id == user.pk:
        remedy = _("Enter a new API key. Everything then continues automatically.")
        return Problem("failed", what, remedy, account)
    owner = isolated(account.owner.display_name)
    return Problem("failed", what, fill(_("%(person)s needs to enter a new API key."), person=owner))


def _wrong_list(status: AccountStatus) -> Problem:
    what = fill(
        _("TorBox sent another account’s list for %(account)s. We ignored it, and nothing is lost."),
        account=isolated(status.label),
    )
    remedy = _("We retry automatically. If this keeps happening, contact TorBox.")
    return Problem("waiting", what, remedy)


def _unreachable(silent: list[AccountStatus], user: User | None, *, all_accounts: bool) -> Problem:
    account = silent[0].account
    since = min(
        (status.account.health_since for status in silent if status.account.health_since), default=None
    )
    happened: str = outage_sentence(account.health_reason, clock(since) if since else "")
    if not all_accounts:
        # Translators: names of TorBox accounts, then a sentence about them.
        happened = fill(_("%(accounts)s: %(problem)s"), accounts=_names(silent), problem=happened)
    known = outage(account.health_reason)
    cause = str(known.what) if _kind(silent[0]) == SILENT else ""
    what = joined([happened, cause, _("Nothing is lost.")])
    if account.upstream_detail:
        return Problem("waiting", what, _("We retry automatically."))
    runs_it = user is None or user.role == User.Role.OWNER
    return Problem("waiting", what, str(known.remedy) if runs_it else _tell_owner())


def _kind(status: AccountStatus) -> str:
    """Return the kind of an outage: no response, responses we can't read, or errors."""
    reason = status.account.health_reason
    if reason not in HealthReason.values:
        return HealthReason.TROUBLE
    return reason if reason in (HealthReason.MALFORMED, HealthReason.TROUBLE) else SILENT


def _tell_owner() -> str:
    # Translators: “owner” is the role of the person who runs the household.
    return _("Tell the owner of your household.")


def _names(statuses: list[AccountStatus]) -> str:
    names: list[str] = [isolated(status.label) for status in statuses[:NAMED]]
    if more := len(statuses) - len(names):
        # Translators: the end of a list of accounts: “Family, Second, and 3 more”.
        names.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": number(more)})
    return safe_list(names)


def _keys(accounts: list[AccountStatus]) -> Part:
    """Return how many stored keys can be read. The remedy for the others is one of the accounts' problems."""
    name = _("Encryption keys")
    lost, total = sum(status.health == Health.UNREADABLE for status in accounts), len(accounts)
    if not lost:
        line = _("Every stored key can be read") if accounts else _("Nothing stored yet")
        return Part("keys", name, _("Good"), line)
    line = ngettext(
        "%(count)s of %(total)s stored keys can’t be read",
        "%(count)s of %(total)s stored keys can’t be read",
        lost,
    ) % {"count": number(lost), "total": number(total)}
    # Translators: some of the stored API keys.
    return Part("keys", name, _("Unreadable"), line, "failed")


def _waiting_card(status: StatusPage) -> Card:
    waiting = [account.waiting for account in status.accounts if account.waiting.count]
    title, count = _("Waiting to send"), sum(part.count for part in waiting)
    if not waiting:
        return Card(title, number(0), _("Nothing is waiting"))
    oldest = min(part.oldest for part in waiting if part.oldest)
    # Translators: how long the oldest torrent has been waiting: “Oldest: 3 min”.
    facts = [_("Oldest: %(duration)s") % {"duration": duration((status.checked_at - oldest).total_seconds())}]
    times = [part.done_at for part in waiting]
    if None not in times and not status.worker.problem:
        # Translators: follows “Oldest: 3 min · ”. When the last waiting torrent will have been sent: a time, with its
        # date unless it is today.
        facts.append(_("done around %(time)s") % {"time": clock(max(time for time in times if time))})
    if unsure := sum(part.unsure for part in waiting):
        # Translators: follows “Oldest: 3 min · ”. Torrents of which we check whether TorBox already has them.
        facts.append(
            ngettext("%(count)s being verified", "%(count)s being verified", unsure)
            % {"count": number(unsure)}
        )
    return Card(title, number(count), " · ".join(facts))


def _adds_card(accounts: list[AccountStatus]) -> Card:
    """Return the sum, and the account with the fewest left by name: a sum alone would hide that it has none."""
    title, usable = _("Adds left this hour"), [status for status in accounts if not status.needs_key]
    if not usable:
        return Card(title, NOTHING, _("No account has a working API key"))
    left, limit = sum(status.adds_left for status in usable), PER_HOUR * len(usable)
    scarcest = min(usable, key=lambda status: status.adds_left)
    if len(usable) > 1:
        line: str = fill(
            # Translators: the account with the fewest adds left: “Fewest: 23 on Family”.
            _("Fewest: %(count)s on %(account)s"),
            count=number(scarcest.adds_left),
            account=isolated(scarcest.label),
        )
    else:
        line = _("Cached torrents don’t count")
    # Translators: “22 of 60”; the first number is large.
    value = fill(_("%(left)s <span>of %(limit)s</span>"), left=number(left), limit=number(limit))
    return Card(title, value, line, round(100 * left / limit))


def _worker_card(status: StatusPage) -> Card:
    line, queued = status.worker.line, status.part("queue")
    if queued:
        line += f" · {queued.summary}"
    return Card(status.worker.name, status.worker.word, line, tone=status.worker.tone)
