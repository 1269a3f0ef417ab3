"""The queries of a page of the list. They are prepared, because open tabs run them all the time."""

from __future__ import annotations

from django.db.models import F, QuerySet, Subquery

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared
from torrents.models import SavedView, Torrent

from .poll import last_sign, with_marks

# What a row is made of. Any other column would be read by a query for each row.
SHOWN = (
    *("account", "info_hash", "name", "status", "status_since", "raw_state", "active", "pending", "unread"),
    *("size", "progress", "eta", "download_speed", "peers", "seeds", "file_count", "files_digest"),
    *("remote_id", "queued_id", "added_by", "added_at", "hidden"),
    *("upload_speed", "airlocked", "edit_pending", "removal_at", "removal_estimated"),
    *("reason", "reason_params", "upstream_detail", "waiting_until", "waiting_place", "tags"),
    *("saving", "saving_params"),
)


def _accounts_of(viewer: int, role: str) -> QuerySet[TorBoxAccount]:
    user = User(pk=viewer, role=role)
    accounts = with_marks(TorBoxAccount.objects.visible_to(user).with_level(user), viewer)
    return accounts.annotate(worker_at=Subquery(last_sign()), airlock_limit=F("usage__airlock_limit"))


def _rows_for(viewer: int, *keys: int) -> QuerySet[Torrent]:
    shown = Torrent.objects.filter(pk__in=keys).for_display_on_known(User(pk=viewer))
    shown = shown.select_related(None).defer(None).only(*SHOWN).order_by()
    return shown.annotate(username=F("added_by__username"), shown_name=F("added_by__shown_name"))


def adder(row: Torrent) -> User | None:
    """Return the person who added it, with nothing but their names."""
    names = {name: getattr(row, name) for name in ("username", "shown_name")}
    return User(pk=row.added_by_id, **names) if row.added_by_id else None


def _views_of(person: int) -> QuerySet[SavedView]:
    return SavedView.objects.of(User(pk=person))


ACCOUNTS, ROWS, VIEWS = Prepared(_accounts_of), Prepared(_rows_for), Prepared(_views_of)
