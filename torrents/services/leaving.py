"""When somebody leaves: what becomes of what they have here, and what they can take along."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Share, TorBoxAccount, User
from torbox import magnets

from ..models import Activity, ControlRequest, Torrent
from . import controlling


@transaction.atomic
def leave(person: User, *, heir: User | None) -> None:
    """Erase somebody. To `heir` go their TorBox accounts and what they added anywhere.

    Without one their accounts are disconnected, where TorBox keeps everything, and what they added to other people's
    accounts is deleted there. What they kept to themselves is left to the owner of the account, who sees it already.
    Raises `accounts.services.LastOwner`.
    """
    if heir:
        for account in TorBoxAccount.objects.filter(torrents__added_by=person).distinct():
            theirs = account.torrents.filter(added_by=person, hidden=False)
            theirs.update(added_by=heir, revision=account.next_revision())
    else:
        for owner, torrents in _on_accounts_of_others(person).items():
            controlling.remove(person=owner, torrents=torrents)
    # What they asked for a moment ago is still done; their name on it goes.
    ControlRequest.objects.filter(batch__person=person).update(batch=None)
    accounts.delete_person(person, heir=heir)


def left_behind(person: User) -> dict[str, int]:
    """What the question is about: their TorBox accounts, and how many torrents they added to those of others."""
    others = sum(len(torrents) for torrents in _on_accounts_of_others(person).values())
    return {"accounts": TorBoxAccount.objects.owned_by(person).count(), "torrents": others}


def everything_of(person: User) -> dict[str, Any]:
    """All that is kept about somebody, ready for JSON: no key, no password, nobody else's torrents."""
    return {
        "exported_at": timezone.now(),
        "person": _facts(
            person, "username", "shown_name", "role", "appearance", "date_joined", "last_seen_at"
        ),
        "torbox_accounts": [
            _facts(account, "label", "plan_name", "last_four", "created_at")
            for account in TorBoxAccount.objects.owned_by(person)
        ],
        "shares_with_me": [
            {"account": share.account.label, "owner": share.account.owner.display_name, "level": share.level}
            for share in Share.objects.filter(user=person).select_related("account__owner")
        ],
        "torrents": [_torrent(row) for row in _mine(person)],
        "activity": _acts(person),
    }


def _acts(person: User) -> list[dict[str, Any]]:
    """What they did themselves; what was hidden from them since does not show up again here."""
    acts = Activity.objects.filter(person=person).not_hidden_from(person)
    return [dict(act) for act in acts.values("at", "kind", "name", "detail")]


def magnets_of(person: User) -> str:
    """One magnet link a line, for everything somebody added and everything on their own accounts."""
    return "".join(f"{_magnet(row)}\n" for row in _mine(person))


def _on_accounts_of_others(person: User) -> dict[User, list[Torrent]]:
    """By the owner of the account, who deletes them."""
    rows = Torrent.objects.listed().filter(added_by=person).exclude(account__owner=person)
    found: dict[User, list[Torrent]] = defaultdict(list)
    for row in rows.select_related("account__owner"):
        found[row.account.owner].append(row)
    return dict(found)


def _mine(person: User) -> list[Torrent]:
    visible = Torrent.objects.visible_to(person).select_related("account")
    own = visible.filter(account__owner=person) | visible.filter(added_by=person)
    return list(own.order_by("added_at", "pk"))


def _torrent(row: Torrent) -> dict[str, Any]:
    facts = _facts(row, "name", "info_hash", "size", "status", "added_at")
    return facts | {"account": row.account.label, "magnet": _magnet(row)}


def _magnet(row: Torrent) -> str:
    """Always one line, whatever the name holds."""
    kept = row.magnet if row.magnet.isprintable() else ""
    return kept or magnets.build(row.info_hash, row.name)


def _facts(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
