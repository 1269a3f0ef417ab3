"""How people come in: the owner of a fresh instance by the set-up link, everybody else by an invitation."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from ..models import Invitation, SetupLink, User
from .people import check_password, create_person, forget_sign_in, named

GOOD_FOR_DAYS = 7


class LinkUsed(Exception):
    """The link has done its work already, is no longer good, or never was one."""


def make_setup_link() -> str | None:
    """A fresh token for `/setup/<token>/`; None once somebody owns the instance. Older links stop working."""
    if User.objects.exists():
        return None
    token = secrets.token_urlsafe(32)
    SetupLink.objects.all().delete()
    SetupLink.objects.create(token_hash=_hash(token))
    return token


def setup_link_is_valid(token: str) -> bool:
    return not User.objects.exists() and SetupLink.objects.filter(token_hash=_hash(token)).exists()


@sensitive_variables("password")
@transaction.atomic
def set_up(*, token: str, username: str, password: str) -> User:
    """The owner of a fresh instance. Of two who open the link at once one gets it. Raises `LinkUsed`, `CannotCreate`."""
    used, _ = SetupLink.objects.filter(token_hash=_hash(token)).delete()
    if not used or User.objects.exists():
        raise LinkUsed
    return create_person(username=username, password=password, role=User.Role.OWNER)


def invite(*, owner: User, role: str, days: int = GOOD_FOR_DAYS) -> Invitation:
    """A link for somebody new, who will be a member or a guest."""
    return _make(owner, days, role=role)


@transaction.atomic
def invite_back(*, owner: User, person: User, days: int = GOOD_FOR_DAYS) -> Invitation:
    """A link for somebody who can no longer sign in; an older one of theirs stops working."""
    Invitation.objects.filter(person=person).delete()
    return _make(owner, days, role=person.role, person=person)


def revoke(invitation: Invitation) -> None:
    """The link stops working; whoever was halfway in by it is erased."""
    _erase(Invitation.objects.filter(pk=invitation.pk))


def prune_signing_in() -> None:
    """Forget invitations that nobody took, and browsers whose session is over."""
    _erase(Invitation.objects.filter(expires_at__lt=timezone.now()))
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def find_invitation(token: str) -> Invitation | None:
    """The one whose link was opened, while it is good."""
    wanted = _hash(token)
    found = Invitation.objects.select_related("person", "made_by").filter(token_hash=wanted).first()
    good = found and hmac.compare_digest(found.token_hash, wanted) and found.expires_at > timezone.now()
    return found if good and found and found.made_by.is_active and found.made_by.is_owner else None


def link_of(invitation: Invitation) -> str:
    """The whole address, to be copied; empty once SECRET_KEY is another one."""
    token = _token(invitation.nonce)
    if not hmac.compare_digest(_hash(token), invitation.token_hash):
        return ""
    return f"{settings.SITE_ORIGIN}{reverse('accounts:join', args=[token])}"


@sensitive_variables("password")
@transaction.atomic
def join_with_password(*, invitation: Invitation, username: str, password: str) -> User:
    """Raises `LinkUsed`, `CannotCreate`."""
    person = _claim(invitation)
    if person and person.is_active:
        check_password(person, password)
        forget_sign_in(person)
        person.set_password(password)
        person.save()
        return person
    if person:
        person.delete()
    return create_person(username=username, password=password, role=invitation.role)


@transaction.atomic
def prepare_passkey(*, invitation: Invitation, username: str) -> User:
    """Whom the passkey will be made for, since it holds their id. Somebody new cannot sign in before it is there.

    Raises `LinkUsed`, `CannotCreate`.
    """
    waiting = Invitation.objects.select_for_update(of=("self",)).select_related("person")
    current = waiting.filter(pk=invitation.pk).first()
    if current is None:
        raise LinkUsed
    if current.returning:
        return current.returning
    person = named(current.person or User(role=current.role, is_active=False), username)
    if not person.pk:
        person.set_unusable_password()
    person.save()
    Invitation.objects.filter(pk=current.pk).update(person=person)
    return person


@transaction.atomic
def finish_joining(invitation: Invitation) -> User:
    """The passkey is good: the link is used up and its person may sign in. Raises `LinkUsed`."""
    person = _claim(invitation)
    if person is None:
        raise LinkUsed
    if person.is_active:
        forget_sign_in(person)
    User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True
    return person


def _make(owner: User, days: int, **fields: object) -> Invitation:
    nonce = secrets.token_urlsafe(24)
    return Invitation.objects.create(
        token_hash=_hash(_token(nonce)),
        nonce=nonce,
        made_by=owner,
        expires_at=timezone.now() + timedelta(days=days),
        **fields,
    )


def _claim(invitation: Invitation) -> User | None:
    """Use the link up: of two who try at once, one does. The person it names so far. Raises `LinkUsed`."""
    person: User | None = User.objects.filter(invitation=invitation).first()
    deleted, _ = Invitation.objects.filter(pk=invitation.pk, expires_at__gt=timezone.now()).delete()
    if not deleted:
        raise LinkUsed
    return person


def _erase(invitations: models.QuerySet[Invitation]) -> None:
    User.objects.filter(invitation__in=invitations, is_active=False).delete()
    invitations.delete()


def _token(nonce: str) -> str:
    digest = salted_hmac("accounts.invitation", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
