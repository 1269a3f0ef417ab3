"""Count the uses of lasting links, and record them in the activity."""

from __future__ import annotations

from datetime import timedelta

from .contents import LinkFile
from .opening import Opened

ONE_USE = timedelta(days=1)  # Whatever a visitor takes within it counts as one use.


def record_use(opened: Opened, file: LinkFile, visitor: str) -> None:
    """Count a use of a link, unless this visitor's last one was within a day, and record what was taken.

    Raises `LinkEnded` when another visitor took the last use in the meantime.
    """
    raise NotImplementedError
