from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


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
    shown_name = models.CharField("name", max_length=60, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    appearance = models.CharField(max_length=10, choices=Appearance, default=Appearance.SYSTEM)

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
        return self.torbox_accounts.exists()

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
