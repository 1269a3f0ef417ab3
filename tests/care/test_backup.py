"""A backup holds everything of one moment, and restoring it anywhere gives the same instance again."""

from __future__ import annotations

import gc
import io
import json
import stat
import threading
import tracemalloc
from datetime import timedelta
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import services
from accounts.models import SetupLink, Share, UpstreamCall, User
from care.backups import Refused, restore, write_backup
from care.backups.tables import LEFT_OUT, kept_models
from tests.factories import make_cast, make_key, make_passkey, make_torrent, make_user
from torrents.models import (
    Activity,
    AddRequest,
    Batch,
    ControlRequest,
    CreateCall,
    Heartbeat,
    Torrent,
    TorrentFile,
)
from torrents.services import pruning
from torrents.states import Status

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["sqlite", "postgres"]
HOSTILE = "línea\n\u202eevil\t\"quotes\" 'and' \\ 🎬 \u2028 </script>"
# What restoring changes on purpose: docs/backing-up.md#after-restoring
SETTLED = {
    "torrents.AddRequest": {"state", "unsure_since", "due_at", "claimed_at"},
    "accounts.TorBoxAccount": {"revision", "next_refresh_at", "fresh_wanted"},
}


@pytest.fixture
def household():
    """A row in every table, with whatever is hard to carry along."""
    cast = make_cast(make_key("backup"))
    make_passkey(cast.owner)
    Authenticator.objects.create(user=cast.member, type="totp", data={"secret": "gAAAA", "n": [1, None]})
    services.invite(owner=cast.owner, role="guest")
    done = make_torrent(cast.account, HOSTILE, progress=1 / 3, file_count=3, added_by=cast.member)
    blob = bytes(range(256)) * 4
    AddRequest.objects.create(torrent=done, state="done", torrent_file=blob, known_cached=True)
    for state in ("waiting", "sending", "failed"):
        wish = make_torrent(cast.account, state, status=Status.WAITING, remote_id=None, file_count=0)
        AddRequest.objects.create(torrent=wish, state=state, magnet="magnet:?xt=urn:btih:" + wish.info_hash)
    batch = Batch.objects.create(person=cast.owner, operation="pause")
    ControlRequest.objects.create(torrent=done, batch=batch, person=cast.owner, operation="pause")
    CreateCall.objects.create(account=cast.account)
    for hours in (1, 3):
        at = timezone.now() - timedelta(hours=hours)
        UpstreamCall.objects.create(account=cast.account, endpoint="mylist", outcome="ok", at=at)
    Activity.objects.create(account=cast.account, torrent=done, person=cast.owner, kind="added", name=HOSTILE)
    pruning.prune()
    return cast


def backed_up(**how) -> bytes:
    file = io.BytesIO()
    write_backup(file, **how)
    return file.getvalue()


def rows_of(backup: bytes) -> dict[str, list[dict]]:
    """Table to its rows, without what restoring changes on purpose."""
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


@pytest.mark.parametrize("kind", KINDS)
def test_restored_into_an_empty_instance_everything_is_there_again(household, make_instance, kind):
    backup, other = backed_up(with_keys=True), make_instance(kind)
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well, said
    well, said, again = other.manage("backup", "-")
    assert well, said
    before = rows_of(backup)
    assert rows_of(again) == before
    assert {label for label, rows in before.items() if rows} >= {
        model._meta.label for model in kept_models() if model._meta.app_label != "account"
    }
    well, said, _ = other.manage("createperson", "somebody", given=b"a long enough password\n")
    assert well, said  # numbers of new rows go on after the restored ones


def test_every_table_is_kept_or_left_out_for_a_reason():
    named = {model._meta.label for model in apps.get_models()} | {
        model._meta.app_label for model in apps.get_models()
    }
    assert LEFT_OUT.keys() <= named
    assert {model._meta.label for model in kept_models()} >= {"accounts.User", "torrents.Torrent"}
    several = {field for model in kept_models() for field in model._meta.many_to_many}
    assert {field.related_model._meta.app_label for field in several} == {"auth"}


def test_it_holds_no_session_no_one_time_link_and_no_sign_of_life(household, client):
    client.force_login(household.owner)
    SetupLink.objects.create(token_hash="a")
    Heartbeat.sign("worker nas")
    kept = rows_of(backed_up())
    assert not kept.keys() & {"sessions.Session", "accounts.SetupLink", "torrents.Heartbeat", "care.Lease"}


