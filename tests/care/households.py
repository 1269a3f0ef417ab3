"""A household with a row in every table, and functions to write, read, and edit its backups."""

from __future__ import annotations

import io
import json
from datetime import time, timedelta
from zipfile import ZipFile

from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts import services
from accounts.models import UpstreamCall
from api.models import ApiToken, Category, EndedSession, LinkToAdd
from care.backups import write_backup
from links.models import LastingLink, LinkPolicy, LinkUse
from links.tokens import hash_of, new_nonce, token_of
from notifications.models import NotificationSettings, PushKey
from notifications.services.choices import choose, follow
from notifications.services.publishing import publish
from saving.models import Folder, Job, JobFile, Rule, RuleMatch, SaveFirst, SavingSettings
from tests.api.factories import make_token
from tests.factories import Cast, make_cast, make_key, make_passkey, make_torrent
from tests.notifications.drafts import draft, make_channel
from torrents.models import (
    Activity,
    AddRequest,
    Batch,
    ControlRequest,
    CreateCall,
    EditRequest,
    SavedView,
    Torrent,
    TorrentTag,
    Usage,
    UsageDay,
)
from torrents.services.upkeep import pruning
from torrents.states import Status

HOSTILE = "línea\n\u202eevil\t\"quotes\" 'and' \\ 🎬 \u2028 </script>"
# The fields that restoring changes on purpose (docs/backing-up.md#after-restoring).
SETTLED = {
    "torrents.AddRequest": {"state", "unsure_since", "due_at", "claimed_at"},
    "notifications.Delivery": {"state", "ended_at"},
    "saving.Job": {"claim", "claimed_until", "after_due_at"},
    "accounts.TorBoxAccount": {"revision", "shown_revision", "next_refresh_at", "fresh_wanted"},
}


def make_household() -> Cast:
    """Make a row in every table, with values that are hard to preserve."""
    cast = make_cast(make_key("backup"))
    make_passkey(cast.owner)
    Authenticator.objects.create(user=cast.member, type="totp", data={"secret": "gAAAA", "n": [1, None]})
    services.invite(owner=cast.owner, role="guest")
    services.invite_back(owner=cast.owner, person=cast.viewer)
    done = make_torrent(
        cast.account, HOSTILE, progress=1 / 3, file_count=3, added_by=cast.member, tags=[HOSTILE, ""]
    )
    blob = bytes(range(256)) * 4
    AddRequest.objects.create(torrent=done, state="done", torrent_file=blob, known_cached=True)
    for state in ("waiting", "sending", "failed"):
        new_torrent = make_torrent(cast.account, state, status=Status.WAITING, remote_id=None, file_count=0)
        AddRequest.objects.create(
            torrent=new_torrent, state=state, magnet="magnet:?xt=urn:btih:" + new_torrent.info_hash
        )
    batch = Batch.objects.create(person=cast.owner, operation="pause")
    ControlRequest.objects.create(torrent=done, batch=batch, person=cast.owner, operation="pause")
    TorrentTag.objects.create(account=cast.account, torrent=done, name=HOSTILE)
    EditRequest.objects.create(
        torrent=done, person=cast.owner, name=HOSTILE, added_tags=[HOSTILE], before={"tags": []}
    )
    SavedView.objects.create(person=cast.member, name=HOSTILE[:40], query={"tag": [HOSTILE]}, is_default=True)
    Usage.objects.create(account=cast.account, read_at=timezone.now(), airlock_used=2**40)
    UsageDay.objects.create(account=cast.account, day=timezone.now().date(), downloaded=2**41)
    CreateCall.objects.create(account=cast.account)
    for hours in (1, 3):
        at = timezone.now() - timedelta(hours=hours)
        UpstreamCall.objects.create(account=cast.account, endpoint="mylist", outcome="ok", at=at)
    Activity.about(done, "added", person=cast.owner).save()
    _share(cast, done)
    _notify(cast, done)
    _save(cast, done)
    _let_programs_in(cast)
    pruning.prune()
    return cast


