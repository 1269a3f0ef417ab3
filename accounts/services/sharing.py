"""Letting others use one's TorBox account: who, and how far (`Share.Level`)."""

from __future__ import annotations

from ..models import Share, TorBoxAccount, User
from ..models.people import PeopleQuerySet

GUESTS_ONLY_LOOK = (
    "{} is a guest: guests see and download, and nothing more. Their role would have to change first."
)


class CannotShare(Exception):
    """The message is a sentence for whoever tried."""


def to_share_with(account: TorBoxAccount) -> PeopleQuerySet:
    """Everybody of the house who can sign in and does not have the account yet."""
    people = User.objects.household_of(account.owner).filter(is_active=True)
    others: PeopleQuerySet = people.exclude(pk=account.owner_id).exclude(shares__account=account)
    return others.order_by("shown_name", "username")


def share(*, account: TorBoxAccount, person: User, level: str) -> Share:
    """Give `person` the account at `level`, or another level than before. Raises `CannotShare`.

    Their pages notice: the accounts somebody sees are part of what a page compares.
    """
    if person.role == User.Role.GUEST and level != Share.Level.VIEW:
        raise CannotShare(GUESTS_ONLY_LOOK.format(person.display_name))
    found, _ = Share.objects.update_or_create(account=account, user=person, defaults={"level": level})
    account.next_revision()
    return found


def end_share(share: Share) -> None:
    """Take the account away again. What was added with it stays, and stays theirs by name."""
    share.account.next_revision()
    share.delete()
