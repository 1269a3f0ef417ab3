"""Share links for the tests with a browser, with tokens that they know in advance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Stack

PASSWORD = "popcorn and salt"
SHARED, FILM, LOCKED, EXPIRED, COMING, HOSTILE = (
    f"{name:_<22}" for name in ("shared", "film", "locked", "expired", "coming", "hostile")
)
SHARE = """
from datetime import timedelta
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from accounts.models import User
from links.models import LastingLink
from links.tokens import hash_of, new_nonce
from torrents.models import Torrent
person = User.objects.get(username={name!r})
torrents = Torrent.objects.visible_to(person)
fields = {{"expires_at": timezone.now() + timedelta(days=28)}} | {fields!r}
fields["torrent"] = torrents.filter(name__startswith={torrent!r}).order_by("pk").first()
if "path" in fields:
    fields["path"] = fields["torrent"].files.get(path__endswith=fields["path"]).path
if "password" in fields:
    fields["password"] = make_password(fields["password"])
if fields.pop("expired", False):
    fields["expires_at"] = timezone.now() - timedelta(days=1)
new = {{"maker": person, "kind": "share", "nonce": new_nonce()}}
LastingLink.objects.update_or_create(token_hash=hash_of({token!r}), defaults=new | fields)
"""
FRIEND = """
from accounts.models import Share, TorBoxAccount, User
friend = User.objects.get(username="frieda")
for account in TorBoxAccount.objects.filter(owner__username={owner!r}):
    Share.objects.get_or_create(account=account, user=friend, defaults={{"level": "view"}})
"""


def share(stack: Stack, name: str, torrent: str, token: str, **fields: object) -> str:
    """Make a share link of a person to the torrent whose name begins so, and return its address."""
    code = SHARE.format(name=name, torrent=torrent, token=token, fields=fields)
    stack.manage("shell", "-v", "0", "-c", code)
    return f"/l/{token}/"


def share_in_every_way(
    stack: Stack, name: str, torrent: str, film: str, coming: str, hostile: str = ""
) -> None:
    """Make links to a torrent and a film in it, and to torrents that aren't ready or have a hostile name."""
    share(stack, name, torrent, SHARED)
    share(stack, name, torrent, FILM, part="file", path=film)
    share(stack, name, torrent, LOCKED, password=PASSWORD)
    share(stack, name, torrent, EXPIRED, expired=True)
    share(stack, name, coming, COMING)
    if hostile:
        share(stack, name, hostile, HOSTILE)


def share_film(stack: Stack, owner: str) -> None:
    """Make these links to what `furnish` made, as a friend of `owner`, so that they are in no one's way."""
    stack.person("frieda")
    stack.manage("shell", "-v", "0", "-c", FRIEND.format(owner=owner))
    share_in_every_way(stack, "frieda", "Sintel", "1080p.mkv", coming="debian", hostile="<script>")
