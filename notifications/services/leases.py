"""Leases on the work of notifications: one worker at a time reads events, looks at states, or sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from accounts.leases import Lease

from ..models import Cursor

TERM = timedelta(minutes=2)


@contextmanager
def leased(name: str, term: timedelta = TERM) -> Iterator[Lease | None]:
    """Hold the lease on a kind of work, or provide None while another worker has it."""
    Cursor.objects.get_or_create(name=name)
    lease = Lease(rows=Cursor.objects.filter(name=name), by=uuid4().hex, term=term)
    if not lease.take():
        yield None
        return
    try:
        yield lease
    finally:
        lease.drop()
