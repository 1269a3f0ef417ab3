"""Functions that make rows, with defaults for everything a test doesn't need to specify."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts import crypto
from accounts.models import Share, TorBoxAccount, UpstreamCall, User
from tests.passkeys import Passkey, b64
from torrents.folding import fold
from torrents.models import AddRequest, ControlRequest, FileNames, Torrent, TorrentFile, TorrentTag
from torrents.states import Status

PASSWORD = "a long enough password"


@dataclass
class Cast:
    """People: the owner has the account, the member may add to it, the viewer may view it, the outsider has no access."""

    owner: User
    member: User
    viewer: User
    outsider: User
    account: TorBoxAccount
    key: str


def make_user(name: str, role: str = User.Role.MEMBER, **fields: Any) -> User:
    return User.objects.create_user(
        username=name, password=PASSWORD, role=role, shown_name=name.title(), **fields
    )


def sign_in(client: Client, person: User) -> Client:
    """Sign in as if by the sign-in page a moment ago, but faster."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def make_passkey(person: User) -> tuple[Authenticator, Passkey]:
    """Make a passkey, and the authenticator for it."""
    passkey = Passkey()
    handle = b64(user_pk_to_url_str(person).encode())
    made = passkey.create({"publicKey": {"challenge": "", "user": {"id": handle}}})
    data = {"name": "Passkey", "credential": json.loads(made)}
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data), passkey


def make_key(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def make_account(owner: User, key: str, label: str = "Family", **fields: Any) -> TorBoxAccount:
    fields = {"seen_at": timezone.now(), "plan_read_at": timezone.now()} | fields
    return TorBoxAccount.objects.create(
        owner=owner,
        label=label,
        encrypted_key=crypto.encrypt(key),
        key_fingerprint=crypto.fingerprint(key),
        last_four=key[-4:],
        **fields,
    )


def make_cast(key: str) -> Cast:
    owner, member = make_user("owner", User.Role.OWNER), make_user("member")
    viewer, outsider = make_user("viewer"), make_user("outsider")
    account = make_account(owner, key)
    Share.objects.create(account=account, user=member, level=Share.Level.ADD)
    Share.objects.create(account=account, user=viewer, level=Share.Level.VIEW)
    return Cast(owner, member, viewer, outsider, account, key)


def make_hash(name: str) -> str:
    return hashlib.sha1(name.encode()).hexdigest()


def make_torrent(account: TorBoxAccount, name: str = "A film", **fields: Any) -> Torrent:
    defaults: dict[str, Any] = {
        "info_hash": make_hash(name),
        "status": Status.READY,
        "remote_id": 7,
        "size": 1_000_000,
        "file_count": 1,
    }
    torrent = Torrent.objects.create(account=account, name=name, **(defaults | fields))
    give_files(torrent, [f"{name}/part {number}.mkv" for number in range(torrent.file_count)])
    return torrent


def give_files(torrent: Torrent, paths: Sequence[str]) -> None:
    """Replace the files of a torrent."""
    torrent.files.all().delete()
    TorrentFile.objects.bulk_create(
        TorrentFile(torrent=torrent, remote_id=number, path=path, size=1000)
        for number, path in enumerate(paths)
    )
    FileNames.objects.filter(torrent=torrent).delete()
    if paths:
        FileNames.objects.create(torrent=torrent, text=fold("\n".join(paths)))


def tag(torrent: Torrent, *names: str) -> Torrent:
    """Replace the tags of a torrent."""
    torrent.tags = list(names)
    torrent.save(update_fields=["tags"])
    TorrentTag.objects.filter(torrent=torrent).delete()
    TorrentTag.objects.bulk_create(
        TorrentTag(account=torrent.account, torrent=torrent, name=name) for name in names
    )
    return torrent


def let_waiting_end(account: TorBoxAccount) -> None:
    """Let an hour pass for waiting, unsure, and claimed requests, and end TorBox's pauses."""
    now = timezone.now()
    past = now - timedelta(hours=1)
    requests = AddRequest.objects.filter(torrent__account=account)
    requests.update(due_at=now)
    requests.exclude(unsure_since=None).update(unsure_since=past)
    requests.exclude(claimed_at=None).update(claimed_at=past)
    ControlRequest.objects.filter(torrent__account=account).update(due_at=past)
    UpstreamCall.objects.filter(account=account).update(retry_at=None)
    TorBoxAccount.objects.filter(pk=account.pk).update(probe_at=None)
