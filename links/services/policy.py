"""Who may have lasting links on this instance."""

from __future__ import annotations

from accounts.models import User

from ..models import LinkPolicy

MadeBy = LinkPolicy.MadeBy


def policy() -> str:
    """Return who may have links: one of `LinkPolicy.MadeBy`."""
    return LinkPolicy.objects.values_list("made_by", flat=True).first() or MadeBy.EVERYONE


def set_policy(made_by: str) -> None:
    """Set who may have links. Links of others stop working until they may again."""
    LinkPolicy.objects.update_or_create(pk=1, defaults={"made_by": made_by})


def may_have_links(person: User) -> bool:
    """Return whether the person may make links, and whether those they made work."""
    return is_allowed(person, policy_for(person))


def policy_for(person: User) -> str:
    """Return who may have links, from the query that read the person, if it asked."""
    known: str | None = getattr(person, "links_made_by", None)
    return policy() if known is None else known


def is_allowed(person: User, made_by: str | None) -> bool:
    """Return whether the person may have links under this policy. None is the default."""
    return made_by in (None, MadeBy.EVERYONE) or (made_by == MadeBy.MEMBERS and not person.is_guest)
