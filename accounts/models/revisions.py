"""The revision of an account, and the only way to change its rows that pages show."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, QuerySet

# Goes into each update of the account's own columns, because every page of the account may show them.
RAISED = {"revision": F("revision") + 1, "shown_revision": F("revision") + 1}


class Revised(models.Model):
    """A model whose `revision` rises in each transaction that changes something pages show.

    Pages ask for what is newer than the revision they know. `shown_revision` is the revision of the last change that
    everyone with access may see.
    """

    revision = models.BigIntegerField(default=1)
    shown_revision = models.BigIntegerField(default=1)

    class Meta:
        abstract = True

    def write(self, rows: QuerySet[Any], **fields: object) -> int:
        """Change rows of the account under a new revision, and return how many there were.

        The rows have `revision` and `hidden`. Call this in a transaction that has locked the account. The revision
        doesn't change without rows, and `shown_revision` doesn't change if all rows were and stay hidden.
        """
        hidden = set(rows.order_by().values_list("hidden", flat=True).distinct())
        if not hidden:
            return 0
        unseen = hidden == {True} and bool(fields.get("hidden", True))
        return rows.update(**fields, revision=self.next_revision(hidden=unseen))

    def touch(self) -> None:
        """Raise both revisions after a change of the account itself."""
        type(self)._default_manager.filter(pk=self.pk).update(**RAISED)

    def next_revision(self, *, hidden: bool = False) -> int:
        """Raise the revision and return it, or 0 if the account is gone. For the writers of rows only.

        `hidden`: whether all changed rows were and stay hidden from others.
        """
        mine = type(self)._default_manager.filter(pk=self.pk)
        raised = F("revision") + 1
        mine.update(**{"revision": raised} | ({} if hidden else {"shown_revision": raised}))
        return mine.values_list("revision", flat=True).first() or 0
