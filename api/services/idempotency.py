"""Carry out a request once, however often a program repeats it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.transactions import in_transaction

from ..models import ApiToken, IdempotentAnswer

KEPT_FOR = timedelta(days=1)


class OtherRequest(Exception):
    """This key came with another request before."""


def hash_of(body: bytes) -> str:
    """Return what tells a repetition from another request."""
    return hashlib.sha256(body).hexdigest()


@in_transaction
def once(
    *, token: ApiToken, key: str, request_hash: str, run: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Return what `run` returns, JSON, and whether it ran. Within KEPT_FOR, a repetition gets the first answer.

    What `run` changes and its answer are stored together or not at all. A repetition that comes meanwhile waits. Raises
    `OtherRequest`.
    """
    row = _claim(token, key, request_hash)
    if row is None:
        return _first_answer(token, key, request_hash), False
    row.answer = run()
    row.save(update_fields=["answer"])
    return row.answer, True


def _claim(token: ApiToken, key: str, request_hash: str) -> IdempotentAnswer | None:
    """Return a new row for this request, or None if there is one. One that is too old makes room."""
    known = IdempotentAnswer.objects.filter(token=token, key=key)
    known.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(token=token, key=key, request_hash=request_hash)
    except IntegrityError:
        return None


def _first_answer(token: ApiToken, key: str, request_hash: str) -> dict[str, Any]:
    row = IdempotentAnswer.objects.get(token=token, key=key)
    if row.request_hash != request_hash:
        raise OtherRequest
    return dict(row.answer or {})
