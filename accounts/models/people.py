from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..names import SUFFIX, name_key, spellings, validate_one_alphabet

# Joiners that some scripts and emoji need. Any other invisible character could disguise one name as another.
JOINERS = str.maketrans("", "", "\u200c\u200d")


def validate_visible(name: str) -> None:
    """Reject line breaks, control characters, and direction marks, because names appear in lists, files, and headers.

    Raises `ValidationError`.
    """
    if not name.translate(JOINERS).isprintable():
        raise ValidationError(_("A name can’t contain line breaks or invisible characters."))


class PeopleQuerySet(models.QuerySet["User"]):
    """People, by who may see and manage them."""

    def joined(self) -> Self:
        """Leave out people who opened an invitation and haven't set up sign-in yet."""
        return self.exclude(is_active=False, invitation__isnull=False)

    def called(self, name: str) -> User | None:
        """Return the person who signs in with this name, in any case and composition, or None.

        When older names share a key, the person with exactly this name comes first.
        """
        key = name_key(name)
        known = self.filter(Q(name_key=key) | Q(name_key__startswith=f"{key}{SUFFIX}")).order_by("pk")
        by_key = {person.name_key: person for person in known}
        exact = next((person for person in known if person.username == name), None)
        return exact or by_key.get(key)

    def enabled_owners(self) -> Self:
        return self.filter(is_active=True, role=User.Role.OWNER)

    def household_of(self, user: User | AnonymousUser) -> Self:
        """Return everyone to owners, everyone who can sign in to members, and to guests those who share with them."""
        people = self.joined()
        if not isinstance(user, User):
            return self.none()
        if user.is_owner:
            return people
        if user.role == User.Role.MEMBER:
            return people.filter(is_active=True)
        sharing = Q(torbox_accounts__shares__user=user, is_active=True)
        return people.filter(sharing | Q(pk=user.pk)).distinct()

    def manageable_by(self, user: User) -> Self:
        return self.joined() if user.is_owner else self.none()

    def heirs_of(self, person: User) -> Self:
        """Return the people who can take over a person's TorBox accounts and torrents."""
        return self.joined().filter(is_active=True).exclude(role=User.Role.GUEST).exclude(pk=person.pk)


class PeopleManager(UserManager.from_queryset(PeopleQuerySet)["User"]):  # type: ignore[misc]
    @sensitive_variables("password")
    def _create_user_object(
        self, username: str, email: str | None, password: str | None, **fields: Any
    ) -> User:
        """Normalize the password before hashing it. Django's own method hashes it as typed."""
        person: User = super()._create_user_object(username, email, None, **fields)
        person.set_password(password)
        return person


class User(AbstractUser):
    """A person of this household. `role` is about the instance, `Share` is about one TorBox account.

    `name_key` is unique. When keys were introduced and two names had the same one, the newer person's got a
    number after `SUFFIX`. They sign in with exactly their name, or with that key.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MEMBER = "member", _("Member")
        GUEST = "guest", _("Guest")

    class Appearance(models.TextChoices):
        SYSTEM = "system", _("Match system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name_key = models.CharField(max_length=220, unique=True, editable=False)
    shown_name = models.CharField(
        "name", max_length=60, blank=True, validators=[validate_visible, validate_one_alphabet]
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    appearance = models.CharField(max_length=10, choices=Appearance, default=Appearance.SYSTEM)
    # Empty: as the browser says.
    language = models.CharField(max_length=16, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    # What the browser said last. Messages use it if the person chose none.
    seen_language = models.CharField(max_length=16, blank=True)
    seen_time_zone = models.CharField(max_length=64, blank=True)
    shows_speed = models.BooleanField(default=False)  # the column of the list
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PeopleManager] = PeopleManager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        key = name_key(self.username)
        if self.name_key.partition(SUFFIX)[0] != key:
            self.name_key = key
        super().save(*args, **kwargs)

    @sensitive_variables("raw_password")
    def set_password(self, raw_password: str | None) -> None:
        super().set_password(spellings(raw_password)[0] if raw_password is not None else None)

    @sensitive_variables("raw_password")
    def check_password(self, raw_password: str | None) -> bool:
        known = super().check_password
        return any(known(spelling) for spelling in spellings(raw_password or ""))

    def get_absolute_url(self) -> str:
        return reverse("accounts:person", args=[self.pk])

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER

    @property
    def is_guest(self) -> bool:
        return self.role == self.Role.GUEST

    @property
    def display_name(self) -> str:
        return self.shown_name or self.username

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return ("".join(word[0] for word in words[:2]) if len(words) > 1 else self.display_name[:2]).upper()

    @property
    def has_account(self) -> bool:
        """Whether the person connected a TorBox account of their own. Shared ones don't count."""
        known: bool | None = getattr(self, "owns_account", None)
        return self.torbox_accounts.exists() if known is None else known

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class SetupLink(models.Model):
    """The one-time link that creates the owner of a new instance. Only its hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """An invitation link, or a recovery link for a person who can't sign in. It is deleted once used.

    The database stores a hash of the link's token and a `nonce`. The token can be derived from the nonce only with
    SECRET_KEY, so an owner can copy the link or show its QR code until it expires.
    `person`: of a recovery link, the person it is for. Of an invitation, the person who has chosen a name but not
    yet how to sign in.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    nonce = models.CharField(max_length=64)
    role = models.CharField(max_length=10, choices=User.Role, default=User.Role.MEMBER)
    made_by = models.ForeignKey(User, models.CASCADE, related_name="invitations_made")
    person = models.OneToOneField(User, models.CASCADE, null=True, related_name="invitation")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"for a {self.role}, good until {self.expires_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("accounts:invitation", args=[self.pk])

    @property
    def returning(self) -> User | None:
        """The person a recovery link is for. None for an invitation."""
        return self.person if self.person and self.person.is_active else None
