from __future__ import annotations

from django.db import models


class LinkPolicy(models.Model):
    """Who may have lasting links on this instance, as an owner set it. One row, or none for the default."""

    class MadeBy(models.TextChoices):
        EVERYONE = "everyone"
        MEMBERS = "members"  # members and owners, not guests
        NOBODY = "nobody"

    made_by = models.CharField(max_length=10, choices=MadeBy, default=MadeBy.EVERYONE)

    def __str__(self) -> str:
        return f"lasting links by {self.made_by}"
