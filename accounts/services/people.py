"""What becomes of people: made, given a role, switched off, signed out, deleted. There is always an enabled owner."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ..models import Invitation, SetupLink, Share, TorBoxAccount, User
from .keys import disconnect

LAST_OWNER = "This is the only owner who can sign in. Make somebody else an owner first."


class CannotCreate(Exception):
    """Nobody can be made with this name or password; the message says why."""


class LastOwner(Exception):
    """It would leave the instance without an enabled owner; the message says what to do."""

    def __init__(self) -> None:
        super().__init__(LAST_OWNER)


@sensitive_variables("password")
@transaction.atomic
def create_person(*, username: str, password: str, role: str) -> User:
    """Somebody who can sign in; with the first one, set-up links stop working. Raises `CannotCreate`."""
    person = named(User(role=role), username)
    check_password(person, password)
    SetupLink.objects.all().delete()
    person.set_password(password)
    person.save()
    return person


def named(person: User, username: str) -> User:
    """The unsaved person under a name nobody has, in any case of its letters. Raises `CannotCreate`."""
    person.username = username
    try:
        person.clean_fields(exclude=["password", "email"])
        person.validate_unique()
        _refuse_same_name(person)
    except ValidationError as error:
        raise CannotCreate(" ".join(error.messages)) from None
    return person


@sensitive_variables("password")
def check_password(person: User, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CannotCreate(" ".join(error.messages)) from None


@transaction.atomic
def set_role(person: User, role: str) -> None:
    """Raises `LastOwner`."""
    if role != User.Role.OWNER:
        _leave_an_owner(besides=person)
    User.objects.filter(pk=person.pk).update(role=role)
    person.role = role


@transaction.atomic
def hand_over(*, owner: User, to: User) -> None:
    """`to` owns the instance, `owner` is a member from now on. Raises `LastOwner` when `to` cannot sign in."""
    set_role(to, User.Role.OWNER)
    set_role(owner, User.Role.MEMBER)


@transaction.atomic
def disable(person: User) -> None:
    """They are signed out everywhere and cannot sign in; what they have stays. Raises `LastOwner`."""
    _leave_an_owner(besides=person)
    Invitation.objects.filter(person=person).delete()
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    end_sessions(person)


def enable(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True


@transaction.atomic
def end_sessions(person: User) -> int:
    """Sign somebody out everywhere; of how many browsers."""
    UserSession.objects.filter(user=person).delete()
    theirs = [
        session.pk for session in _sessions() if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]


@transaction.atomic
def forget_sign_in(person: User) -> None:
    """Whatever they signed in with, and wherever they are signed in."""
    Authenticator.objects.filter(user=person).delete()
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sessions(person)


@transaction.atomic
def delete_person(person: User, *, heir: User | None) -> None:
    """Erase somebody; their TorBox accounts go to `heir` or are disconnected. Raises `LastOwner`."""
    _leave_an_owner(besides=person)
    for account in TorBoxAccount.objects.owned_by(person):
        if heir:
            account.lock()
            Share.objects.filter(account=account, user=heir).delete()
            TorBoxAccount.objects.filter(pk=account.pk).update(owner=heir)
        else:
            disconnect(account)
    end_sessions(person)
    person.delete()


def _leave_an_owner(*, besides: User) -> None:
    """Of two who would each leave the other as the last owner, one waits here for the other's end and is refused."""
    owners = User.objects.enabled_owners().select_for_update().order_by("pk")
    if [owner.pk for owner in owners] == [besides.pk]:
        raise LastOwner


def _refuse_same_name(person: User) -> None:
    """Names are signed in with in any case, so they have to differ by more than case."""
    if User.objects.filter(username__iexact=person.username).exclude(pk=person.pk).exists():
        raise ValidationError("A user with that username already exists.")


def _sessions() -> list[Session]:
    return list(Session.objects.filter(expire_date__gt=timezone.now()).iterator())
