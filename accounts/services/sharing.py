"""Share a TorBox account with other people, at a level of `Share.Level`."""

from __future__ import annotations

from ..models import Share, TorBoxAccount, User
from ..models.people import PeopleQuerySet
from ..problems import Problem, ProblemCode
from ..transactions import in_transaction


class CannotShare(Problem):
    """The account can't be shared this way."""


def to_share_with(account: TorBoxAccount) -> PeopleQuerySet:
    """Return everyone in the household who can sign in and doesn't have the account yet."""
    people = User.objects.household_of(account.owner).filter(is_active=True)
    others: PeopleQuerySet = people.exclude(pk=account.owner_id).exclude(shares__account=account)
    return others.order_by("shown_name", "username")


@in_transaction
def share(*, account: TorBoxAccount, person: User, level: str) -> Share:
    """Share the account with `person` at `level`, or change their level. Raises `CannotShare`.

    Their open pages update, because a page compares which accounts its person can see.
    """
    if person.role == User.Role.GUEST and level != Share.Level.VIEW:
        raise CannotShare(ProblemCode.GUESTS_ONLY_VIEW, name=person.display_name)
    account.touch()
    return Share.objects.update_or_create(account=account, user=person, defaults={"level": level})[0]


@in_transaction
def end_share(share: Share) -> None:
    """End the share. Torrents the person added stay, and still show their name."""
    share.account.touch()
    share.delete()
