from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import User
from saving.models import Rule
from torrents.models.tags import MAX_TAG


class Category(models.Model):
    """A category of the qBittorrent API: a tag that a person's programs use, and where its torrents are saved.

    Torrents have their category as a tag, so everyone sees it. `rule` saves those that this person adds or tags, to its
    folder. Without one, they aren't saved because of the category.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=MAX_TAG)
    rule = models.OneToOneField(Rule, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_category_per_name")]

    def __str__(self) -> str:
        return self.name
