"""Share a TorBox account with other people, at a level of `Share.Level`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..models import Share, TorBoxAccount, User
from ..models.people import PeopleQuerySet
from ..transactions import in_transaction


class CannotShare(Exception):
    """The account can't be shared this way. The message is for the person who tried."""


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
        guests_only_view = _(
            "%(name)s is a guest, and guests can only view and download. Change their role first."
        )
        raise CannotShare(guests_only_view % {"name": person.display_name})
    account.touch()
    return Share.objects.update_or_create(account=account, user=person, defaults={"level": level})[0]


@in_transaction
def end_share(share: Share) -> None:
    """End the share. Torrents the person added stay, and still show their name."""
    share.account.touch()
    share.delete()
