from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from torrents.polling import with_lists

from .prepared import ByKey

PEOPLE = ByKey(User, with_lists)


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, with which a person is read together with the state of the lists they see."""

    def get_user(self, user_id: object) -> User | None:
        person = PEOPLE.get(user_id)
        return person if person and self.user_can_authenticate(person) else None