def _share(cast: Cast, torrent: Torrent) -> None:
    """Make a row in every table of lasting links, except for kept addresses, which backups leave out."""
    LinkPolicy.objects.create(made_by=LinkPolicy.MadeBy.MEMBERS)
    for about in (
        {"kind": "share", "torrent": torrent, "part": "file", "path": HOSTILE},
        {"kind": "podcast"},
    ):
        nonce = new_nonce()
        link = LastingLink.objects.create(
            maker=cast.member,
            nonce=nonce,
            token_hash=hash_of(token_of(nonce)),
            name=HOSTILE[:60],
            query={"tag": [HOSTILE]},
            max_uses=5,
            uses=1,
            expires_at=timezone.now() + timedelta(days=30),
            **about,
        )
        LinkUse.objects.create(link=link, torrent=torrent, visitor="0" * 32)


def _notify(cast: Cast, torrent: Torrent) -> None:
    """Make a row in every table of notifications."""
    channel = make_channel(cast.owner, household=True, label=HOSTILE[:60])
    choose(cast.member, {("ready", channel.pk): True, ("failed", "push"): False})
    follow(cast.viewer, torrent.pk)
    NotificationSettings.objects.create(person=cast.member, quiet_from=time(22, 30), quiet_until=time(7))
    PushKey.objects.create(public="public", encrypted_private="gAAAA")
    about = {"torrent": torrent, "account": cast.account, "name": HOSTILE, "params": {"path": HOSTILE}}
    publish([draft(cast.owner, "failed", actor=cast.member, **about) for _ in range(6)])


def _save(cast: Cast, torrent: Torrent) -> None:
    """Make a row in every table of saving to disk."""
    SavingSettings.objects.create(full_from=time(22), full_until=time(7), limit=2**33, other_limit=5_000_000)
    folder = Folder.objects.create(name="Films", path="films", floor=2**40, for_everyone=False)
    folder.people.add(cast.member)
    rule = Rule.objects.create(kind="tag", tag=HOSTILE[:50], folder=folder, made_by=cast.owner, position=0)
    RuleMatch.objects.create(rule=rule, torrent=torrent)
    SaveFirst.objects.create(torrent=torrent, person=cast.member)
    about = {
        "torrent": torrent,
        "account": cast.account,
        "person": cast.member,
        "folder": folder,
        "rule": rule,
    }
    job = Job.objects.create(
        path=folder.path,
        base=HOSTILE,
        cause_params={"file": HOSTILE},
        claim="saver",
        after_due_at=timezone.now(),
        unpacked=[[HOSTILE, 2**40]],
        **about,
    )
    JobFile.objects.create(
        job=job, folder=folder, remote_id=2**40, path=HOSTILE, target=HOSTILE, target_key="0" * 64, size=2**40
    )


def _let_programs_in(cast: Cast) -> None:
    """Make a row in every table of the API, except for answers, which backups leave out."""
    ends = timezone.now() + timedelta(days=30)
    used = {"last_used_on": timezone.now().date(), "last_used_from": "2001:db8::1"}
    token = make_token(cast.member, name=HOSTILE[:60], expires_at=ends).row
    ApiToken.objects.filter(pk=token.pk).update(**used)
    Category.objects.create(person=cast.member, name=HOSTILE[:50], rule=Rule.objects.get())
    EndedSession.objects.create(token=token, session="a" * 12)
    LinkToAdd.objects.create(person=cast.member, url="https://example.org/a.torrent", wish={"name": HOSTILE})


def backed_up(**how) -> bytes:
    file = io.BytesIO()
    write_backup(file, **how)
    return file.getvalue()


def rows_of(backup: bytes) -> dict[str, list[dict]]:
    """Return the rows by table, without the fields that restoring changes on purpose."""
    found = {}
    with ZipFile(io.BytesIO(backup)) as archive:
        for name in archive.namelist():
            label = name.removesuffix(".jsonl")
            if label != name:
                rows = [json.loads(line) for line in archive.read(name).decode().split("\n") if line]
                found[label] = [without(row, SETTLED.get(label, set())) for row in rows]
    return found


def without(row: dict, names: set[str]) -> dict:
    return row | {"fields": {name: value for name, value in row["fields"].items() if name not in names}}


def edited(backup: bytes, edits: dict) -> bytes:
    """Return the backup with the text of some members edited, or without them."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(backup)) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            edit = edits.get(name, lambda text: text)
            if edit:
                new.writestr(name, edit(old.read(name).decode()))
    return file.getvalue()
