"""Make, change, revoke, and renew lasting links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.deadlines import recent
from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Torrent
from torrents.selection import Selection, query_of

from ..endings import NoSuchItem
from ..models import KeptAddress, LastingLink, LinkUse
from ..models.links import MAX_LINK_NAME
from ..tokens import hash_of, new_nonce, token_of
from .opening import Opened, reopened
from .policy import may_have_links

Kind, Part = LastingLink.Kind, LastingLink.Part
GOOD_FOR = timedelta(days=30)
EXPORT_GOOD_FOR = timedelta(days=30)
RESTORABLE_FOR = timedelta(hours=1)
CHANGEABLE = {"part", "path", "expires_at", "max_uses", "password"}


class NotAllowed(Exception):
    """Links are switched off for this person, or this link isn't theirs to change."""


def share_of(person: User, torrent: Torrent) -> LastingLink | None:
    """Return the person's newest share link to a torrent that hasn't ended."""
    mine = LastingLink.objects.of(person).in_force(timezone.now())
    return mine.filter(kind=Kind.SHARE, torrent=torrent).first()


@sensitive_variables("password")
def share(
    *,
    person: User,
    torrent: Torrent,
    part: str = Part.ALL,
    path: str = "",
    expires_at: datetime | None,
    max_uses: int | None = None,
    password: str = "",
) -> Opened:
    """Make a link with a page to a torrent, or to a folder or file of it.

    Raises `NotAllowed`, and `NoSuchItem` if the torrent has no such folder or file.
    """
    _check_allowed(person)
    made = _new(Kind.SHARE, person, torrent, expires_at=expires_at, max_uses=max_uses)
    made.link.part, made.link.path = _part(torrent, part, path)
    made.link.password = _hashed(password)
    made.link.save(force_insert=True)
    return made


@sensitive_variables("fields")
@in_transaction
def change(*, person: User, link: LastingLink, **fields: Any) -> LastingLink:
    """Change `part` and `path`, `expires_at`, `max_uses`, or `password` ("" removes it) of the person's own link.

    The link stays the same. Raises `NotAllowed`, and `NoSuchItem` if the torrent has no such folder or file.
    """
    if unknown := fields.keys() - CHANGEABLE:
        raise TypeError(f"A link has no {', '.join(sorted(unknown))} to change.")
    _check_allowed(person)
    row = _lock_own(person, link)
    if "part" in fields or "path" in fields:
        part, path = fields.get("part", row.part), fields.get("path", row.path)
        fields["part"], fields["path"] = _part(row.torrent, part, path)
    if "password" in fields:
        fields["password"] = _hashed(fields["password"])
    return _write(row, **fields)


@in_transaction
def export_links(*, person: User, torrents: Sequence[Torrent]) -> dict[int, Opened]:
    """Return a link for exports by the key of each torrent: the one that works, good for 30 days again, or a new one.

    Raises `NotAllowed`.
    """
    _check_allowed(person)
    lock_accounts(torrent.account_id for torrent in torrents)  # so that a second export finds these links
    by_pk = {torrent.pk: torrent for torrent in torrents}
    until = timezone.now() + EXPORT_GOOD_FOR
    found = _known_exports(person, by_pk)
    known = [opened.link.pk for opened in found.values()]
    LastingLink.objects.filter(pk__in=known, expires_at__lt=until).update(expires_at=until)
    new = {
        pk: _new(Kind.EXPORT, person, torrent, expires_at=until)
        for pk, torrent in by_pk.items()
        if pk not in found
    }
    LastingLink.objects.bulk_create([made.link for made in new.values()], batch_size=500)
    return found | new


def make_list(
    *, person: User, kind: str, name: str, query: Mapping[str, Any], expires_at: datetime | None
) -> Opened:
    """Make a playlist or podcast of the ready media that `query` selects for the person. Raises `NotAllowed`."""
    _check_allowed(person)
    made = _new(Kind(kind), person, None, expires_at=expires_at)
    made.link.name = name.strip()[:MAX_LINK_NAME]
    selection = Selection(person, query_of(dict(query)))
    account = selection.unseen_account  # Without it, the list would be about all accounts.
    made.link.query = selection.savable | ({"account": account} if account else {})
    made.link.save(force_insert=True)
    return made


