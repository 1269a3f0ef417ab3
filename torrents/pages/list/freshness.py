"""The line that says how fresh the list is, or what is wrong if it isn't."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.deadlines import is_recent
from accounts.models import TorBoxAccount
from accounts.outages import outage_sentence
from localization.formats import age, clock, duration, sentences
from torrents.formatting import display_name, isolated, with_markup
from torrents.models import AddRequest, RequestState
from torrents.services.sync.refreshing import seconds_until_refreshable
from torrents.services.upkeep.heartbeats import LATE_SECONDS, is_late


@dataclass(frozen=True)
class Freshness:
    """What the line says. `tone` is ok, live, waiting, or failed; `refused` is the account that needs a new key.

    `wait`: seconds until *Refresh now* is offered. `around`: the text with {} for the age of the list, which the
    browser keeps current.
    """

    tone: str
    text: str
    can_refresh: bool = False
    wait: int = 0
    refused: TorBoxAccount | None = None
    updated_at: datetime | None = None
    around: str = "{}"

    @property
    def ready_label(self) -> str:
        """Return the label of the button while it can be pressed."""
        return _("Refresh now")

    @property
    def waiting_label(self) -> str:
        """Return the label of the button while it can't, with {} for the seconds left."""
        # Translators: s is short for seconds.
        return _("Refresh in %(seconds)s s") % {"seconds": "{}"}

    @property
    def refresh_label(self) -> str:
        """Return the label of the button now."""
        return self.waiting_label.replace("{}", str(self.wait)) if self.wait else self.ready_label


def freshness(accounts: list[TorBoxAccount], *, moving: bool, worker_at: datetime | None) -> Freshness | None:
    """Return the line for the account with the worst problem; None if there are no accounts.

    `worker_at`: the last heartbeat of a worker. Without a worker, nothing on the page changes.
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
        if account.health == TorBoxAccount.Health.ANOTHER:
            return _wrong_list(account)
    oldest = min((account.refreshed_at for account in accounts if account.refreshed_at), default=None)
    if oldest is None:
        return Freshness("live", _("Loading your torrents from TorBox for the first time"))
    left = max(seconds_until_refreshable(account) for account in accounts)
    if any(account.fresh_wanted for account in accounts):
        return Freshness("live", _("Refreshing from TorBox"), wait=int(left) + 1)
    wait = int(left) + 1 if left > 0 else 0
    if moving and settings.WATCH_SECONDS and _just_read(accounts):
        # Translators: the list is kept up to date within seconds.
        live = _("Live")
        return Freshness("live", live, not wait, wait, updated_at=oldest, around=live)
    return Freshness("ok", _updated(age(oldest)), not wait, wait, updated_at=oldest, around=_updated("{}"))


def _updated(ago: str) -> str:
    # Translators: %(ago)s is such as “3 min ago” or “just now”.
    updated = _("Updated %(ago)s") % {"ago": ago}
    every = _("TorBox refreshes every %(time)s") % {"time": duration(settings.REFRESH_SECONDS)}
    return f"{updated} · {every}"


def _refused(account: TorBoxAccount) -> Freshness:
    name, said = isolated(account.label), display_name(account.health_sentence)
    if not account.rejected:
        # Translators: the name of an account, what is wrong with it, and that nothing is lost.
        text = with_markup(_("%(account)s: %(problem)s Your adds are kept."), account=name, problem=said)
    elif account.upstream_detail:
        sentence = _(
            "TorBox rejected the API key for %(account)s: “%(detail)s” Your adds are kept and will be sent with a new key."
        )
        text = with_markup(sentence, account=name, detail=said)
    else:
        sentence = _(
            "TorBox rejected the API key for %(account)s. Your adds are kept and will be sent with a new key."
        )
        text = with_markup(sentence, account=name)
    return Freshness("failed", text, refused=account)


def _adds_lie_about(accounts: list[TorBoxAccount]) -> bool:
    """Return whether something has been due for longer than a worker takes to start for the first time."""
    due = timezone.now() - timedelta(seconds=LATE_SECONDS)
    adds = AddRequest.objects.filter(state=RequestState.WAITING, due_at__lt=due, torrent__removed_at=None)
    return adds.filter(torrent__account__in=[account.pk for account in accounts]).exists()


def _nothing_works(worker_at: datetime | None) -> Freshness:
    if worker_at is None:
        return Freshness(
            "failed",
            _("The background worker hasn’t been started yet, so nothing is sent. Your adds are kept."),
        )
    text = _(
        # Translators: a time, with its date unless it is today.
        "The background worker hasn’t responded since %(time)s, so nothing is sent or refreshed. Your adds are kept."
    )
    return Freshness("failed", text % {"time": clock(worker_at)})


def _unreachable(account: TorBoxAccount) -> Freshness:
    parts = [outage_sentence(account.health_reason, clock(account.health_since or timezone.now()))]
    if said := display_name(account.upstream_detail, 200):
        parts.append(_("Message from TorBox: “%(detail)s”") % {"detail": said})
    parts.append(_("You’re seeing the last update. Your adds are kept and will be sent."))
    if account.fresh_wanted:
        parts.append(_("Trying again now."))
    return Freshness("waiting", sentences(parts), can_refresh=True, updated_at=account.refreshed_at)


def _limited(account: TorBoxAccount) -> Freshness:
    """Return that TorBox refuses to list the torrents although the key is good. A new key wouldn't help."""
    name, said = isolated(account.label), display_name(account.upstream_detail, 200)
    if said:
        sentence = _(
            "TorBox won’t list the torrents on %(account)s: “%(detail)s” Its plan may not include API access."
        )
    else:
        sentence = _("TorBox won’t list the torrents on %(account)s. Its plan may not include API access.")
    text = with_markup(sentence, account=name, detail=said)
    return Freshness("waiting", text, can_refresh=True, updated_at=account.refreshed_at)


def _wrong_list(account: TorBoxAccount) -> Freshness:
    sentence = _(
        "TorBox sent another account’s torrents for %(account)s, so we ignored them. You’re seeing the last update."
    )
    text = with_markup(sentence, account=isolated(account.label))
    return Freshness("waiting", text, can_refresh=True, updated_at=account.refreshed_at)


def _just_read(accounts: list[TorBoxAccount]) -> bool:
    limit = timedelta(seconds=settings.WATCH_SECONDS * 2 + 10)
    return any(is_recent(account.fresh_read_at, limit, timezone.now()) for account in accounts)
