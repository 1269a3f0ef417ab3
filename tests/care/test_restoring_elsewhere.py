"""A backup is restored by somebody else on a database of their choice: with its keys or without, older, or spoilt."""

from __future__ import annotations

import io
import json
import stat
from zipfile import ZipFile

import pytest

from tests.care.households import backed_up, edited, rows_of, without

pytestmark = pytest.mark.django_db(transaction=True)


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
