"""What the data export of a person says about API tokens."""

from __future__ import annotations

from typing import Any

from accounts.models import User

from ..models import ApiToken, Category, LinkToAdd


def export_of(person: User) -> dict[str, Any]:
    """Return a person's tokens, categories, and links that wait, ready for JSON, without what opens anything here."""
    facts = ("name", "scopes", "created_at", "expires_at", "last_used_on", "last_used_from")
    categories = Category.objects.filter(person=person).values("name", "rule__folder__name", "created_at")
    return {
        "tokens": list(ApiToken.objects.of(person).order_by("pk").values(*facts)),
        "categories": list(categories),
        "links_to_add": list(LinkToAdd.objects.filter(person=person).values("url", "created_at")),
    }
