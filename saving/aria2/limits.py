"""The speed limit of aria2, which holds for all of its downloads."""

from __future__ import annotations

import threading

from .rpc import Aria2


class _Last:
    """The limit that aria2 got last from this process."""

    limit: int | None = None
    lock = threading.Lock()


def follow(aria2: Aria2, limit: int, *, is_new: bool = False) -> None:
    """Give aria2 a limit in bytes/s, 0 for none, if it has changed or, with `is_new`, in any case.

    A download that begins gives it in any case, since aria2 may have been restarted. Raises `Aria2Error`.
    """
    with _Last.lock:
        if is_new or limit != _Last.limit:
            aria2.call("changeGlobalOption", {"max-overall-download-limit": str(limit)})
            _Last.limit = limit
