"""Whether a person has links, from the query that reads the person: their menu is on every page."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from localization.formats import number

from ..models import LastingLink


def with_links(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate users with `has_links`: whether they made any."""
    return people.annotate(has_links=Exists(LastingLink.objects.filter(maker=OuterRef("pk"))))


def has_links(user: User) -> bool:
    """Return whether a person made any links."""
    known: bool | None = getattr(user, "has_links", None)
    return LastingLink.objects.of(user).exists() if known is None else bool(known)


def link_state(user: User) -> str:
    """Return how many links of a person work, for the list of the pages of Settings."""
    count = LastingLink.objects.of(user).in_force(timezone.now()).count()
    if not count:
        return _("None yet")
    return ngettext("%(count)s active", "%(count)s active", count) % {"count": number(count)}