@in_transaction
def revoke(*, person: User, links: Sequence[LastingLink]) -> list[int]:
    """Revoke links that the person may revoke, and return the keys of those that were still in force."""
    now = timezone.now()
    theirs = LastingLink.objects.revocable_by(person).filter(pk__in=[link.pk for link in links])
    locked = [link.pk for link in theirs.select_for_update(of=("self",)).order_by("pk")]
    rows = LastingLink.objects.filter(pk__in=locked)
    working = list(rows.in_force(now).values_list("pk", flat=True))
    rows.filter(pk__in=working).update(revoked_at=now, revoked_by=person)
    KeptAddress.objects.filter(link__in=locked).delete()
    return working


def restore(*, person: User, keys: Sequence[int]) -> int:
    """Undo `revoke` within an hour, for the person who did it, and return how many links are in force again."""
    now = timezone.now()
    theirs = LastingLink.objects.revocable_by(person).filter(pk__in=keys, revoked_by=person)
    revoked = list(theirs.filter(recent("revoked_at", RESTORABLE_FOR, now)).values_list("pk", flat=True))
    rows = LastingLink.objects.filter(pk__in=revoked)
    rows.update(revoked_at=None, revoked_by=None)
    return rows.in_force(now).count()


@in_transaction
def renew(*, person: User, link: LastingLink) -> LastingLink:
    """Make the person's own ended link work for another 30 days, with its uses counted anew.

    A link that was good for longer stays so. Raises `NotAllowed`, also for a link that someone else revoked.
    """
    _check_allowed(person)
    row = _lock_own(person, link)
    if row.revoked_by_other:
        raise NotAllowed
    LinkUse.objects.filter(link=row).delete()
    until = row.expires_at and max(row.expires_at, timezone.now() + GOOD_FOR)
    return _write(row, expires_at=until, uses=0, revoked_at=None, revoked_by=None)


def _check_allowed(person: User) -> None:
    if not may_have_links(person):
        raise NotAllowed


def _new(kind: str, person: User, torrent: Torrent | None, **fields: Any) -> Opened:
    """Return an unsaved link with a new token."""
    nonce = new_nonce()
    token = token_of(nonce)
    link = LastingLink(
        kind=kind, maker=person, torrent=torrent, nonce=nonce, token_hash=hash_of(token), **fields
    )
    return Opened(link, token)


def _lock_own(person: User, link: LastingLink) -> LastingLink:
    """Lock a link that the person made, and return it as it is now."""
    own = LastingLink.objects.of(person).select_for_update(of=("self",)).select_related("maker", "torrent")
    row = own.filter(pk=link.pk).first()
    if row is None:
        raise NotAllowed
    return row


def _write(link: LastingLink, **fields: Any) -> LastingLink:
    """Change a link that is locked. Addresses kept for it may lead out of the part that it leads to now."""
    for name, value in fields.items():
        setattr(link, name, value)
    link.save(update_fields=list(fields))
    KeptAddress.objects.filter(link=link).delete()
    return link


def _part(torrent: Torrent | None, part: str, path: str) -> tuple[str, str]:
    """Return a part of a torrent as it is stored. Raises `NoSuchItem` if there is no such folder or file."""
    part = Part(part)
    if part == Part.ALL:
        return part, ""
    found = Q(path=path) if part == Part.FILE else Q(path__startswith=f"{path}/")
    paths = torrent.files.filter(found).values_list("path", flat=True) if torrent and path else ()
    # SQLite ignores the case of letters at the beginning of a text.
    if not any(file == path or file.startswith(f"{path}/") for file in paths):
        raise NoSuchItem
    return part, path


def _hashed(password: str) -> str:
    return make_password(password) if password else ""


def _known_exports(person: User, torrents: Mapping[int, Torrent]) -> dict[int, Opened]:
    """Return the person's newest export link to each torrent that their exports can use again."""
    # An old playlist that got into other hands must not work again once it has expired.
    mine = (
        LastingLink.objects.of(person)
        .in_force(timezone.now())
        .filter(kind=Kind.EXPORT, torrent__in=torrents, max_uses=None, password="")
    )
    found = {}
    for link in mine.order_by("created_at", "pk"):
        if opened := reopened(link):
            link.maker, link.torrent = person, torrents[link.torrent_id or 0]
            found[link.torrent_id or 0] = opened
    return found
