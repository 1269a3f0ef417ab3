"""Remove a person together with their data, and export that data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts import services as accounts
from accounts.models import Share, TorBoxAccount, User
from accounts.transactions import in_transaction, lock_accounts
from torbox import magnets
from torrents.models import Activity, ControlRequest, EditRequest, SavedView, Torrent

from . import controlling

FEATURES: dict[str, Callable[[User], Any]] = {}


@in_transaction
def leave(person: User, *, heir: User | None) -> None:
    """Delete a person, and give their TorBox accounts and the torrents they added to `heir`.

    Without an heir, their accounts are disconnected, and TorBox keeps everything on them. Torrents that they added to
    other people's accounts are deleted from TorBox. Those they kept hidden go to the owner of the account, who sees them
    already. Raises `accounts.services.LastOwner`.
    """
    with_theirs = TorBoxAccount.objects.filter(torrents__added_by=person).values_list("pk", flat=True)
    own = TorBoxAccount.objects.owned_by(person).values_list("pk", flat=True)
    affected = lock_accounts([*with_theirs.distinct(), *own])
    if heir:
        for account in affected.values():
            theirs = account.torrents.filter(added_by=person)
            given = account.write(theirs.filter(hidden=False), added_by=heir)
            kept = account.write(theirs.filter(hidden=True), added_by=None)
            if not given + kept:
                account.touch()  # the account may get another owner
    else:
        for owner, torrents in _on_accounts_of_others(person).items():
            controlling.remove(person=owner, torrents=torrents)
    # TorBox still carries out what they just asked for, but without their name.
    for requests in (ControlRequest, EditRequest):
        requests.objects.filter(batch__person=person).update(batch=None)
    accounts.delete_person(person, heir=heir)


def left_behind(person: User) -> dict[str, int]:
    """Count their TorBox accounts, and the torrents they added to other people's."""
    others = sum(len(torrents) for torrents in _on_accounts_of_others(person).values())
    return {"accounts": TorBoxAccount.objects.owned_by(person).count(), "torrents": others}


def export_also(name: str, data_of: Callable[[User], Any]) -> None:
    """Add what a feature keeps about people to `everything_of`, under `name`. Features call this when they are loaded."""
    FEATURES[name] = data_of


def everything_of(person: User) -> dict[str, Any]:
    """Return all data about a person, ready for JSON, without API keys, passwords, and other people's torrents."""
    return {
        "exported_at": timezone.now(),
        "person": _facts(
            person,
            *("username", "shown_name", "role", "language", "time_zone", "seen_language", "seen_time_zone"),
            *("appearance", "shows_speed", "date_joined", "last_seen_at"),
        ),
        "torbox_accounts": [
            _facts(account, "label", "plan_name", "last_four", "created_at") | {"usage": _usage(account)}
            for account in TorBoxAccount.objects.owned_by(person)
        ],
        "shares_with_me": [
            {"account": share.account.label, "owner": share.account.owner.display_name, "level": share.level}
            for share in Share.objects.filter(user=person).select_related("account__owner")
        ],
        "saved_views": list(SavedView.objects.of(person).values("name", "query", "is_default")),
        "torrents": [_torrent(row) for row in _mine(person)],
        "activity": _acts(person),
        **{name: data_of(person) for name, data_of in FEATURES.items()},
    }


def _usage(account: TorBoxAccount) -> list[dict[str, Any]]:
    """Return what TorBox reported of the last 30 days, in bytes by day."""
    return [dict(day) for day in account.usage_days.values("day", "downloaded", "uploaded")]


def _acts(person: User) -> list[dict[str, Any]]:
    """Return the events they caused, without those that have since been hidden from them."""
    acts = Activity.objects.filter(person=person).not_hidden_from(person)
    return [dict(act) for act in acts.values("at", "kind", "name", "code", "params", "upstream_detail")]


def magnets_of(person: User) -> str:
    """List magnet links by name, one per line, for all torrents they added and all on their own accounts."""
    rows = sorted(_mine(person), key=lambda row: (row.sort_name, row.pk))
    return "".join(f"{_magnet(row)}\n" for row in rows)


def _on_accounts_of_others(person: User) -> dict[User, list[Torrent]]:
    """Group the torrents they added to other people's accounts by owner, who deletes them."""
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
    facts = _facts(row, "name", "info_hash", "size", "status", "tags", "added_at")
    return facts | {"account": row.account.label, "magnet": _magnet(row)}


def _magnet(row: Torrent) -> str:
    """Return a magnet link that is a single line, whatever the name holds."""
    kept = row.magnet if row.magnet.isprintable() else ""
    return kept or magnets.build(row.info_hash, row.name)


def _facts(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