def test_without_keys_it_holds_none_and_restoring_says_what_is_needed(household, settings, make_instance):
    backup, other = backed_up(), make_instance()
    with ZipFile(io.BytesIO(backup)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    secrets = [household.key, settings.SECRET_KEY, *settings.ENCRYPTION_KEYS]
    assert not [secret for secret in secrets if secret.encode() in everything]
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well and "1 stored API key cannot be read" in said and "Family of owner" in said


def test_with_keys_the_stored_api_keys_can_be_read_again(household, make_instance):
    backup, other = backed_up(with_keys=True), make_instance()
    well, said, out = other.manage("restore", "-", given=backup)
    assert well and "cannot be read" not in said
    assert f"encryption keys are in {other.data / 'encryption-keys'} now".encode() in out
    assert stat.S_IMODE((other.data / "encryption-keys").stat().st_mode) == 0o600
    read = "from accounts.models import *; from accounts.clients import is_readable\n"
    assert other.python(read + "print(is_readable(TorBoxAccount.objects.get()))") == "True"


def test_where_encryption_keys_are_set_it_says_where_those_of_the_backup_are(household, make_instance):
    other = make_instance("sqlite", ENCRYPTION_KEYS="x3Kj1rZpT9dQm7cGvW2bN8sL5fYhA4eUoI6tRkXwEzM=")
    well, said, out = other.manage("restore", "-", given=backed_up(with_keys=True))
    beside = other.data / "restored-encryption-keys"
    assert well and str(beside).encode() in out and "cannot be read" in said
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


class ReadAfter(io.BytesIO):
    """Lets somebody else write to the database once the backup has begun with a table."""

    def __init__(self, table: str, act) -> None:
        super().__init__()
        self.table, self.act, self.done = table.encode(), act, False

    def write(self, data) -> int:
        if not self.done and self.table in bytes(data):
            self.done = True
            thread = threading.Thread(target=self._write)
            thread.start()
            thread.join()
        return super().write(data)

    def _write(self) -> None:
        self.act()
        connection.close()


def test_what_is_written_meanwhile_is_not_in_it_and_nobody_waits(household):
    def somebody_adds() -> None:
        torrent = make_torrent(household.account, "Meanwhile", file_count=2)
        AddRequest.objects.create(torrent=torrent)
        Torrent.objects.filter(name=HOSTILE).delete()

    file = ReadAfter("torrents.Torrent.jsonl", somebody_adds)
    write_backup(file)
    kept = rows_of(file.getvalue())
    assert file.done and Torrent.objects.filter(name="Meanwhile").exists()
    names = {row["pk"]: row["fields"]["name"] for row in kept["torrents.Torrent"]}
    assert "Meanwhile" not in names.values() and HOSTILE in names.values()
    assert {row["fields"]["torrent"] for row in kept["torrents.TorrentFile"]} <= names.keys()
    assert len(kept["torrents.TorrentFile"]) == 3 and len(kept["torrents.AddRequest"]) == 4


def damaged(backup: bytes, how: str) -> bytes:
    if how == "cut off":
        return backup[: len(backup) // 2]
    if how == "no zip":
        return b"SQLite format 3\0" + bytes(2000)
    edits = {
        "a row is missing": ("torrents.TorrentFile.jsonl", lambda text: text.partition("\n")[2]),
        "a row leads nowhere": (
            "torrents.TorrentFile.jsonl",
            lambda text: text.replace('"torrent": ', '"torrent": 99', 1),
        ),
        "a column is missing": ("torrents.Torrent.jsonl", lambda text: text.replace('"size"', '"seize"', 1)),
        "no JSON": ("accounts.User.jsonl", lambda text: text[:40]),
        "no manifest": ("manifest.json", None),
        "another format": ("manifest.json", lambda text: text.replace('"format": 1', '"format": 2')),
        "made by a newer version": (
            "manifest.json",
            lambda text: text.replace('"torrents": [', '"torrents": ["9999_later",'),
        ),
    }
    return edited(backup, dict([edits[how]]))


def edited(backup: bytes, edits: dict) -> bytes:
    """The backup with the text of some members changed, or without them."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(backup)) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            edit = edits.get(name, lambda text: text)
            if edit:
                new.writestr(name, edit(old.read(name).decode()))
    return file.getvalue()


SAID = {
    "cut off": "no whole backup",
    "no zip": "no whole backup",
    "a row is missing": "rows are missing",
    "a row leads nowhere": "no whole backup",
    "a column is missing": "no whole backup",
    "no JSON": "no whole backup",
    "no manifest": "no whole backup",
    "another format": "format 2",
    "made by a newer version": "made by a newer version (torrents.9999_later)",
}


@pytest.mark.parametrize("how", SAID)
def test_what_is_no_whole_backup_is_refused_and_changes_nothing(household, how):
    backup = backed_up()
    make_torrent(household.account, "Only here")
    before = rows_of(backed_up())
    with pytest.raises(Refused) as refused:
        restore(io.BytesIO(damaged(backup, how)), replace=True)
    assert SAID[how] in str(refused.value)
    assert rows_of(backed_up()) == before


def test_an_instance_that_holds_something_is_replaced_only_when_that_is_said_and_nothing_runs(household):
    backup = backed_up()
    make_user("latecomer")
    Share.objects.all().delete()
    with pytest.raises(Refused, match="--replace"):
        restore(io.BytesIO(backup))
    Heartbeat.sign("worker nas")
    with pytest.raises(CommandError, match="Stop web, worker and beat first"):
        call_command("restore", "nowhere.zip", "--replace")
    assert restore(io.BytesIO(backup), replace=True).rows["accounts.User"] == 4
    assert not User.objects.filter(username="latecomer").exists() and Share.objects.count() == 2
    assert rows_of(backed_up()) == rows_of(backup)


def older(backup: bytes) -> bytes:
    """As the version before torrents could be hidden would have written it."""

    def forget(*names: str):
        def edit(text: str) -> str:
            rows = [json.loads(line) for line in text.split("\n") if line]
            return "".join(json.dumps(without(row, set(names))) + "\n" for row in rows)

        return edit

    def forget_migration(text: str) -> str:
        manifest = json.loads(text)
        names = manifest["migrations"]["torrents"]
        manifest["migrations"]["torrents"] = [name for name in names if name < "0003"]
        del manifest["rows"]["torrents.FileNames"]
        return json.dumps(manifest)

    return edited(
        backup,
        {
            "torrents.Torrent.jsonl": forget("hidden", "list_digest"),
            "torrents.Activity.jsonl": forget("hidden", "seen_by"),
            "manifest.json": forget_migration,
        },
    )


@pytest.mark.parametrize(("kind", "prepared"), [("sqlite", False), ("sqlite", True), ("postgres", False)])
def test_a_backup_of_an_older_version_is_brought_up_to_date(household, make_instance, kind, prepared):
    backup, other = backed_up(with_keys=True), make_instance(kind)
    if prepared:
        other.bring_up_to_date()
    well, said, _ = other.manage("restore", "-", given=older(backup))
    assert well, said
    _, _, again = other.manage("backup", "-")
    assert rows_of(again) == rows_of(backup)


def test_a_nul_character_and_a_text_that_is_too_long_do_not_keep_a_backup_out_of_postgresql(
    household, make_instance
):
    def spoil(text: str) -> str:
        return text.replace("Family", "Fam\\u0000ily" + "y" * 100)

    backup = edited(backed_up(), {"accounts.TorBoxAccount.jsonl": spoil})
    other = make_instance("postgres")
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well, said
    label = other.python("from accounts.models import *; print(TorBoxAccount.objects.get().label)")
    assert label == "Family" + "y" * 54


def many(account, first: int, number: int) -> None:
    torrents = Torrent.objects.bulk_create(
        Torrent(account=account, info_hash=f"{first + n:040x}", name=f"Torrent {n}") for n in range(number)
    )
    TorrentFile.objects.bulk_create(
        TorrentFile(torrent=torrent, remote_id=n, path=f"folder/file {n}.mkv", size=n)
        for torrent in torrents
        for n in range(8)
    )
    AddRequest.objects.bulk_create(
        AddRequest(torrent=torrent, state="done", torrent_file=b"x" * 40_000) for torrent in torrents
    )


@pytest.fixture
def collecting():
    """Garbage is collected as in life; the suite puts it off (tests/conftest.py)."""
    put_off = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*put_off)


def test_memory_does_not_grow_with_the_number_of_torrents(household, tmp_path, collecting):
    def peaks() -> tuple[int, int]:
        """Bytes for writing and for restoring."""
        tracemalloc.start()
        with (tmp_path / "backup.zip").open("wb") as file:
            write_backup(file)
        written = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        with (tmp_path / "backup.zip").open("rb") as file:
            restore(file, replace=True)
        restored = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, restored

    many(household.account, 0, 200)
    few = peaks()
    many(household.account, 1000, 600)
    more = peaks()
    assert more[0] < 2 * few[0] and more[1] < 2 * few[1]  # of four times as much
