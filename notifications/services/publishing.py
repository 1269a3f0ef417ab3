"""Write notifications, and what has to be sent of them. The only writer of both."""

from __future__ import annotations

from collections.abc import Sequence

from ..models import Notification


def publish(drafts: Sequence[Notification]) -> int:
    """Write unsaved notifications and their deliveries, each thing once for each person, and return how many are new.

    A draft has everything but `in_bell` and `burst`, which follow from the person's choices and from what else there is.
    """
    return 0
