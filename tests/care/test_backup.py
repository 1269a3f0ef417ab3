"""A backup is a consistent copy of everything, and restoring it anywhere gives the same instance."""

from __future__ import annotations

import gc
import io
import threading
import tracemalloc

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import SetupLink, Share, User
from care.backups import BackupRefused, restore, write_backup
from care.backups.contents import LEFT_OUT, kept_models
from tests.care.households import HOSTILE, backed_up, edited, rows_of
from tests.factories import make_torrent, make_user
from torrents.models import (
    AddRequest,
    Heartbeat,
    Torrent,
    TorrentFile,
)

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["sqlite", "postgres"]


@pytest.mark.parametrize("kind", KINDS)
def test_restoring_into_an_empty_instance_brings_everything_back(household, make_instance, kind):
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
    well, said, _ = other.manage("createperson", "someone", given=b"a long enough password\n")
    assert well, said  # numbers of new rows go on after the restored ones


def test_every_table_is_kept_or_left_out_for_a_reason():
    named = {model._meta.label for model in apps.get_models()} | {
        model._meta.app_label for model in apps.get_models()
    }
    assert LEFT_OUT.keys() <= named
    assert {model._meta.label for model in kept_models()} >= {"accounts.User", "torrents.Torrent"}
    # Tables that Django makes for relations aren't among the models. Only those of `auth` may have them.
    several = {
        field
        for model in kept_models()
        for field in model._meta.many_to_many
        if field.remote_field.through._meta.auto_created
    }
    assert {field.related_model._meta.app_label for field in several} == {"auth"}


def test_a_backup_has_no_sessions_one_time_links_or_heartbeats(household, client):
    client.force_login(household.owner)
    SetupLink.objects.create(token_hash="a")
    Heartbeat.sign("worker nas")
    kept = rows_of(backed_up())
    assert not kept.keys() & {
        "sessions.Session",
        "accounts.SetupLink",
        "torrents.Heartbeat",
        "care.InstanceLease",
    }


class ReadAfter(io.BytesIO):
    """A file during whose writing another thread writes to the database, when a table begins."""

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


def test_writes_during_a_backup_are_not_in_it_and_not_blocked(household):
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


SAID = {
    "cut off": "incomplete or damaged",
    "no zip": "incomplete or damaged",
    "a row is missing": "rows are missing",
    "a row leads nowhere": "incomplete or damaged",
    "a column is missing": "incomplete or damaged",
    "no JSON": "incomplete or damaged",
    "no manifest": "incomplete or damaged",
    "another format": "format 2",
    "made by a newer version": "A newer version made this backup (torrents.9999_later)",
}


@pytest.mark.parametrize("how", SAID)
def test_a_damaged_backup_is_refused_and_changes_nothing(household, how):
    backup = backed_up()
    make_torrent(household.account, "Only here")
    before = rows_of(backed_up())
    with pytest.raises(BackupRefused) as refused:
        restore(io.BytesIO(damaged(backup, how)), replace=True)
    assert SAID[how] in str(refused.value)
    assert rows_of(backed_up()) == before


def test_an_instance_with_data_is_replaced_only_with_the_option_and_while_stopped(household):
    backup = backed_up()
    make_user("latecomer")
    Share.objects.all().delete()
    with pytest.raises(BackupRefused, match="--replace"):
        restore(io.BytesIO(backup))
    Heartbeat.sign("worker nas")
    with pytest.raises(CommandError, match="Stop web, worker, beat, and saver first"):
        call_command("restore", "nowhere.zip", "--replace")
    assert restore(io.BytesIO(backup), replace=True).rows["accounts.User"] == 4
    assert not User.objects.filter(username="latecomer").exists() and Share.objects.count() == 2
    assert rows_of(backed_up()) == rows_of(backup)


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
    """Collect garbage as usual, which the suite delays (tests/conftest.py)."""
    put_off = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*put_off)


def test_memory_does_not_grow_with_the_number_of_torrents(household, tmp_path, collecting):
    def peaks() -> tuple[int, int]:
        """Return the peak bytes for writing and for restoring."""
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

    many(household.account, 0, 130)
    few = peaks()
    many(household.account, 1000, 390)
    more = peaks()
    assert more[0] < 2 * few[0] and more[1] < 2 * few[1]  # of four times as much
