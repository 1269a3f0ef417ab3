"""Transactions of services: lock accounts in one order, and retry after a deadlock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from .models import TorBoxAccount, User

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
BROKEN_OFF = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


def in_transaction(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service in a transaction, and once more if PostgreSQL aborted it in favor of another one.

    Inside a transaction of the caller nothing is repeated, because the caller has to repeat its whole transaction.
    """
    atomic = transaction.atomic(service)

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return atomic(*args, **kwargs)
        try:
            return atomic(*args, **kwargs)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in BROKEN_OFF:
                raise
        logger.warning("%s was aborted by another transaction and runs once more.", service.__qualname__)
        return atomic(*args, **kwargs)

    return run


def lock_accounts(keys: Iterable[int]) -> dict[int, TorBoxAccount]:
    """Lock TorBox accounts until the transaction ends, and return those that exist by key.

    An account's row is locked before any row that belongs to it, and several accounts in order of key, so that
    no two transactions wait for each other.
    """
    locked = TorBoxAccount.objects.select_for_update().order_by("pk").filter(pk__in=set(keys))
    return {account.pk: account for account in locked}


def lock_addable(person: User) -> list[TorBoxAccount]:
    """Lock all accounts that a person may add to, as `lock_accounts` does, and return them in their usual order.

    So adds of one person come one after the other, whichever account each of them chooses.
    """
    addable = TorBoxAccount.objects.addable_by(person).order_by().values("pk")
    locked = TorBoxAccount.objects.select_for_update().order_by("pk").filter(pk__in=addable)
    return sorted(locked, key=lambda account: (account.label, account.pk))
