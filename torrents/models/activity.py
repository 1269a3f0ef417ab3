from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import TorBoxAccount, User

from ..folding import fold
from .bulk_insert import insert, insert_facts
from .torrents import Torrent

MAX_TEXT = 500  # characters of a name or of what TorBox said
Params = Mapping[str, Any]


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Events by who may see them. Every query about events starts here."""

    def visible_to(self, user: User) -> Self:
        """Return the events on accounts that the user sees, without those hidden from them."""
        # Not `account__in`: like this, a page is read from the index by time, however many events there are.
        account = TorBoxAccount.objects.visible_to(user).filter(pk=OuterRef("account"))
        return self.not_hidden_from(user).filter(Exists(account))

    def not_hidden_from(self, user: User) -> Self:
        """Return the events that aren't hidden from the user."""
        return self.filter(Q(hidden=False) | Q(seen_by_id=user.pk) | Q(account__owner_id=user.pk))

    def for_display(self, user: User) -> Self:
        """Add what a line needs: whether it links to its torrent, and whether that can be added again."""
        torrents = Torrent.objects.filter(pk=OuterRef("torrent"))
        return self.select_related("person", "account").annotate(
            leads_on=Exists(torrents.visible_to(user)),
            may_add_again=Exists(torrents.controllable_by(user).removed()),
        )


class Activity(models.Model):
    """An event: who did what to which torrent, and when. `name` outlives the torrent's row.

    `code` and `params` say more about the kind: which of TorBox's operations, which file, for what reason
    (docs/architecture.md#activity). Sentences are made from them when a page is rendered. `upstream_detail` is what
    TorBox said, word for word.

    `hidden` outlives the row as well. Only the account's owner and `seen_by`, its adder, see what happened to a torrent
    while it was hidden.
    """

    class Kind(models.TextChoices):
        # The labels are for developers. pages/activity/event_words.py has the words that people see.
        ADDED = "added", "Added"
        WAITED = "waited", "Waited"
        SENT = "sent", "Sent to TorBox"
        DOWNLOADING = "downloading", "Downloading"
        STALLED = "stalled", "Stalled"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        GONE = "gone", "Gone from TorBox"
        LINK_TAKEN = "link", "Link taken"
        LINK_USED = "link_used", "Lasting link used"
        CONTROLLED = "controlled", "Controlled"
        DELETED = "deleted", "Deleted"
        RETRIED = "retried", "Added again"
        TAGGED = "tagged", "Tags changed"
        RENAMED = "renamed", "Renamed"
        KEPT = "kept", "Kept"
        UNKEPT = "unkept", "No longer kept"
        SAVED = "saved", "Saved to disk"
        NOT_SAVED = "not_saved", "Saving to disk failed"

    # The indexes below start with these three, so they need none of their own.
    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="activity", db_index=False)
    torrent = models.ForeignKey(Torrent, models.SET_NULL, null=True, related_name="activity", db_index=False)
    person = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.TextField(blank=True)
    code = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict, blank=True)
    upstream_detail = models.CharField(max_length=MAX_TEXT, blank=True)
    folded = models.TextField(blank=True, editable=False)  # for the search; `values` fills it
    at = models.DateTimeField(default=timezone.now)
    hidden = models.BooleanField(default=False)
    seen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    # Annotated by `for_display`.
    leads_on: bool
    may_add_again: bool

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["torrent", "-at"]),
            models.Index(fields=["account", "-at"]),
            models.Index(fields=["person", "-at"]),
            models.Index(fields=["-at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    @classmethod
    def about(
        cls,
        torrent: Torrent,
        kind: str,
        *,
        person: User | None = None,
        code: str = "",
        params: Params | None = None,
        upstream_detail: str = "",
    ) -> Activity:
        """Return an unsaved event, for `record_many`."""
        person_id = person.pk if person else None
        return cls(**cls.values(torrent, kind, person_id, code, params, upstream_detail))

    @classmethod
    def record(
        cls,
        torrent: Torrent,
        kind: str,
        *,
        person: User | None = None,
        code: str = "",
        params: Params | None = None,
        upstream_detail: str = "",
    ) -> Activity:
        """Write an event and return it."""
        entry = cls.about(
            torrent, kind, person=person, code=code, params=params, upstream_detail=upstream_detail
        )
        entry.save(force_insert=True)
        return entry

    @classmethod
    def record_many(cls, entries: Iterable[Activity] | Iterable[dict[str, Any]]) -> None:
        """Write events made by `about`, or what `values` returned. They don't get their keys."""
        rows: list[Any] = list(entries)
        if not rows:
            return
        with transaction.atomic(savepoint=False):
            if isinstance(rows[0], dict):
                insert_facts(cls, rows)
            else:
                insert(rows)

    @staticmethod
    def values(
        torrent: Torrent,
        kind: str,
        person_id: int | None,
        code: str = "",
        params: Params | None = None,
        upstream_detail: str = "",
    ) -> dict[str, Any]:
        """Return the columns of an event by attribute. That is cheaper than an object if there are thousands."""
        name, said = str(torrent)[:MAX_TEXT], upstream_detail[:MAX_TEXT]
        given = {key: _bounded(value) for key, value in params.items()} if params else {}
        return {
            "account_id": torrent.account_id,
            "torrent_id": torrent.pk,
            "person_id": person_id,
            "kind": kind,
            "name": name,
            "code": code,
            "params": given,
            "upstream_detail": said,
            "folded": fold_entry(name, given, said),
            "hidden": torrent.hidden,
            "seen_by_id": torrent.added_by_id if torrent.hidden else None,
        }


def _bounded(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value


def fold_entry(name: str, params: Params, upstream_detail: str) -> str:
    """Return the text that the search looks through, besides the sentence: name, file, and what TorBox said."""
    said = "\n".join(filter(None, [str(params.get("path", "")), upstream_detail]))
    return fold(f"{name}\n{said}")
