from __future__ import annotations

from django.db import models
from django.utils import timezone

from .tokens import ApiToken

MAX_KEY = 200  # characters


class IdempotentAnswer(models.Model):
    """The answer to a request with an `Idempotency-Key`, given again when the same request is repeated within a day.

    `request_hash` tells a repetition from another request that uses the same key. `answer` is None while the first
    request is still at work.
    """

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=MAX_KEY)
    request_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"answer to a request of token {self.token_id}"
