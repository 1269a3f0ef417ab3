"""How many torrents have which tag, of those that a person sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared

from .models import Torrent, TorrentTag

KEPT = 256  # lists of tags in each process
MAX_COUNTED = 200  # of the tags, because each is a link on every page of the list
Counts = tuple[tuple[str, int], ...]


def tag_counts(user: User, accounts: Sequence[TorBoxAccount]) -> Counts:
    """Return the MAX_COUNTED most used tags of the torrents that the user sees on `accounts`, each with their number.

    The accounts come with a `mark` for the user (`poll.with_marks`). It changes whenever one of these numbers may have,
    so they are counted once for each mark.
    """
    known = sorted((account.pk, account.owner_id == user.pk, account.mark) for account in accounts)  # type: ignore[attr-defined]
    return _counted(user.pk, tuple(known)) if known else ()


def forget() -> None:
    """Count again, as for another database."""
    _counted.cache_clear()


@lru_cache(maxsize=KEPT)
def _counted(viewer: int, known: tuple[tuple[int, bool, str], ...]) -> Counts:
    accounts, owned = [pk for pk, _, _ in known], tuple(own for _, own, _ in known)
    counts = Counter[str]()
    for name, count in COUNTS.values([viewer, *accounts], owned):
        counts[name] += count
    by_use = sorted(counts.items(), key=lambda one: (-one[1], one[0].casefold(), one[0]))
    return tuple(by_use[:MAX_COUNTED])


def _tags_of(viewer: int, *more: Any) -> QuerySet[TorrentTag, Any]:
    """Count all tags, and leave out those of unseen torrents, because reading which are seen takes four times as long."""
    *accounts, owned = more
    shared = [pk for pk, own in zip(accounts, owned, strict=True) if not own]
    rows = Torrent.objects.order_by()
    tags = TorrentTag.objects.filter(account__in=accounts)
    tags = tags.exclude(torrent__in=rows.filter(account__in=accounts).removed().values("pk"))
    if shared:
        hidden = rows.filter(account__in=shared, hidden=True).exclude(added_by=viewer)
        tags = tags.exclude(torrent__in=hidden.values("pk"))
    return tags.order_by().values_list("name").annotate(Count("pk"))


COUNTS = Prepared(_tags_of)
