"""Delete what the API no longer needs, so that nothing grows forever."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.deadlines import long_ago

from ..models import SESSION_LASTS, ApiToken, EndedSession, IdempotentAnswer

ANSWERS_KEPT = timedelta(days=1)
EXPIRED_KEPT = timedelta(days=90)


def prune() -> None:
    """Delete answers that no one repeats anymore, sessions that are over anyway, and tokens that expired long ago."""
    now = timezone.now()
    IdempotentAnswer.objects.filter(long_ago("created_at", ANSWERS_KEPT, now)).delete()
    EndedSession.objects.filter(long_ago("ended_at", SESSION_LASTS, now)).delete()
    ApiToken.objects.filter(expires_at__lte=now - EXPIRED_KEPT).delete()
