"""Send the edits that `editing` recorded.

TorBox overwrites name, tags, alternative hashes, and AirLock together, and can't be asked to do so only if they are
still the same. So a torrent is read by its id, past the cache, right before its edits are applied and sent. It is read
once more afterward, because another app may have overwritten it (docs/reliability.md#edits).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.deadlines import is_recent, long_ago, passed, recent
from accounts.models import TorBoxAccount, UpstreamCall
from accounts.rate_limits import MINUTE
from accounts.transactions import in_transaction
from torbox.fields import TEXT_LIMIT
from torrents import queueing
from torrents.models import Activity, EditRequest, RequestState, Torrent
from torrents.models.torrents import LISTS_LAG
from torrents.models.writing import write_rows
from torrents.reasons import MAX_DETAIL, Explanation, Reason
from torrents.states import Status

from ..sync import edit_overlay, reconcile, refreshing
from ..sync.change_detection import UNSETTLED
from ..sync.edit_overlay import Editable, kind_of, reverse_of
from . import controls

SLOW_DOWN_SECONDS = 60
MAX_DELAY = 3600  # seconds between two tries
TRIES = 3  # in a row, if another app overwrites it
MAX_READS = 200  # a minute, of the 300 that TorBox allows
LOOK_SECONDS, MAX_ATTEMPTS = 30, 10  # then it is tried later, because even fresh readings may lag
OVERWRITTEN = {"name", "tags", "alternative_hashes", "airlocked"}


def account_ids_with_due() -> list[int]:
    """Return the accounts with edits to send now."""
    now = timezone.now()
    due = _due(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(due.values_list("torrent__account_id", flat=True).distinct())


def send_due(account_id: int) -> None:
    """Send the due edits of an account, until TorBox stops responding. Operations go first, as people wait for them."""
    account = TorBoxAccount.objects.filter(pk=account_id).first()
    lease = account.take_lease("control") if account else None
    if account is None or lease is None:
        return
    try:
        while lease.renew() and _may_go_on(account) and (torrent := _next(account)):
            _send(account, torrent)
    except (torbox.TorBoxError, torbox.NotSent):
        pass  # it is due again when the account is, or for the worker that has taken over
    finally:
        lease.drop()
    if controls.has_due(account):
        queueing.enqueue("send_controls", account.pk)


def _may_go_on(account: TorBoxAccount) -> bool:
    """Return whether no operation is due, and enough of TorBox's limit is left for reading lists."""
    calls = UpstreamCall.objects.filter(recent("at", MINUTE, timezone.now()), account=account)
    return not controls.has_due(account) and calls.filter(endpoint="mylist").count() < MAX_READS


def _due(now: datetime) -> QuerySet[EditRequest]:
    """Return the edits to send. TorBox edits what it has stored. Edits of torrents that are gone are due to fail."""
    dead = _dead(now)
    stored = Q(torrent__status__in=[Status.READY, Status.FAILED], torrent__remote_id__isnull=False)
    waiting = Q(state=RequestState.WAITING) & passed("due_at", timedelta(seconds=MAX_DELAY), now)
    due = EditRequest.objects.filter(waiting | dead, stored | Q(torrent__status=Status.GONE))
    in_flight = EditRequest.objects.filter(torrent=OuterRef("torrent"), state=RequestState.SENDING)
    return due.filter(~Exists(in_flight.exclude(dead)), torrent__removed_at=None)


def _dead(now: datetime) -> Q:
    """Return a condition for edits claimed by a worker that must have died."""
    dead = long_ago("claimed_at", timedelta(seconds=settings.LEASE_SECONDS), now)
    return Q(state=RequestState.SENDING) & dead


def _next(account: TorBoxAccount) -> Torrent | None:
    """Return the torrent whose edits are due first."""
    due = _due(timezone.now()).filter(torrent__account=account)
    first = due.select_related("torrent").order_by("pk").first()
    return first.torrent if first else None


