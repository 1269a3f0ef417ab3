"""Partial files: locked, never outside of the folder, and under their final name only when they are whole."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from saving.engine import part_files
from saving.engine.failures import Stopped
from saving.engine.part_writer import PartWriter
from saving.models import JobFile
from tests.factories import make_torrent
from tests.saving.factories import make_folder, make_job, where_is

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(cast, save_dir) -> JobFile:
    """Return the only file of a job, 5 bytes long."""
    job = make_job(make_torrent(cast.account, "A film"))
    file = job.files.get()
    file.size = 5
    return file


@pytest.fixture
def root(file) -> Path:
    return where_is(file.folder)


def write_part(root: Path, file: JobFile, data: bytes) -> None:
    part = part_files.open_part(root, file)
    os.write(part, data)
    os.close(part)


def names_in(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_partial_file_lies_beside_its_target(root, file):
    file.target = "A film/sub/part 0.mkv"
    write_part(root, file, b"12")
    path = part_files.part_path(root, file)
    assert path.parent == root / "A film/sub" and path.read_bytes() == b"12"
    assert path.name.startswith("part 0.mkv.") and path.name.endswith(".part")


def test_its_name_is_never_too_long(root, file):
    for target in ("x" * 249, "é" * 124, "映" * 83):
        file.target = target
        write_part(root, file, b"12345")
        assert len(os.fsencode(part_files.part_name(file))) <= 255 - len(".aria2")
        part_files.finish(root, file)
        assert (root / target).read_bytes() == b"12345"


def test_another_torrents_file_of_the_same_name_has_its_own_partial_file(cast, root, file):
    other = make_job(make_torrent(cast.account, "Another", info_hash="ab" * 20), make_folder("Music"))
    theirs = other.files.get()
    theirs.target, theirs.path = file.target, file.path
    assert part_files.part_name(theirs) != part_files.part_name(file)


def test_a_whole_file_gets_its_name(root, file):
    write_part(root, file, b"12345")
    assert not part_files.is_finished(root, file)
    part_files.finish(root, file)
    assert part_files.is_finished(root, file)
    assert names_in(root) == {file.target} and (root / file.target).read_bytes() == b"12345"


@pytest.mark.parametrize("data", [b"1234", b"123456", b""])
def test_a_file_of_another_size_does_not_get_its_name(root, file, data):
    write_part(root, file, data)
    with pytest.raises(part_files.NotTheFile) as caught:
        part_files.finish(root, file)
    assert caught.value.wrong == "size"
    assert names_in(root) == {part_files.part_name(file)}


def test_a_file_with_another_checksum_does_not_get_its_name(root, file):
    write_part(root, file, b"12345")
    file.md5 = hashlib.md5(b"54321").hexdigest()
    with pytest.raises(part_files.NotTheFile) as caught:
        part_files.finish(root, file)
    assert caught.value.wrong == "md5" and names_in(root) == {part_files.part_name(file)}
    file.md5 = hashlib.md5(b"12345").hexdigest()
    part_files.finish(root, file)
    assert names_in(root) == {file.target}


def test_a_checksum_that_was_computed_while_writing_is_enough(root, file):
    """The file isn't read once more, as its other content shows."""
    write_part(root, file, b"54321")
    file.md5 = hashlib.md5(b"12345").hexdigest()
    with pytest.raises(part_files.NotTheFile):
        part_files.finish(root, file, md5=hashlib.md5(b"54321").hexdigest())
    part_files.finish(root, file, md5=file.md5)
    assert names_in(root) == {file.target}


def test_a_checksum_is_computed_while_writing_if_that_begins_at_the_beginning(root, file):
    file.size, file.md5 = 3000, "0" * 32
    data = os.urandom(3000)
    for written, known in ((data[:1000], data[:1000]), (data[1000:], None)):
        part = part_files.open_part(root, file)
        with PartWriter(part, file) as writer:
            writer.write(memoryview(written))
        os.close(part)
        assert writer.md5 == (hashlib.md5(known).hexdigest() if known else "")
    assert part_files.part_path(root, file).read_bytes() == data


def test_the_time_of_a_file_that_a_wrong_clock_wrote_proves_nothing(root, file):
    """It lies ahead, so the machine may have lost power since, and the end of the file with it."""
    write_part(root, file, b"12345")
    file.bytes_done = 2
    ahead = time.time() + 24 * 3600
    for at, known in ((None, 5), (ahead, 2)):
        os.utime(part_files.part_path(root, file), at and (at, at))
        part = part_files.open_part(root, file)
        with PartWriter(part, file) as writer:
            assert writer.offset == known
        os.close(part)


