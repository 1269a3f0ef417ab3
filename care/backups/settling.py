"""What was true when the backup was made may not be true any more: TorBox went on without us."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from torrents.models import RequestState

AHEAD = 1_000_000
NOBODY = {f"{kind}_lease_{part}": value for kind in ("refresh", "send", "control") for part, value in
          (("until", None), ("by", ""))}  # fmt: skip


def settle(apps: Any) -> None:
    """With the models of `apps`, in the transaction that loads the rows.

    An add that waited may have been sent since, so each is looked for before it is sent
    (docs/architecture.md#sending). Lists are read at once, past TorBox's cache. A page that is
    still open somewhere must not take an old revision for its own.
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
    accounts.update(revision=F("revision") + AHEAD, **now_again, **NOBODY)
