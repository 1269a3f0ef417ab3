"""Rows of torrents as programs see them. Makes no queries of its own for each row."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import TorBoxAccount, User
from torrents.models import Torrent, TorrentQuerySet
from torrents.pages.list.page_queries import adder
from torrents.reason_text import reason_words
from torrents.reasons import Reason
from torrents.removal import is_soon
from torrents.saving_states import SavingState, saves_to_disk
from torrents.states import Status

from .schemas.base import known
from .schemas.torrents import PersonRef, Removal, SavingOf, TorrentOut, Why

# What `torrent_out` reads, and what the sort orders need for the cursor of the next page.
COLUMNS = (
    *(
        "account",
        "info_hash",
        "name",
        "sort_name",
        "status",
        "status_since",
        "raw_state",
        "active",
        "pending",
    ),
    *("size", "progress", "eta", "download_speed", "upload_speed", "peers", "seeds", "ratio", "availability"),
    *("total_downloaded", "total_uploaded", "cached", "private", "seed_torrent", "airlocked", "file_count"),
    *("remote_id", "added_by", "added_at", "hidden", "edit_pending", "removal_at", "removal_estimated"),
    *("reason", "reason_params", "upstream_detail", "waiting_until", "tags", "unread"),
    *("saving", "saving_params", "saving_rank"),
)

# What they call the same.
SAME = (
    *(
        "account_id",
        "status_since",
        "waiting_until",
        "size",
        "download_speed",
        "upload_speed",
        "eta",
        "seeds",
    ),
    *("peers", "ratio", "availability", "active", "cached", "private", "file_count", "downloadable", "tags"),
    *("edit_pending", "hidden", "added_at"),
)


def readable(rows: TorrentQuerySet, user: User) -> TorrentQuerySet:
    """Read what `torrent_out` needs, except for what `completed` sets."""
    names = {"username": F("added_by__username"), "shown_name": F("added_by__shown_name")}
    shown = rows.for_display_on_known(user).select_related(None).defer(None)
    return shown.only(*COLUMNS).annotate(**names)


def completed(rows: list[Torrent], accounts: list[TorBoxAccount]) -> list[Torrent]:
    """Set the account of each row, which was read `with_level`, and who added it. Leaves out rows of other accounts."""
    by_key = {account.pk: account for account in accounts}
    found = [row for row in rows if row.account_id in by_key]
    one_of_each = {row.added_by_id: row for row in found}
    adders = {pk: adder(row) for pk, row in one_of_each.items()}
    for row in found:
        row.account, row.added_by = by_key[row.account_id], adders[row.added_by_id]
    return found


def torrent_out(row: Torrent) -> TorrentOut:
    """Return a torrent that was read with `readable`, or for display, and has its account."""
    same: dict[str, Any] = {name: getattr(row, name) for name in SAME}
    return TorrentOut(
        **same,
        id=row.pk,
        hash=row.info_hash,
        name=str(row),
        status=Status(row.status),
        why=_why(row),
        progress=min(1.0, max(0.0, row.progress)),
        downloaded=row.total_downloaded,
        uploaded=row.total_uploaded,
        seeding=row.seed_torrent,
        upstream_state=row.raw_state,
        unread=[name for name in row.unread.split(",") if name],
        kept=row.airlocked,
        removal=_removal(row),
        saving=_saving(row),
        pending=row.pending or None,
        added_by=person_ref(row.added_by),
        may_control=bool(row.may_control),  # whether it is theirs is null without an adder
    )


def _why(row: Torrent) -> Why | None:
    code = known(Reason, row.reason)
    if code is None:
        return None
    words = reason_words(row.reason, row.reason_params, row.upstream_detail)
    return Why(code=code, params=row.reason_params, upstream_detail=row.upstream_detail, detail=words)


def _removal(row: Torrent) -> Removal | None:
    if row.removal_at is None:
        return None
    soon = is_soon(row.status, row.removal_at, timezone.now())
    return Removal(at=row.removal_at, estimated=row.removal_estimated, soon=soon)


def _saving(row: Torrent) -> SavingOf | None:
    state = known(SavingState, row.saving)
    if state is None or not saves_to_disk():
        return None
    percent = row.saving_params.get("percent")
    return SavingOf(state=state, progress=percent / 100 if isinstance(percent, int | float) else None)


def person_ref(person: User | None) -> PersonRef | None:
    """Return how programs see a person."""
    return PersonRef(id=person.pk, name=person.display_name) if person else None
