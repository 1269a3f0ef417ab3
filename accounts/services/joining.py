"""Links that let people in: setup links for the owner of a new instance, invitations, and recovery links."""

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

from ..models import Invitation, RecoveryLink, SetupLink, User
from .people import check_password, create_person, forget_sign_in, named, save_named

GOOD_FOR_DAYS, MAX_VALID_DAYS = 7, 30
RECOVERY_LINKS_KEPT = timedelta(days=365)


class LinkUsed(Exception):
    """The link was used, has expired, or never existed."""


def make_setup_link() -> str | None:
    """Return a new token for `/setup/<token>/`, or None if the instance has an owner. Older links stop working."""
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
    """Create the owner of a new instance, once per link. Raises `LinkUsed`, `CannotCreate`."""
    used, _ = SetupLink.objects.filter(token_hash=_hash(token)).delete()
    if not used or User.objects.exists():
        raise LinkUsed
    return create_person(username=username, password=password, role=User.Role.OWNER)


def invite(*, owner: User, role: str, days: int = GOOD_FOR_DAYS) -> Invitation:
    """Create an invitation for a new member or guest."""
    return _make(owner, days, role=role)


@transaction.atomic
def invite_back(
    *, owner: User, person: User, days: int = GOOD_FOR_DAYS, by_command: bool = False
) -> Invitation:
    """Create a recovery link for a person, who will be told about it. Their older one stops working."""
    Invitation.objects.filter(person=person).delete()
    RecoveryLink.objects.create(person=person, made_by=None if by_command else owner)
    return _make(owner, days, role=person.role, person=person)


def revoke(invitation: Invitation) -> None:
    """Revoke a link, and delete the person who has chosen a name with it but not finished joining."""
    _erase(Invitation.objects.filter(pk=invitation.pk))


def prune_signing_in() -> None:
    """Delete expired invitations, old records of recovery links, and sessions that have ended."""
    now = timezone.now()
    RecoveryLink.objects.filter(made_at__lt=now - RECOVERY_LINKS_KEPT).delete()
    _erase(Invitation.objects.filter(expires_at__lt=now))
    latest = now + timedelta(days=MAX_VALID_DAYS)  # a later date was written with a wrong clock
    Invitation.objects.filter(expires_at__gt=latest).update(expires_at=latest)
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation for a token if it is still valid."""
    wanted = _hash(token)
    found = Invitation.objects.select_related("person", "made_by").filter(token_hash=wanted).first()
    good = found and hmac.compare_digest(found.token_hash, wanted) and found.expires_at > timezone.now()
    return found if good and found and found.made_by.is_active and found.made_by.is_owner else None


def link_of(invitation: Invitation) -> str:
    """Return the full URL of an invitation, or "" if SECRET_KEY has changed since."""
    token = _token(invitation.nonce)
    if not hmac.compare_digest(_hash(token), invitation.token_hash):
        return ""
    return f"{settings.SITE_ORIGIN}{reverse('accounts:join', args=[token])}"


@sensitive_variables("password")
@transaction.atomic
def join_with_password(*, invitation: Invitation, username: str, password: str) -> User:
    """Use the link to create a person, or to give one a new password. Raises `LinkUsed`, `CannotCreate`."""
    person = _claim(invitation)
    if person and person.is_active:
        check_password(person, password)
        _come_back(person, invitation)
        person.set_password(password)
        person.save()
        return person
    if person:
        person.delete()
    return create_person(username=username, password=password, role=invitation.role)


@transaction.atomic
def prepare_passkey(*, invitation: Invitation, username: str) -> User:
    """Return the person a passkey will be made for, because a passkey holds their id.

    A new person is created suspended and can't sign in before the passkey exists. Raises `LinkUsed`, `CannotCreate`.
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
    save_named(person)
    Invitation.objects.filter(pk=current.pk).update(person=person)
    return person


@transaction.atomic
def finish_joining(invitation: Invitation) -> User:
    """Use the link after its person has made a passkey, and let them sign in. Raises `LinkUsed`."""
    person = _claim(invitation)
    if person is None:
        raise LinkUsed
    if person.is_active:
        _come_back(person, invitation)
    User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True
    return person


def _come_back(person: User, invitation: Invitation) -> None:
    """Remove the old sign-in methods because a recovery link is used, and note it for the person's next sign-in."""
    forget_sign_in(person)
    link = RecoveryLink.objects.of(person).filter(used_at=None).first() or RecoveryLink(
        person=person, made_by=invitation.made_by, made_at=invitation.created_at
    )
    link.used_at, link.told_at = timezone.now(), None
    link.save()


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
    """Use the link, only once even if two try at the same time, and return its person if it has one.

    Raises `LinkUsed`.
    """
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
