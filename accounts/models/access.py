"""Filter TorBox accounts by what a person may do with them."""

from __future__ import annotations

from typing import Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable

from .people import User
from .shares import Share

OWN = "own"
Account = TypeVar("Account", bound=models.Model)


class AccountAccess(models.QuerySet[Account]):
    """The access rules of TorBox accounts. Every query made for a person starts with one of these methods."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(Q(owner_id=user.pk) | Q(shares__user_id=user.pk)).distinct()

    def addable_by(self, user: User) -> Self:
        if user.role == User.Role.GUEST:
            return self.none()
        levels = [Share.Level.ADD, Share.Level.MANAGE]
        return self.filter(
            Q(owner_id=user.pk) | Q(shares__user_id=user.pk, shares__level__in=levels)
        ).distinct()

    def manageable_by(self, user: User) -> Self:
        if user.role == User.Role.GUEST:
            return self.owned_by(user)
        shared = Q(shares__user_id=user.pk, shares__level=Share.Level.MANAGE)
        return self.filter(Q(owner_id=user.pk) | shared).distinct()

    def with_sharing(self) -> Self:
        """Annotate each with `is_shared`: whether its owner shares it with anyone."""
        return self.annotate(is_shared=Exists(Share.objects.filter(account=OuterRef("pk"))))

    def with_level(self, user: User) -> Self:
        """Annotate each with `is_shared` and with `level`: `OWN`, the level `user` has there, or None.

        This is the rule of `addable_by` and `manageable_by`, for rows that are read anyway.
        """
        shared = Share.objects.filter(account=OuterRef("pk"), user=user)
        level: Combinable = Subquery(shared.values("level")[:1])
        if user.role == User.Role.GUEST:
            level = Case(When(Exists(shared), then=Value(Share.Level.VIEW)), default=None)
        own = When(owner_id=user.pk, then=Value(OWN))
        return self.with_sharing().annotate(level=Case(own, default=level))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner_id=user.pk)
