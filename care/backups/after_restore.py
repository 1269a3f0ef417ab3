"""What has to change in restored rows because TorBox went on after the backup was made."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max, Q
from django.utils import timezone

from notifications.models import DeliveryState
from torrents.models import RequestState

AHEAD = 1_000_000
NO_LEASES = {f"{kind}_lease_{part}": value for kind in ("refresh", "send", "control") for part, value in
          (("until", None), ("by", ""))}  # fmt: skip


def settle(apps: Any) -> None:
    """Adjust the rows with the models of `apps`, in the transaction that loads them.

    An add that was waiting may have been sent since, so each is looked up before it is sent
    (docs/architecture.md#sending). Lists are read immediately, bypassing TorBox's cache. Revisions jump ahead, so
    that a page that is still open doesn't mistake an old one for its own. Messages that were waiting aren't sent, and
    what was saved to disk stays on TorBox.
    """
    now = timezone.now()
    requests = apps.get_model("torrents.AddRequest")._base_manager
    under_way = Q(state__in=[RequestState.SENDING, RequestState.UNSURE])
    wanted = Q(state=RequestState.WAITING, torrent__removed_at=None)
    maybe_sent = requests.filter(under_way | wanted).values("pk")
    requests.filter(pk__in=list(maybe_sent.values_list("pk", flat=True))).update(
        state=RequestState.UNSURE, unsure_since=now, due_at=now, claimed_at=None
    )
    accounts = apps.get_model("accounts.TorBoxAccount")._base_manager
    now_again = {"next_refresh_at": now, "fresh_wanted": True, "watched_until": None}
    # The tables may be those of an older version, which has only the first one.
    known = {field.name for field in accounts.model._meta.get_fields()} & {"revision", "shown_revision"}
    accounts.update(**dict.fromkeys(known, F("revision") + AHEAD), **now_again, **NO_LEASES)
    younger = {model._meta.app_label for model in apps.get_models()}
    if "notifications" in younger:
        _settle_notifications(apps)
    if "saving" in younger:
        _settle_saving(apps)


def _settle_notifications(apps: Any) -> None:
    """Drop messages that may have been sent since the backup, and put cursors and leases in order.

    New events continue after the newest one that was restored, so the cursor must not lie beyond it.
    """
    deliveries = apps.get_model("notifications.Delivery")._base_manager
    under_way = deliveries.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    under_way.update(state=DeliveryState.DROPPED, ended_at=timezone.now(), claim="", claimed_at=None)
    events = apps.get_model("torrents.Activity")._base_manager
    newest = events.aggregate(newest=Max("pk"))["newest"] or 0
    cursors = apps.get_model("notifications.Cursor")._base_manager
    cursors.filter(position__gt=newest).update(position=newest)
    cursors.update(gaps=[], until=None, holder="")


def _settle_saving(apps: Any) -> None:
    """Let jobs go on, but delete nothing from TorBox that was saved before: this disk may be another one."""
    jobs = apps.get_model("saving.Job")._base_manager
    jobs.exclude(claim="").update(claim="", claimed_until=None)
    jobs.filter(after_done_at=None).update(after_due_at=None)
    newest = apps.get_model("torrents.Activity")._base_manager.aggregate(newest=Max("pk"))["newest"] or 0
    rules = apps.get_model("saving.Rule")._base_manager
    rules.filter(position__gt=newest).update(position=newest)
    tags = apps.get_model("torrents.TorrentTag")._base_manager.aggregate(newest=Max("pk"))["newest"] or 0
    rules.filter(tag_position__gt=tags).update(
        tag_position=tags
    )  # New rows of tags continue after the newest one.
