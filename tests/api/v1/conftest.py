"""A household with a torrent, for all operations."""

from __future__ import annotations

import pytest

from accounts.models import Share, User
from tests.api.v1.operations import PEOPLE
from tests.factories import make_torrent, make_user


@pytest.fixture
def household(cast, save_dir):
    """Make a torrent, and everyone who may ask for it."""
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    cast.owner.refresh_from_db()
    guest, manager = make_user("guest", User.Role.GUEST), make_user("manager")
    for person, level in {guest: Share.Level.VIEW, manager: Share.Level.MANAGE}.items():
        Share.objects.create(account=cast.account, user=person, level=level)
    cast.people = dict(
        zip(PEOPLE, (cast.outsider, guest, cast.viewer, cast.member, manager, cast.owner), strict=False)
    )
    cast.people["instance_owner"] = make_user("house", User.Role.OWNER)
    cast.torrent = make_torrent(cast.account, "Sintel", added_by=cast.owner)
    return cast
