from __future__ import annotations

from datetime import time
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from torrents.models import Torrent

MAX_FOLDER_NAME = 60  # characters
GIGABYTE = 1000**3


class FolderQuerySet(models.QuerySet["Folder"]):
    """Folders by who may save to them. Every query for a person starts with this."""

    def usable_by(self, user: User) -> Self:
        """Return the folders that a person may save to: those for everyone, and those that name them. Owners use all."""
        if user.is_owner:
            return self
        return self.filter(Q(for_everyone=True) | Q(people=user)).distinct()


class Folder(models.Model):
    """A folder below SAVE_DIR that the household can save to.

    `path` is relative to SAVE_DIR, without `..` and links. Saving stops when less than `floor` bytes are free.
    `marked_at`: when we first wrote a small file there by which we know the folder again (`saving/markers.py`).
    """

    class After(models.TextChoices):
        KEEP = "keep"
        STOP_SEEDING = "stop_seeding"
        DELETE = "delete"  # from TorBox, `after_days` later

    name = models.CharField(max_length=MAX_FOLDER_NAME, unique=True)
    path = models.CharField(max_length=500, unique=True)
    floor = models.BigIntegerField(default=10 * GIGABYTE)
    for_everyone = models.BooleanField(default=True)
    people = models.ManyToManyField(User, related_name="+", blank=True, through="FolderPerson")
    after = models.CharField(max_length=12, choices=After, default=After.KEEP)
    after_days = models.PositiveSmallIntegerField(default=7)
    unpacks = models.BooleanField(default=False)
    marked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FolderQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name


class FolderPerson(models.Model):
    """A person who may save to a folder that isn't for everyone. A table of our own, because backups know no others."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "user"], name="one_row_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} may save to {self.folder_id}"


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules by whether they apply."""

    def applied(self) -> Self:
        """Return the rules that don't rest."""
        named = FolderPerson.objects.filter(folder=OuterRef("folder"), user=OuterRef("made_by"))
        usable = Q(kind=Rule.Kind.OWN) & (Q(folder__for_everyone=True) | Exists(named))
        return self.filter(usable | Q(made_by__role=User.Role.OWNER), made_by__is_active=True)


class Rule(models.Model):
    """A standing order: torrents with a tag, or added by a person, are saved to a folder when they are ready.

    Owners make rules of the kinds `TAG` and `PERSON` for the household. Everyone may have `OWN` rules, which apply only to
    torrents that their maker added or tagged: `adder` is the maker, too. A rule rests while its maker is suspended or may
    no longer have it: because they aren't an owner, or, of an own one, because they may not use the folder.

    `position` is the key of the last event that it needn't read, None until the first look. Rows of tags above
    `tag_position` are newer than the rule.
    """

    class Kind(models.TextChoices):
        TAG = "tag"
        PERSON = "person"
        OWN = "own"  # with a tag, and added or tagged by the rule's maker

    kind = models.CharField(max_length=8, choices=Kind)
    tag = models.CharField(max_length=100, blank=True)
    adder = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    folder = models.ForeignKey(Folder, models.CASCADE, related_name="rules")
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)  # it applies to torrents that become ready later
    saved = models.PositiveIntegerField(default=0)
    position = models.BigIntegerField(null=True)
    tag_position = models.BigIntegerField(default=0)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "tag", "adder", "folder"], name="one_rule_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.folder_id}"

    @property
    def rests(self) -> bool:
        """Whether it doesn't apply now, as in `RuleQuerySet.applied`."""
        return not type(self).objects.applied().filter(pk=self.pk).exists()


class RuleMatch(models.Model):
    """A torrent that a rule applied to, so that it is saved once. `started_at`: when its job was made."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="matches", db_index=False)
    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="+")
    started_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "torrent"], name="one_match_per_rule")]
        indexes = [
            models.Index(fields=["rule"], condition=Q(started_at=None), name="matches_to_start"),
        ]

    def __str__(self) -> str:
        return f"rule {self.rule_id} on torrent {self.torrent_id}"


class SavingSettings(models.Model):
    """Schedule and speed, as an owner set them. One row, or none for the defaults.

    Without hours, the full speed applies always. `limit` is that of the full speed, and `other_limit` that of other
    times, in bytes/s; 0 is none. `other_pauses`: at other times, saving pauses.
    """

    full_from = models.TimeField(null=True)
    full_until = models.TimeField(null=True)
    limit = models.BigIntegerField(default=0)
    other_pauses = models.BooleanField(default=True)
    other_limit = models.BigIntegerField(default=0)
    files_at_a_time = models.PositiveSmallIntegerField(default=2)

    def __str__(self) -> str:
        return f"full speed from {self.full_from or time.min} until {self.full_until or time.max}"
