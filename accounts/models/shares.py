from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from .people import User


class ShareQuerySet(models.QuerySet["Share"]):
    def given_by(self, user: User) -> Self:
        return self.filter(account__owner_id=user.pk)

    def endable_by(self, user: User) -> Self:
        """Return the shares that `user` gave or received. Both may end them."""
        return self.filter(Q(account__owner_id=user.pk) | Q(user_id=user.pk))


class Share(models.Model):
    """A person's right to use another person's TorBox account. Manage includes add, and add includes view."""

    class Level(models.TextChoices):
        VIEW = "view", pgettext_lazy("access level", "View")
        ADD = "add", pgettext_lazy("access level", "Add")
        MANAGE = "manage", pgettext_lazy("access level", "Manage")

    account = models.ForeignKey("accounts.TorBoxAccount", models.CASCADE, related_name="shares")
    user = models.ForeignKey(User, models.CASCADE, related_name="shares")
    level = models.CharField(max_length=10, choices=Level, default=Level.VIEW)
    created_at = models.DateTimeField(auto_now_add=True)

    chosen: str  # the level that a form shows, which may differ from the one in force

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="one_share_per_person")]

    def __str__(self) -> str:
        return f"{self.user} may {self.level} {self.account}"

    def is_below(self, level: str) -> bool:
        """Return whether `level` allows more than this share does."""
        order = self.Level.values
        return order.index(level) > order.index(self.level)
