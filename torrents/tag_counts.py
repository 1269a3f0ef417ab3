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
Counts = tuple[tuple[str, int], ...]


def tag_counts(user: User, accounts: Sequence[TorBoxAccount]) -> Counts:
    """Return the tags of the torrents that the user sees on `accounts`, each with their number, the most used first.

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
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0].casefold(), one[0])))


def _tags_of(viewer: int, *more: Any) -> QuerySet[TorrentTag, Any]:
    *keys, owned = more
    accounts = [
        TorBoxAccount(pk=pk, owner_id=viewer if own else 0) for pk, own in zip(keys, owned, strict=True)
    ]
    seen = Torrent.objects.listed().seen_on(accounts, User(pk=viewer))
    tags = TorrentTag.objects.filter(account__in=keys, torrent__in=seen.order_by().values("pk"))
    return tags.order_by().values_list("name").annotate(Count("pk"))


COUNTS = Prepared(_tags_of)
