"""Delete what links no longer need, so that nothing grows forever."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ..models import KeptAddress, LastingLink, LinkUse

ADDRESSES_KEPT = timedelta(hours=1)
USES_KEPT = timedelta(days=2)
ENDED_KEPT = timedelta(days=90)


def prune() -> None:
    """Delete old addresses, old uses, and links that ended long ago."""
    now = timezone.now()
    KeptAddress.objects.filter(asked_at__lt=now - ADDRESSES_KEPT).delete()
    LinkUse.objects.filter(at__lt=now - USES_KEPT).delete()
    LastingLink.objects.ended_before(now - ENDED_KEPT).delete()
