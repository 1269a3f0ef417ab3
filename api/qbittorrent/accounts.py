"""The TorBox accounts whose torrents a program sees, and how far their lists are."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared
from torrents.pages.list.poll import with_marks


class SeenAccount(NamedTuple):
    """An account that a person sees. `mark` changes with its list as they see it (`torrents.pages.list.poll`)."""

    pk: int
    owner: int
    revision: int
    health: str
    mark: str

    @property
    def version(self) -> str:
        """Return what changes with its torrents. The mark also changes when TorBox's list was read without news."""
        return ".".join(self.mark.split(".", 2)[:2])


def accounts_of(person: User) -> list[SeenAccount]:
    """Return the accounts that a person sees, in the order of their keys."""
    return sorted(SeenAccount(*values) for values in ACCOUNTS.values([person.pk]))


def _accounts_of(viewer: int) -> QuerySet[TorBoxAccount, Any]:
    accounts = with_marks(TorBoxAccount.objects.visible_to(User(pk=viewer)), viewer)
    columns: Any = SeenAccount._fields  # `mark` is an annotation
    return accounts.order_by().values_list(*columns)


ACCOUNTS = Prepared(_accounts_of)
