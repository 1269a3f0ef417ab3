from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from .tokens import ApiToken

MAX_SESSION = 12  # characters
SESSION_LASTS = timedelta(days=1)  # Programs sign in again when they get a 403.


class EndedSession(models.Model):
    """A session of the qBittorrent API that a program signed out of, until its cookie would no longer work anyway.

    `session` is the random name that its cookie has.
    """

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="ended_sessions")
    session = models.CharField(max_length=MAX_SESSION)
    ended_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "session"], name="one_end_of_a_session")]

    def __str__(self) -> str:
        return f"ended session of API token {self.token_id}"
