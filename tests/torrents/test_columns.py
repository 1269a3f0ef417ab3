"""A column that TorBox's list fills is declared once, and fills itself on rows that were there before it."""

from __future__ import annotations

import hashlib
import marshal
import re
from pathlib import Path

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.clients import client_for
from torrents.models import Torrent
from torrents.models.listed import COLUMNS, MAX_TEXTS
from torrents.services.actions import adding
from torrents.services.sync import refreshing
from torrents.states import Status

ROOT = Path(__file__).parents[2]
PACKAGES = ("accounts", "torrents", "care", "torbox_web", "bench")
BEFORE = [("torrents", "0010_folded_names")]
BEFORE_CHECKSUMS = [("torrents", "0019_saving")]
VERSION_BEFORE = "ce7e4b32"  # of the columns at that time
# What version 0010 made the digest of a row of.
COPIED_BEFORE = (
    "size", "progress", "download_speed", "upload_speed", "eta", "seeds", "peers", "ratio", "availability", "active",
    "cached", "private", "seed_torrent", "tracker", "tracker_message", "total_downloaded", "total_uploaded",
    "cached_at", "expires_at",
)  # fmt: skip


def seed(sim, cast, **spec) -> None:
    sim.control.seed(torrents=[{"key": cast.key, "state": "completed"} | spec])


def read(cast) -> None:
    cast.account.refresh_from_db()
    assert refreshing.refresh(cast.account, fresh=True)
    cast.account.refresh_from_db()


def digest_before(item) -> str:
    values = [
        item.id, item.name, item.state, item.error, item.magnet, item.download_finished, item.download_present,
        *(getattr(item, name) for name in COPIED_BEFORE), *item.unread,
    ]  # fmt: skip
    return hashlib.blake2b(repr(values).encode("utf-8", "replace"), digest_size=16).hexdigest()


def listed_row(sim, cast) -> dict:
    """Return the only row of TorBox's list as it is sent."""
    url, headers = f"{sim.url}/v1/api/torrents/mylist", {"Authorization": f"Bearer {cast.key}"}
    (row,) = requests.get(url, {"bypass_cache": "true"}, headers=headers, timeout=10).json()["data"]
    return row


def files_digest_before(item) -> str:
    values = [(file.id, file.path, file.size, file.mime_type) for file in item.files]
    return hashlib.blake2b(repr(values).encode("utf-8", "replace"), digest_size=16).hexdigest()


def list_digest_before(row: dict) -> str:
    return hashlib.blake2b(marshal.dumps(row, 0), digest_size=16, person=b"torrents 4").hexdigest()


@pytest.mark.django_db(transaction=True)
def test_rows_known_before_get_their_tags_from_a_list_that_did_not_change(cast, sim, request):
    seed(sim, cast, hash=f"{1:040x}", tags=["books", "to read"])
    seed(sim, cast, hash=f"{2:040x}")
    read(cast)
    with client_for(cast.account) as client:
        items = client.list_torrents(fresh=True)
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old = executor.loader.project_state(BEFORE).apps.get_model("torrents", "Torrent")
    for item in items:
        rows = old.objects.filter(info_hash=item.info_hash)
        assert rows.update(row_digest=digest_before(item), list_digest=item.digest) == 1
    call_command("migrate", verbosity=0)
    assert [row.tags for row in Torrent.objects.order_by("info_hash")] == [[], []]
    read(cast)
    assert [row.tags for row in Torrent.objects.order_by("info_hash")] == [["books", "to read"], []]
    revision = cast.account.revision
    read(cast)
    assert cast.account.revision == revision, "rows are read again once, not each time"


