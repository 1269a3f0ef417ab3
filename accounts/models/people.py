from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

# Joiners that some scripts and emoji need; everything else that cannot be seen could pass one name off as another.
JOINERS = str.maketrans("", "", "\u200c\u200d")


def validate_visible(name: str) -> None:
    """Names stand in lists, files and headers: no line breaks, no control characters, nothing that turns text around."""
    if not name.translate(JOINERS).isprintable():
        raise ValidationError("A name is one line of visible characters.")


class PeopleQuerySet(models.QuerySet["User"]):
    """Who may see and manage whom."""

    def joined(self) -> Self:
        """Without those who were invited and are just choosing how to sign in."""
        return self.exclude(is_active=False, invitation__isnull=False)

    def enabled_owners(self) -> Self:
        return self.filter(is_active=True, role=User.Role.OWNER)

    def household_of(self, user: User | AnonymousUser) -> Self:
        """Owners see everybody; members everybody who can sign in; guests those who share with them."""
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
        """To whom somebody's TorBox accounts and torrents can be handed over."""
        return self.joined().filter(is_active=True).exclude(role=User.Role.GUEST).exclude(pk=person.pk)


class PeopleManager(UserManager.from_queryset(PeopleQuerySet)["User"]):  # type: ignore[misc]
    pass


class User(AbstractUser):
    """A person of this household. `role` is about the instance; `Share` is about somebody's TorBox account."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        MEMBER = "member", "Member"
        GUEST = "guest", "Guest"

    class Appearance(models.TextChoices):
        SYSTEM = "system", "Like the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    shown_name = models.CharField("name", max_length=60, blank=True, validators=[validate_visible])
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    appearance = models.CharField(max_length=10, choices=Appearance, default=Appearance.SYSTEM)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PeopleManager] = PeopleManager()

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
        """Whether a TorBox account of their own is connected, not only one that is shared with them."""
        known: bool | None = getattr(self, "owns_account", None)
        return self.torbox_accounts.exists() if known is None else known

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class SetupLink(models.Model):
    """The one-time link that makes the owner of a fresh instance. Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """A link by which one person joins, or comes back in who can no longer sign in. It is erased when it was used.

    The database holds the hash of the link's token and a `nonce`; only with SECRET_KEY does the nonce give the
    token again, so that an owner can copy the link or show its QR code for as long as it is good.
    `person`: for a return, who it lets in; else whoever has chosen a name and not yet a way to sign in.
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
        """Who comes back by it; None when it is for somebody new."""
        return self.person if self.person and self.person.is_active else None
