"""Authenticate people, and read the signed-in person together with the state of their lists, bell, and links."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.names import spellings
from accounts.prepared_query import Prepared
from links.pages.person_links import with_links
from notifications.pages.unread import with_unread
from torrents.pages.list.poll import with_lists

PEOPLE = Prepared(lambda pk: with_links(with_unread(with_lists(User.objects.filter(pk=pk)))).order_by())


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, except that names match as people read them, and that one query reads what every page shows."""

    @sensitive_variables("password")
    def _authenticate_by_username(self, username: str, password: str) -> AbstractBaseUser | None:
        person: AbstractBaseUser | None = self._check_password(User.objects.called(username), password)
        return person

    @sensitive_variables("password")
    def _mitigate_timing_attack(self, password: str) -> None:
        """Take as long for an unknown name as for a wrong password, which is checked in each of its spellings."""
        for spelling in spellings(password):
            User().set_password(spelling)

    def get_user(self, user_id: object) -> User | None:
        people = PEOPLE.rows([user_id])
        return people[0] if people and self.user_can_authenticate(people[0]) else None
