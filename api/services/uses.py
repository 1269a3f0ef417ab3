"""When and from where a token was last used, written at most once a day for each address."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from functools import partial
from threading import Lock

from django.utils import timezone

from accounts.bookkeeping import write_if_possible
from notifications.services.recipients import zone_of

from ..models import MAX_ADDRESS, ApiToken

MAX_KNOWN = 10_000


class Noted:
    """The uses that this process has written, so that two addresses in turn don't mean a write for each request."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._day: OrderedDict[tuple[int, str], date] = OrderedDict()

    def is_new(self, key: int, address: str, day: date) -> bool:
        """Return whether this is the first use of a token from an address on a day, and remember it."""
        with self._lock:
            known = self._day.pop((key, address), None)
            self._day[key, address] = day
            while len(self._day) > MAX_KNOWN:
                self._day.popitem(last=False)
        return known != day

    def forget(self, key: int | None = None) -> None:
        """Forget the uses of a token, or of all."""
        with self._lock:
            for known in [known for known in self._day if key in (None, known[0])]:
                del self._day[known]


NOTED = Noted()


def note_use(token: ApiToken, address: str) -> None:
    """Write down the day and the address of a use, unless that was done today. `token.person` is already read."""
    day, address = timezone.localdate(timezone=zone_of(token.person)), address[:MAX_ADDRESS]
    if (token.last_used_on, token.last_used_from) == (day, address) or not NOTED.is_new(
        token.pk, address, day
    ):
        return
    row = ApiToken.objects.filter(pk=token.pk)
    if write_if_possible(partial(row.update, last_used_on=day, last_used_from=address)) is None:
        NOTED.forget(token.pk)  # so that its next use is written
