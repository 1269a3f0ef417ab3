"""Create, suspend, sign out, and remove people, and change their role. There is always an owner who can sign in."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ..models import Invitation, SetupLink, Share, TorBoxAccount, User
from ..names import name_key, normalized, validate_one_alphabet
from ..problems import Problem, ProblemCode
from ..transactions import lock_accounts
from .keys import disconnect

FORGOTTEN: list[Callable[[User], object]] = []


class CannotCreate(Problem):
    """No person can be created with this name or password."""


class LastOwner(Problem):
    """The change would leave no owner who can sign in."""

    def __init__(self) -> None:
        super().__init__(ProblemCode.LAST_OWNER)


@sensitive_variables("password")
@transaction.atomic
def create_person(*, username: str, password: str, role: str) -> User:
    """Create a person who can sign in. The first one ends all setup links. Raises `CannotCreate`."""
    person = named(User(role=role), username)
    check_password(person, password)
    SetupLink.objects.all().delete()
    person.set_password(password)
    save_named(person)
    return person


def rename(person: User, username: str) -> None:
    """Change the name a person signs in with. Raises `CannotCreate`."""
    save_named(named(person, username))


def named(person: User, username: str) -> User:
    """Return the person, unsaved, with a name no one else has in any case and composition. Raises `CannotCreate`."""
    person.username = normalized(username)
    person.name_key = name_key(username)
    try:
        person.clean_fields(exclude=["password", "email"])
        validate_one_alphabet(username)
        person.validate_unique()
    except ValidationError as error:
        # Both fields are the same name to a person.
        taken = {"username", "name_key"} & getattr(error, "error_dict", {}).keys()
        same = bool(taken) and all(e.code == "unique" for name in taken for e in error.error_dict[name])
        if same:
            raise CannotCreate(ProblemCode.NAME_TAKEN) from None
        raise CannotCreate(ProblemCode.INVALID, errors=error) from None
    return person


def save_named(person: User) -> None:
    """Save a person from `named`. Raises `CannotCreate` if the name was taken in the meantime."""
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise CannotCreate(ProblemCode.NAME_TAKEN) from None


@sensitive_variables("password")
def check_password(person: User, password: str) -> None:
    """Check a new password against the rules. Raises `CannotCreate`."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CannotCreate(ProblemCode.INVALID, errors=error) from None


@transaction.atomic
def set_role(person: User, role: str) -> None:
    """Change the role of a person. Raises `LastOwner`."""
    if role != User.Role.OWNER:
        _leave_an_owner(besides=person)
    User.objects.filter(pk=person.pk).update(role=role)
    person.role = role


@transaction.atomic
def hand_over(*, owner: User, to: User) -> None:
    """Make `to` the owner and `owner` a member. Raises `LastOwner` if `to` can't sign in."""
    set_role(to, User.Role.OWNER)
    set_role(owner, User.Role.MEMBER)


@transaction.atomic
def disable(person: User) -> None:
    """Suspend a person: sign them out everywhere and keep their data. Raises `LastOwner`."""
    _leave_an_owner(besides=person)
    Invitation.objects.filter(person=person).delete()
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    end_sessions(person)


def enable(person: User) -> None:
    """Reactivate a suspended person."""
    User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True


def show_speed(person: User, *, shown: bool) -> None:
    """Show or hide the column with speeds in the person's list."""
    User.objects.filter(pk=person.pk).update(shows_speed=shown)
    person.shows_speed = shown


@transaction.atomic
def end_sessions(person: User) -> int:
    """Sign a person out everywhere. Return the number of ended sessions."""
    UserSession.objects.filter(user=person).delete()
    theirs = [
        session.pk for session in _sessions() if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]


def forget_also(forget: Callable[[User], object]) -> None:
    """Add what else lets someone in as a person, for `forget_sign_in`. Features call this when they are loaded."""
    FORGOTTEN.append(forget)


@transaction.atomic
def forget_sign_in(person: User) -> None:
    """Remove every sign-in method of a person and sign them out everywhere."""
    Authenticator.objects.filter(user=person).delete()
    for forget in FORGOTTEN:
        forget(person)
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sessions(person)


@transaction.atomic
def delete_person(person: User, *, heir: User | None) -> None:
    """Delete a person. Their TorBox accounts go to `heir` or are disconnected. Raises `LastOwner`."""
    _leave_an_owner(besides=person)
    for account in lock_accounts(
        TorBoxAccount.objects.owned_by(person).values_list("pk", flat=True)
    ).values():
        if heir:
            Share.objects.filter(account=account, user=heir).delete()
            TorBoxAccount.objects.filter(pk=account.pk).update(owner=heir)
        else:
            disconnect(account)
    end_sessions(person)
    person.delete()


def _leave_an_owner(*, besides: User) -> None:
    """Raise `LastOwner` if `besides` is the only owner who can sign in.

    The lock makes two owners who leave at the same time wait for each other, so that one of them is rejected.
    """
    owners = User.objects.enabled_owners().select_for_update().order_by("pk")
    if [owner.pk for owner in owners] == [besides.pk]:
        raise LastOwner


def _sessions() -> list[Session]:
    return list(Session.objects.filter(expire_date__gt=timezone.now()).iterator())