def test_reading_for_a_checksum_asks_after_each_megabyte_and_stops_without_a_verdict(root, file):
    """So the claim is renewed, however long it takes, and nothing is thrown away."""
    data = os.urandom(5_000_000)
    write_part(root, file, data)
    file.size, file.md5 = len(data), hashlib.md5(data).hexdigest()
    for lasts in range(4):
        answers = iter([True] * lasts + [False] + [True] * 9)
        with pytest.raises(Stopped):
            part_files.finish(root, file, goes_on=lambda answers=answers: next(answers))
    assert part_files.part_path(root, file).read_bytes() == data
    part_files.finish(root, file)
    assert (root / file.target).read_bytes() == data


def test_what_another_job_has_begun_meanwhile_does_not_get_the_name(root, file, monkeypatch):
    """As if the job had been canceled and started again while the disk was writing."""
    sync = os.fsync

    def sync_slowly(part: int) -> None:
        sync(part)
        part_files.begin_again(root, file)
        part_files.part_path(root, file).write_bytes(b"1")

    write_part(root, file, b"12345")
    monkeypatch.setattr(os, "fsync", sync_slowly)
    with pytest.raises(FileNotFoundError):
        part_files.finish(root, file)
    assert names_in(root) == {part_files.part_name(file)}


@pytest.mark.parametrize("unsupported", [(), ("renameat2",), ("renameat2", "link")])
def test_another_file_is_never_replaced(root, file, unsupported, monkeypatch):
    """Not even on file systems that lack the calls for it."""

    def refuse(*args, **kwargs):
        raise OSError(95, "Operation not supported")

    if "renameat2" in unsupported:
        monkeypatch.setattr(part_files, "_renameat2", refuse)
    if "link" in unsupported:
        monkeypatch.setattr(os, "link", refuse)
    (root / file.target).write_bytes(b"theirs")
    write_part(root, file, b"12345")
    with pytest.raises(FileExistsError):
        part_files.finish(root, file)
    assert (root / file.target).read_bytes() == b"theirs"
    (root / file.target).unlink()
    part_files.finish(root, file)
    assert names_in(root) == {file.target}


def test_a_link_left_by_a_killed_process_is_no_other_file(root, file):
    write_part(root, file, b"12345")
    os.link(part_files.part_path(root, file), root / file.target)
    assert part_files.is_finished(root, file)
    assert names_in(root) == {file.target}


@pytest.mark.parametrize("target", ["../film.mkv", "sub/../../film.mkv", "/tmp/film.mkv"])
def test_nothing_is_written_outside_of_the_folder(root, file, target):
    file.target = target
    with pytest.raises(PermissionError):
        part_files.open_part(root, file)
    assert names_in(root.parent) == set()


def test_no_link_to_a_folder_is_followed(root, file, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / "A film").symlink_to(elsewhere)
    file.target = "A film/part 0.mkv"
    with pytest.raises(OSError):
        part_files.open_part(root, file)
    assert not list(elsewhere.iterdir())


def test_no_link_in_place_of_the_folder_itself_is_followed(root, file, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root.rmdir()
    root.symlink_to(elsewhere)
    with pytest.raises(OSError):
        part_files.open_part(root, file)
    assert not list(elsewhere.iterdir())


def test_no_link_in_place_of_the_partial_file_is_followed(root, file, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    part_files.part_path(root, file).symlink_to(tmp_path / "secret")
    with pytest.raises(OSError):
        part_files.open_part(root, file)
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_save_dir_itself_may_be_a_link(file, root, settings, tmp_path):
    (tmp_path / "link").symlink_to(settings.SAVE_DIR)
    settings.SAVE_DIR = tmp_path / "link"
    write_part(settings.SAVE_DIR / file.folder.path, file, b"12345")
    assert part_files.part_path(root, file).read_bytes() == b"12345"


def test_something_else_in_place_of_the_partial_file_is_refused(root, file):
    os.mkfifo(part_files.part_path(root, file))
    with pytest.raises(PermissionError):
        part_files.open_part(root, file)


def test_a_missing_folder_is_not_made(root, file):
    root.rmdir()
    with pytest.raises(FileNotFoundError):
        part_files.open_part(root, file)
    assert not root.exists()


def test_only_one_process_writes_to_a_partial_file(root, file):
    first = part_files.open_part(root, file)
    with pytest.raises(BlockingIOError):
        part_files.open_part(root, file)
    os.close(first)
    os.close(part_files.open_part(root, file))


def test_deleting_a_partial_file_deletes_the_folders_that_are_empty_then(root, file):
    file.target = "A film/sub/part 0.mkv"
    write_part(root, file, b"12")
    (root / "A film/kept.mkv").write_bytes(b"1")
    part_files.remove_part(root, file)
    assert {path.name for path in root.rglob("*")} == {"A film", "kept.mkv"}
    part_files.remove_part(root, file)  # A second time changes nothing.