def _send(account: TorBoxAccount, torrent: Torrent) -> None:
    """Send all edits of a torrent at once. Raises if TorBox doesn't respond, or if this process was suspended."""
    mine = EditRequest.objects.filter(torrent=torrent)
    ready = mine.filter(Q(state=RequestState.WAITING) | _dead(timezone.now())).order_by("pk")
    edits = [edit for edit in ready if edit.claim(expecting=edit.state)]
    try:
        if edits:
            _carry_out(account, torrent, edits)
    finally:
        for edit in edits:  # this changes only those that neither ended nor were delayed
            edit.put_back(timezone.now())


def _carry_out(account: TorBoxAccount, torrent: Torrent, edits: Sequence[EditRequest]) -> None:
    """Overwrite the torrent at TorBox and record the result. Raises if TorBox doesn't respond."""
    if torrent.status == Status.GONE or torrent.remote_id is None:
        return _fail(account, torrent, edits, Explanation(Reason.NOT_FOUND))
    try:
        item, read_at = _overwrite(account, torrent.remote_id, edits)
    except torbox.NotFound:
        return _not_found(account, torrent, edits)
    except refreshing.AnotherAccount as error:
        _delay(edits, error)
        raise
    except torbox.Refused as error:
        if len(edits) > 1:  # TorBox may take the others
            for edit in edits:
                _carry_out(account, torrent, [edit])
            return None
        return _fail(account, torrent, edits, Explanation(Reason.REFUSED, {}, error.detail))
    except torbox.TorBoxError as error:
        _delay(edits, error)
        if _is_about_this_one(error):
            return None
        raise
    if _show(item, edits):
        return _done(account, torrent, item, read_at, edits)
    return _look_later(account, torrent, edits)


def _overwrite(
    account: TorBoxAccount, remote_id: int, edits: Sequence[EditRequest]
) -> tuple[torbox.Torrent, datetime]:
    """Apply edits to what TorBox has, until a reading shows them. Return the last reading and when it was requested."""
    with client_for(account) as client:
        item, read_at = _read(account, client, remote_id)
        for _ in range(TRIES):
            has = Editable.of(item)
            if (wanted := has.with_edits(edits)) == has:
                break
            client.edit_torrent(
                remote_id,
                name=wanted.name,
                tags=wanted.tags,
                alternative_hashes=item.alternative_hashes,
                airlocked=wanted.airlocked,
                not_after=min(edit.not_after for edit in edits),
            )
            item, read_at = _read(account, client, remote_id)
            if _show(item, edits):
                break
        return item, read_at


def _read(account: TorBoxAccount, client: torbox.Client, remote_id: int) -> tuple[torbox.Torrent, datetime]:
    """Read a torrent by its id. Raises Malformed if something wasn't read whole that an edit would overwrite."""
    read_at = timezone.now()
    item = client.get_torrent(remote_id, fresh=True)
    refreshing.refuse_another_list(account, [item])
    if unread := OVERWRITTEN.intersection(item.unread):
        raise torbox.Malformed.at(min(unread))
    if max(map(len, (item.name, *item.tags))) >= TEXT_LIMIT:
        raise torbox.Malformed.at("name or tags", "are too long")
    return item, read_at


def _show(item: torbox.Torrent, edits: Sequence[EditRequest]) -> bool:
    """Return whether a reading shows edits, in whatever case TorBox stored the texts."""
    has = Editable.of(item)
    return _folded(has) == _folded(has.with_edits(edits))


def _folded(values: Editable) -> tuple[str, set[str], bool]:
    return values.name.casefold(), {tag.casefold() for tag in values.tags}, values.airlocked


