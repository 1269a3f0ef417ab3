"""Celery's beat without a file of its own, and with a sign of life."""

from __future__ import annotations

import time

from celery.beat import Scheduler
from django.db import DatabaseError, close_old_connections


class SteadyScheduler(Scheduler):
    """Every entry of ours may run early or twice, so nothing needs to be remembered between starts.

    A kept schedule can be broken by a kill and cannot be shared by two beats; this one is neither.
    """

    signed_at = 0.0

    def tick(self, *args: object, **kwargs: object) -> float:
        self._sign()
        return float(super().tick(*args, **kwargs))

    def _sign(self) -> None:
        from torrents.services import heartbeats

        if time.monotonic() - self.signed_at < heartbeats.EVERY_SECONDS:
            return
        self.signed_at = time.monotonic()
        try:
            close_old_connections()
            heartbeats.beat_is_alive()
        except DatabaseError:
            self.logger.warning("Beat's sign of life was not written down.")
