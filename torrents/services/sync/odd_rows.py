"""What couldn't be read of TorBox's lists. An odd value costs its field or its row, never the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import torbox
from torrents.models import Torrent

Row = torbox.Torrent | torbox.Unchanged | torbox.Queued


@dataclass(frozen=True)
class LeftOut:
    """Rows without a readable hash or id. Their torrents are unknown, so no torrent is gone that may be one of them.

    `ids` and `queue_ids` are the readable ids of list and queue. `nameless` is the number of rows without one.
    """

    ids: frozenset[int] = frozenset()
    queue_ids: frozenset[int] = frozenset()
    nameless: int = 0

    @classmethod
    def of(cls, listed: Iterable[Any], queued: Iterable[Any]) -> Self:
        """Return those of list and queue."""
        ids, queue_ids = _ids(listed), _ids(queued)
        return cls(
            frozenset(one for one in ids if one is not None),
            frozenset(one for one in queue_ids if one is not None),
            ids.count(None) + queue_ids.count(None),
        )

    def may_hold(self, row: Torrent) -> bool:
        """Return whether a torrent that the lists lack may be one of these rows, by TorBox's id.

        A torrent in the queue gets a new id when it starts.
        """
        if self.nameless:
            return True
        if row.remote_id is not None:
            return row.remote_id in self.ids
        return bool(self.ids or self.queue_ids)


def _ids(rows: Iterable[Any]) -> list[int | None]:
    return [row.id for row in rows if isinstance(row, torbox.Unreadable)]


def account_fields(rows: Iterable[Row | torbox.Unreadable]) -> dict[str, Any]:
    """Return what the Status page says about a reading as fields of `TorBoxAccount`: counts, and the worst field."""
    left_out: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    odd_rows = 0
    for row in rows:
        if isinstance(row, torbox.Unreadable):
            left_out[row.field] += 1
        elif not isinstance(row, torbox.Unchanged) and row.unread:
            odd_rows += 1
            odd.update(row.unread)
    worst = (left_out or odd).most_common(1)
    field = worst[0][0][:40] if worst else ""
    return {"unread_rows": left_out.total(), "odd_rows": odd_rows, "unread_field": field}
