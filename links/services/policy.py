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
    made_by = policy()
    return made_by == MadeBy.EVERYONE or (made_by == MadeBy.MEMBERS and not person.is_guest)