def _not_found(account: TorBoxAccount, torrent: Torrent, edits: Sequence[EditRequest]) -> None:
    """Handle that TorBox doesn't know the id. It may take a moment until it knows a torrent that was just sent."""
    now = timezone.now()
    if not is_recent(torrent.sent_at, LISTS_LAG, now):
        return _fail(account, torrent, edits, Explanation(Reason.NOT_FOUND))
    for edit in edits:
        edit.put_back(now + timedelta(seconds=LOOK_SECONDS))
    return None


def _look_later(account: TorBoxAccount, torrent: Torrent, edits: Sequence[EditRequest]) -> None:
    """Put back edits that TorBox accepted, but doesn't show. Give up on them after some time."""
    hopeless = [edit for edit in edits if edit.attempts >= MAX_ATTEMPTS]
    for edit in edits:
        if edit not in hopeless:
            edit.put_back(timezone.now() + timedelta(seconds=LOOK_SECONDS))
    if hopeless:
        _fail(account, torrent, hopeless, Explanation(Reason.UNEXPLAINED))


def _is_about_this_one(error: torbox.TorBoxError) -> bool:
    """Return whether TorBox responded. This torrent may be the cause of the error, and must not delay the others."""
    return isinstance(error, torbox.Malformed) or (
        isinstance(error, torbox.Unavailable) and error.code is not None
    )


def _delay(edits: Sequence[EditRequest], error: torbox.TorBoxError) -> None:
    """Put edits back. After an outage the account's probe decides when, after a rate limit TorBox does."""
    for edit in edits:
        wait = 0.0
        if isinstance(error, torbox.RateLimited):
            wait = min(MAX_DELAY, error.retry_after or SLOW_DOWN_SECONDS)
        elif _is_about_this_one(error) or isinstance(error, torbox.Refused):
            wait = min(MAX_DELAY, 15 * 2**edit.attempts)
        edit.put_back(timezone.now() + timedelta(seconds=wait))


@in_transaction
def _done(
    account: TorBoxAccount,
    torrent: Torrent,
    item: torbox.Torrent,
    read_at: datetime,
    edits: Sequence[EditRequest],
) -> None:
    """Record that TorBox has edits, unless another worker has taken them over, and apply the reading without them."""
    if not account.lock():
        return
    now = timezone.now()  # an older list is told by it (edit_overlay.py)
    if over := [edit for edit in edits if edit.finish(RequestState.DONE, due_at=now)]:
        edit_overlay.settle_lasting([torrent.pk], over)
        Torrent.objects.filter(pk=torrent.pk).update(row_digest="")
        reconcile.apply_one(account, item, read_at)


def _fail(account: TorBoxAccount, torrent: Torrent, edits: Sequence[EditRequest], why: Explanation) -> None:
    """Record that edits failed, then read what TorBox has."""
    _failed(account, torrent, edits, why)
    refreshing.refresh_one(torrent)


@in_transaction
def _failed(account: TorBoxAccount, torrent: Torrent, edits: Sequence[EditRequest], why: Explanation) -> None:
    """Record that edits failed, unless another worker has taken them over, and take them out of the row.

    Those that last stay in it.
    """
    said = why.upstream_detail[:MAX_DETAIL]
    if not account.lock():
        return
    result = {"reason": why.reason, "upstream_detail": said, "due_at": timezone.now()}
    over = [edit for edit in edits if edit.finish(RequestState.FAILED, **result)]
    row = Torrent.objects.filter(pk=torrent.pk).first()
    if not over or row is None:
        return
    for edit in reversed([edit for edit in over if not edit.lasts]):
        Editable.of(row).with_edits([reverse_of(edit, row)]).show_in(row)
    edit_overlay.settle_lasting([row.pk])
    row.edit_pending = EditRequest.objects.filter(torrent=row, state__in=UNSETTLED).exists()
    row.row_digest = ""  # so that the next reading is applied, whatever it says
    write_rows(account, [row])
    for edit in over:
        Activity.record(
            row, kind_of(edit), person=edit.person, params={"error": why.reason}, upstream_detail=said
        )
