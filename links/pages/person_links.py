"""Whether a person has links and may have any, from the query that reads the person: many pages show it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from localization.formats import number

from ..models import LastingLink, LinkPolicy


def with_links(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate users with `has_links`, whether they made any, and `links_made_by`, the policy of the instance."""
    made_by = Subquery(LinkPolicy.objects.values("made_by")[:1])
    return people.annotate(
        has_links=Exists(LastingLink.objects.filter(maker=OuterRef("pk"))),
        links_made_by=Coalesce(made_by, Value(LinkPolicy.MadeBy.EVERYONE.value)),
    )


def has_links(user: User) -> bool:
    """Return whether a person made any links."""
    known: bool | None = getattr(user, "has_links", None)
    return LastingLink.objects.of(user).exists() if known is None else bool(known)


def link_state(user: User) -> str:
    """Return how many links of a person work, for the list of the pages of Settings."""
    count = LastingLink.objects.of(user).in_force(timezone.now()).count()
    if not count:
        return pgettext("links", "None yet")
    return ngettext("%(count)s active", "%(count)s active", count) % {"count": number(count)}
