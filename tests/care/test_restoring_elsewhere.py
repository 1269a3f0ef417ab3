"""Backups restored on another instance: on any database, with or without keys, older, or damaged."""

from __future__ import annotations

import io
import json
import stat
from zipfile import ZipFile

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.api.factories import make_token
from tests.care.households import backed_up, edited, rows_of, without
from torrents.models import Activity, Torrent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_backup_without_keys_has_none_and_restoring_says_what_to_do(household, settings, make_instance):
    backup, other = backed_up(), make_instance()
    with ZipFile(io.BytesIO(backup)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    secrets = [household.key, settings.SECRET_KEY, *settings.ENCRYPTION_KEYS]
    assert not [secret for secret in secrets if secret.encode() in everything]
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well and "1 stored API key can't be read" in said and "Family (owner: owner)" in said


def test_with_the_keys_in_the_backup_stored_api_keys_can_be_read(household, make_instance):
    backup, other = backed_up(with_keys=True), make_instance()
    well, said, out = other.manage("restore", "-", given=backup)
    assert well and "can't be read" not in said
    assert f"encryption keys are now in {other.data / 'encryption-keys'}".encode() in out
    assert stat.S_IMODE((other.data / "encryption-keys").stat().st_mode) == 0o600
    read = "from accounts.models import *; from accounts.clients import is_readable\n"
    assert other.python(read + "print(is_readable(TorBoxAccount.objects.get()))") == "True"


def test_if_encryption_keys_is_set_restoring_says_where_those_of_the_backup_are(household, make_instance):
    other = make_instance("sqlite", ENCRYPTION_KEYS="x3Kj1rZpT9dQm7cGvW2bN8sL5fYhA4eUoI6tRkXwEzM=")
    well, said, out = other.manage("restore", "-", given=backed_up(with_keys=True))
    beside = other.data / "restored-encryption-keys"
    assert well and str(beside).encode() in out and "can't be read" in said
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


@pytest.mark.parametrize("same", [True, False])
def test_tokens_of_programs_work_if_secret_key_is_the_same(household, make_instance, settings, same):
    token = make_token(household.member, name="Sonarr")
    key = settings.SECRET_KEY if same else "another secret key, of 50 random letters and digits"
    backup, other = backed_up(with_keys=True), make_instance("sqlite", SECRET_KEY=key)
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well, said
    about = "from api.models import ApiToken; row = ApiToken.objects.get(name='Sonarr')\n"
    about += f"from api.services import tokens\nprint(row.is_unusable, bool(tokens.find('{token.text}')))"
    assert other.python(about) == ("False True" if same else "True False")


OLD = {"torrents": "0002_reliability", "accounts": "0004_call_totals"}  # before torrents could be hidden
YOUNGER_APPS = ("notifications", "links", "saving", "api")  # than all of these versions
SENTENCES = {"torrents": "0010_folded_names", "accounts": "0008_unread_rows"}  # before events were codes


def older(backup: bytes, version: dict[str, str], written=lambda label, fields: {}) -> bytes:
    """Return the backup as an older version would have written it: its tables with their columns.

    `written` returns what that version wrote into columns that are gone now, from table and fields. Else they have
    their default.
    """
    apps = MigrationLoader(None).project_state(list(version.items())).apps
    models = {model._meta.label: model for app in version for model in apps.get_app_config(app).get_models()}
    known = {*version, *YOUNGER_APPS}
    newer = {label for label in rows_of(backup) if label.split(".")[0] in known} - models.keys()

    def keep_columns(model):
        columns = {field.name: field for field in model._meta.concrete_fields if not field.primary_key}

        def edit(text: str) -> str:
            lines = []
            for row in (json.loads(line) for line in text.split("\n") if line):
                gone = {name: columns[name].get_default() for name in columns.keys() - row["fields"].keys()}
                gone |= written(model._meta.label, row["fields"])
                kept = without(row, row["fields"].keys() - columns.keys())
                lines.append(json.dumps(kept | {"fields": kept["fields"] | gone}) + "\n")
            return "".join(lines)

        return edit

    def forget_migrations(text: str) -> str:
        manifest = json.loads(text)
        for app in YOUNGER_APPS:
            del manifest["migrations"][app]
        for app, last in version.items():
            names = manifest["migrations"][app]
            manifest["migrations"][app] = [name for name in names if name <= last]
        for label in newer:
            del manifest["rows"][label]
        return json.dumps(manifest)

    edits = {f"{label}.jsonl": keep_columns(model) for label, model in models.items()}
    return edited(backup, edits | {"manifest.json": forget_migrations})


@pytest.mark.parametrize(("kind", "prepared"), [("sqlite", False), ("sqlite", True), ("postgres", False)])
def test_a_backup_of_an_older_version_is_brought_up_to_date(household, make_instance, kind, prepared):
    backup, other = backed_up(with_keys=True), make_instance(kind)
    if prepared:
        other.bring_up_to_date()
    well, said, _ = other.manage("restore", "-", given=older(backup, OLD))
    assert well, said
    _, _, again = other.manage("backup", "-")
    newer = ("EditRequest", "SavedView", "TorrentTag", "Usage", "UsageDay")
    known = rows_of(backup) | {"accounts.RecoveryLink": []} | {f"torrents.{name}": [] for name in newer}
    for row in known["torrents.Torrent"]:
        row["fields"]["tags"] = []  # TorBox's next list brings them
    found = {label: rows for label, rows in rows_of(again).items() if not label.startswith(YOUNGER_APPS)}
    assert found == {label: rows for label, rows in known.items() if not label.startswith(YOUNGER_APPS)}


def test_a_backup_from_before_notifications_tells_nothing_about_its_events(household, make_instance):
    other = make_instance()
    well, said, _ = other.manage("restore", "-", given=older(backed_up(with_keys=True), SENTENCES))
    assert well, said
    read = "from notifications.services.event_reader import read_events\nprint(read_events())"
    assert other.python(read) == "0"


EVENTS = {
    "Found in TorBox’s list.": {"kind": "sent", "code": "found"},
    "No free slot at TorBox": {"kind": "waited", "code": "no_slot"},
    "Pause: TorBox could not find it.": {
        "kind": "controlled",
        "code": "pause",
        "params": {"error": "not_found"},
    },
    "Resume: Désolé.": {
        "kind": "controlled",
        "code": "resume",
        "params": {"error": "refused"},
        "upstream_detail": "Désolé.",
    },
    "Extras/Été.mkv": {"kind": "link", "code": "file", "params": {"path": "Extras/Été.mkv"}},
    "Not enough space": {"kind": "failed", "upstream_detail": "Not enough space"},
}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_with_events_as_sentences_is_restored_as_codes(household, make_instance, kind):
    torrent = Torrent.objects.filter(status="ready").get()
    for event in EVENTS.values():
        Activity.record(torrent, **event)
    backup, other = backed_up(with_keys=True), make_instance(kind)

    def sentence(label: str, fields: dict) -> dict:
        if label != "torrents.Activity":
            return {}
        said = {name: fields[name] for name in ("kind", "code", "params", "upstream_detail") if fields[name]}
        return {"detail": next((detail for detail, event in EVENTS.items() if event == said), "")}

    well, said, _ = other.manage("restore", "-", given=older(backup, SENTENCES, sentence))
    assert well, said
    _, _, again = other.manage("backup", "-")
    restored = rows_of(again)["torrents.Activity"]
    assert restored == rows_of(backup)["torrents.Activity"] and len(restored) == 1 + len(EVENTS)


OLD_COLUMNS = {
    "torrents.Torrent": {
        "waiting_for": "No free slot at TorBox (3 of 3 in use)",
        "error": "Pause: TorBox could not find it.",
    },
    "torrents.ControlRequest": {"state": "failed", "error": "Not: now"},
    "torrents.AddRequest": {"waits_for": "month"},
    "accounts.TorBoxAccount": {"health": "unreachable", "health_detail": "dns"},
}
READ_CODES = """
from accounts.models import TorBoxAccount
from torrents.models import AddRequest, ControlRequest, Torrent

def distinct(rows, *columns):
    found = []
    for row in rows.order_by("pk").values_list(*columns):
        found += [] if row in found else [row]
    return found

columns = "reason", "reason_params", "upstream_detail"
print(distinct(Torrent.objects.exclude(status="waiting"), *columns))
print(distinct(Torrent.objects.filter(status="waiting"), *columns))
print(distinct(ControlRequest.objects, "reason", "upstream_detail"))
print(distinct(AddRequest.objects, "waits_for"))
print(distinct(TorBoxAccount.objects, "health_reason", "upstream_detail"))
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_with_reasons_as_sentences_is_restored_as_codes(household, make_instance, kind):
    backup = older(backed_up(with_keys=True), SENTENCES, lambda label, fields: OLD_COLUMNS.get(label, {}))
    other = make_instance(kind)
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well, said
    assert other.python(READ_CODES).split("\n") == [
        "[('not_found', {'operation': 'pause'}, '')]",
        "[('no_slot', {'used': 3, 'limit': 3}, '')]",
        "[('refused', 'Not: now')]",
        "[('month_used_up',)]",
        "[('dns', '')]",
    ]


def test_nul_characters_and_texts_that_are_too_long_can_be_restored_on_postgresql(household, make_instance):
    def spoil(text: str) -> str:
        return text.replace("Family", "Fam\\u0000ily" + "y" * 100)

    backup = edited(backed_up(), {"accounts.TorBoxAccount.jsonl": spoil})
    other = make_instance("postgres")
    well, said, _ = other.manage("restore", "-", given=backup)
    assert well, said
    label = other.python("from accounts.models import *; print(TorBoxAccount.objects.get().label)")
    assert label == "Family" + "y" * 54