@pytest.mark.django_db(transaction=True)
def test_files_known_before_get_their_checksums_from_a_list_that_did_not_change(cast, sim, request):
    work = sim.control.make_work("An open film", {"a.mkv": 5000, "b.srt": 700, "c.mkv": 0})
    seed(sim, cast, work=work)
    read(cast)
    with client_for(cast.account) as client:
        (item,) = client.list_torrents(fresh=True)
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE_CHECKSUMS)
    old = executor.loader.project_state(BEFORE_CHECKSUMS).apps.get_model("torrents", "Torrent")
    # The row's own digest is that of today, as if only files had another column.
    digests = files_digest_before(item), VERSION_BEFORE + list_digest_before(listed_row(sim, cast))
    assert old.objects.update(files_digest=digests[0], list_digest=digests[1]) == 1
    call_command("migrate", verbosity=0)
    row = Torrent.objects.get()
    assert [file.md5 for file in row.files.all()] == ["", "", ""]
    read(cast)
    known = {file.path: file.md5 for file in row.files.all() if file.md5}
    assert known == {path: hashlib.md5(work.expected_bytes(path)).hexdigest() for path in known}
    assert 0 < len(known) < 3, "TorBox knows some"
    revision = cast.account.revision
    read(cast)
    assert cast.account.revision == revision, "rows are read again once, not each time"


def test_a_list_with_another_checksum_changes_the_file(cast, sim):
    work = sim.control.make_work("An open film", {"a.mkv": 5000})
    seed(sim, cast, work=work)
    read(cast)
    row = Torrent.objects.get()
    (file,) = listed_row(sim, cast)["files"]
    sim.control.odd_row(cast.key, work.info_hash, {"files": [file | {"md5": "AB" * 16}]})
    read(cast)
    assert [file.md5 for file in row.files.all()] == ["ab" * 16]


def test_a_list_with_other_tags_changes_the_row(cast, sim):
    seed(sim, cast, tags=["books"])
    read(cast)
    before, row = cast.account.revision, Torrent.objects.get()
    with client_for(cast.account) as client:
        client.edit_torrent(
            row.remote_id, name=row.name, tags=["films", "4K"], alternative_hashes=[], airlocked=False
        )
    read(cast)
    row.refresh_from_db()
    assert row.tags == ["films", "4K"]
    assert cast.account.revision == row.revision > before


def test_texts_from_torbox_are_bounded_in_length_and_number(cast, sim):
    hostile = ["x" * 3000, "nul\0and\x1b[31mmore", *(f"tag {number}" for number in range(200))]
    seed(sim, cast, hash=f"{1:040x}")
    values = {"tags": hostile, "tracker": "udp://" + "y" * 900, "download_state": "z" * 900}
    sim.control.odd_row(cast.key, f"{1:040x}", values)
    read(cast)
    row = Torrent.objects.get()
    assert row.tags[:3] == ["x" * 100, "nuland[31mmore", "tag 0"] and len(row.tags) == MAX_TEXTS
    assert (len(row.tracker), len(row.raw_state)) == (500, 120)


def test_a_column_that_no_page_shows_is_named_in_one_place_only():
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    sources = {path: path.read_text() for path in files if "migrations" not in path.parts}
    naming = [path for path, text in sources.items() for _ in re.findall(r"\bseed_torrent\b", text)]
    assert [str(path.relative_to(ROOT)) for path in naming] == ["torrents/models/listed.py"]


def test_a_torrent_added_again_keeps_nothing_that_torbox_said_of_the_old_one(cast, sim):
    """One that waits occupies no slot, and its page names no seeds, tracker, or expiry of the one that ended."""
    seed(sim, cast, state="failed", tags=["books"])
    read(cast)
    Torrent.objects.update(active=True, seeds=7, tracker="udp://a", cached=True)
    row = Torrent.objects.get()
    adding.add_again(person=cast.owner, torrent=row)
    row.refresh_from_db()
    assert row.status == Status.WAITING and row.size
    kept = {field.name for field, _ in COLUMNS if getattr(row, field.attname) != field.get_default()}
    assert kept == {"size"}
    assert cast.account.slots_used == 0
