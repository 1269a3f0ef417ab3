"""What the data export of a person says about lasting links."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from torrents.models import Torrent

from ..models import LastingLink

FACTS = (
    "kind", "part", "name", "query", "created_at", "expires_at", "max_uses", "uses", "last_used_at", "revoked_at",
)  # fmt: skip


def export_of(person: User) -> list[dict[str, Any]]:
    """Return the links that a person made, ready for JSON, without what opens them: token, nonce, and password.

    Torrents that they may no longer see aren't named.
    """
    links = list(LastingLink.objects.of(person).select_related("torrent").order_by("created_at", "pk"))
    theirs = Torrent.objects.on_visible_accounts(person).filter(lasting_links__maker=person)
    seen = set(theirs.values_list("pk", flat=True))
    return [_exported(link, link.torrent_id in seen) for link in links]


def _exported(link: LastingLink, seen: bool) -> dict[str, Any]:
    facts = {name: getattr(link, name) for name in FACTS}
    about = {"torrent": str(link.torrent) if seen else "", "path": link.path if seen else ""}
    return facts | about | {"has_password": bool(link.password)}
