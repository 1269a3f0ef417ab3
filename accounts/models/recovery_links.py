from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone

from .people import User


class RecoveryLinkQuerySet(models.QuerySet["RecoveryLink"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person).select_related("made_by")

    def unannounced(self, person: User) -> Self:
        return self.of(person).filter(told_at=None).order_by("made_at", "pk")


class RecoveryLink(models.Model):
    """A record that a recovery link was made for `person`. It outlives the link itself, which is an `Invitation`.

    The link gives access to the person's account. So they are told about it at their next sign-in, and again after
    it was used. `made_by` is null for a link made on the server, and after its maker was removed.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="recovery_links")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    objects = RecoveryLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"for {self.person}, made {self.made_at:%Y-%m-%d %H:%M}"
