"""Unpack archives after saving: what comes out, what is refused, and that nothing is left behind."""

from __future__ import annotations

import errno
import os
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from saving import archive_stream, unpacking
from saving.engine import archives, part_files
from saving.engine.failures import Stopped
from saving.engine.work import Work
from saving.models import Job
from tests.factories import give_files, make_torrent
from tests.needs import lacking
from tests.saving.archive_files import (
    make_7z,
    make_encrypted_zip,
    make_rar,
    make_zip,
    make_zip_with_link,
)
from tests.saving.factories import make_folder, make_job, where_is

GB = 1000**3


@pytest.fixture(autouse=True)
def _bsdtar() -> None:
    if not archive_stream.is_available():
        lacking("bsdtar is missing (libarchive-tools).")


@pytest.fixture
def root(save_dir) -> Path:
    folder = save_dir / "films"
    (folder / "Show").mkdir(parents=True)
    return folder


def unpack(root: Path, *parts: str, into: str = "Show", room: Callable[[], int] = lambda: GB, **more) -> int:
    limits = unpacking.Limits(room=room, **({"goes_on": lambda: True} | more))
    return len(unpacking.unpack(root, parts, into, limits))


def refusal(root: Path, *parts: str, **more) -> str:
    """Return why an archive is refused, and check that nothing but it is left."""
    before = files_in(root)
    with pytest.raises(unpacking.CannotUnpack) as caught:
        unpack(root, *parts, **more)
    assert files_in(root) == before
    return caught.value.reason


def files_in(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def test_a_zip_file_is_unpacked_with_its_folders_and_stays(root):
    make_zip(root / "Show/a.zip", {"disc 1/film.mkv": b"film", "notes.txt": b""})
    assert unpack(root, "Show/a.zip") == 2
    assert (root / "Show/disc 1/film.mkv").read_bytes() == b"film"
    assert files_in(root / "Show") == {"a.zip", "disc 1", "disc 1/film.mkv", "notes.txt"}


def test_a_7z_file_is_unpacked(root):
    make_7z(root / "Show/a.7z", {"sub/film.mkv": b"film" * 1000, "notes.txt": b"hi"})
    assert unpack(root, "Show/a.7z") == 2
    assert (root / "Show/sub/film.mkv").read_bytes() == b"film" * 1000


@pytest.mark.parametrize(
    "names",
    [
        ["film.rar"],
        ["film.part1.rar", "film.part2.rar", "film.part3.rar"],
        ["film.rar", "film.r00", "film.r01"],
    ],
    ids=["whole", "new names", "old names"],
)
def test_a_rar_archive_is_unpacked_from_all_of_its_parts(root, names):
    content = os.urandom(300_000)
    make_rar(root / "Show", names, "film.mkv", content)
    paths = [f"Show/{name}" for name in (*reversed(names), "other.part2.rar", "other.r00")]
    first, *others = unpacking.archives(paths)
    assert not others and first == f"Show/{names[0]}"
    parts = unpacking.parts_of(first, paths)
    assert parts == [f"Show/{name}" for name in names]
    assert unpack(root, *parts) == 1
    assert (root / "Show/film.mkv").read_bytes() == content


@pytest.mark.parametrize("missing", [1, 2])
def test_a_rar_archive_without_one_of_its_parts_is_damaged(root, missing):
    names = ["film.part1.rar", "film.part2.rar", "film.part3.rar"]
    make_rar(root / "Show", names, "film.mkv", os.urandom(300_000))
    del names[missing]
    assert refusal(root, *(f"Show/{name}" for name in names)) == "damaged"


def test_only_zip_7z_and_first_parts_of_rar_are_archives():
    paths = [
        "a.zip",
        "B.ZIP",
        "c.7z",
        "d.rar",
        "e.part1.rar",
        "e.part2.rar",
        "f.part001.rar",
        "f.part010.rar",
    ]
    others = ["g.r00", "h.zip.txt", "zip", "i.tar.gz", "j.7z.001", "k.cbz"]
    assert unpacking.archives([*paths, *others]) == [
        "a.zip", "B.ZIP", "c.7z", "d.rar", "e.part1.rar", "f.part001.rar",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "..\\evil.txt", "C:\\evil.txt", "a/.."]
)
def test_an_archive_that_leads_outside_is_refused_as_a_whole(root, name):
    make_zip(root / "Show/a.zip", {"good.txt": b"good", name: b"evil"})
    assert refusal(root, "Show/a.zip") == "unsafe"


@pytest.mark.parametrize("to", ["/etc/passwd", "../..", "first.txt"])
def test_an_archive_with_a_link_is_refused(root, to):
    make_zip_with_link(root / "Show/a.zip", "link", to)
    assert refusal(root, "Show/a.zip") == "unsafe"


def test_an_archive_that_needs_a_password_is_refused(root):
    make_encrypted_zip(root / "Show/a.zip", "secret.txt", b"secret" * 1000)
    assert refusal(root, "Show/a.zip") == "encrypted"


def test_a_bomb_is_refused_before_it_fills_the_disk(root, monkeypatch):
    monkeypatch.setattr(unpacking, "ALWAYS", 1_000_000)
    with ZipFile(root / "Show/a.zip", "w", ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.bin", bytes(10_000_000))
    assert refusal(root, "Show/a.zip") == "too_large"


def test_an_archive_that_needs_more_room_than_there_is_is_refused(root):
    make_zip(root / "Show/a.zip", {"a.txt": b"a" * 5000, "b.txt": b"b" * 5000})
    assert refusal(root, "Show/a.zip", room=lambda: 4999) == "too_large"
    assert unpack(root, "Show/a.zip", room=lambda: 5000) == 2


def test_a_disk_that_others_fill_meanwhile_stops_unpacking(root, monkeypatch):
    monkeypatch.setattr(unpacking, "CHECKED", 1)
    left = iter([GB, 0])
    make_zip(root / "Show/a.zip", {"a.txt": b"a" * 5000, "b.txt": b"b"})
    assert refusal(root, "Show/a.zip", room=lambda: next(left)) == "too_large"


def test_an_archive_with_too_many_files_is_refused(root, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_FILES", 3)
    make_zip(root / "Show/a.zip", {str(number): b"" for number in range(4)})
    assert refusal(root, "Show/a.zip") == "too_many"


@pytest.mark.parametrize("kept", [0, 3, 50, 400, 800])
def test_a_damaged_archive_leaves_nothing(root, kept):
    whole = make_zip(root / "Show/a.zip", {"a.txt": b"a" * 100, "b.bin": os.urandom(1000)}).read_bytes()
    (root / "Show/a.zip").write_bytes(whole[:kept])
    assert refusal(root, "Show/a.zip") == "damaged"


@pytest.mark.parametrize("make", [make_zip, make_7z])
def test_bytes_that_are_wrong_are_noticed(root, make):
    path = make(root / "Show/archive.zip", {"b.bin": os.urandom(1000), "c.txt": b"whole"})
    data = bytearray(path.read_bytes())
    data[500] ^= 0xFF
    path.write_bytes(data)
    assert refusal(root, "Show/archive.zip") == "damaged"


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", b"BZh91AY&SY", b"\x1f\x8b\x08\x00", b"LRZI\x00\x06"]
)
def test_a_file_that_only_looks_like_an_archive_is_never_given_to_the_program(root, content, monkeypatch):
    monkeypatch.setattr(archive_stream.subprocess, "Popen", None)
    (root / "Show/a.zip").write_bytes(content)
    assert refusal(root, "Show/a.zip") == "damaged"


def test_names_become_safe_and_unique(root):
    names = [
        "CON.txt",
        "a:b.txt",
        "Film.mkv",
        "film.mkv",
        "trailing. ",
        "é.txt",
        unicodedata.normalize("NFD", "é.txt"),
    ]
    make_zip(root / "Show/a.zip", {name: name.encode() for name in names} | {"x" * 300 + ".mkv": b"long"})
    assert unpack(root, "Show/a.zip") == len(names) + 1
    found = files_in(root / "Show") - {"a.zip"}
    assert {"_CON.txt", "a_b.txt", "Film.mkv", "film (2).mkv", "trailing", "é.txt", "é (2).txt"} < {
        unicodedata.normalize("NFC", name) for name in found
    }
    assert all(len(name.encode()) <= 255 for name in found) and len(found) == len(names) + 1


def test_a_name_that_is_not_unicode_gets_another_one(root):
    path = make_zip(root / "Show/a.zip", {"film1.mkv": b"film"})
    path.write_bytes(path.read_bytes().replace(b"film1", b"\x81\xfflm1"))
    assert unpack(root, "Show/a.zip") == 1
    (name,) = files_in(root / "Show") - {"a.zip"}
    assert name.endswith("lm1.mkv") and (root / "Show" / name).read_bytes() == b"film"


def test_nothing_is_replaced_and_what_is_there_already_is_left_alone(root):
    (root / "Show/same.txt").write_bytes(b"same")
    (root / "Show/other.txt").write_bytes(b"mine")
    (root / "Show/to.txt").symlink_to("/etc/hostname")
    make_zip(root / "Show/a.zip", {"same.txt": b"same", "other.txt": b"new", "to.txt": b"new"})
    for _ in range(2):  # The second time, all of it is there.
        unpack(root, "Show/a.zip")
        assert files_in(root / "Show") == {
            "a.zip", "same.txt", "other.txt", "other (2).txt", "to.txt", "to (2).txt",
        }  # fmt: skip
    assert (root / "Show/other.txt").read_bytes() == b"mine"
    assert (root / "Show/other (2).txt").read_bytes() == b"new"


def test_if_a_file_cannot_get_its_name_none_does(root, monkeypatch):
    rename, names = part_files.rename_new, []

    def fail_at_the_third(old: str, new: str, folder: int) -> None:
        names.append(new)
        if len(names) == 3:
            raise OSError(errno.EILSEQ, "this disk takes no such name")
        rename(old, new, folder)

    monkeypatch.setattr(part_files, "rename_new", fail_at_the_third)
    make_zip(root / "Show/a.zip", dict.fromkeys(("1", "2", "3", "4"), b"x"))
    with pytest.raises(OSError, match="no such name"):
        unpack(root, "Show/a.zip")
    assert files_in(root) == {"Show", "Show/a.zip"}


def test_a_folder_that_is_a_symbolic_link_is_not_entered(root, tmp_path):
    (root / "Show/sub").symlink_to(tmp_path)
    make_zip(root / "Show/a.zip", {"sub/evil.txt": b"evil"})
    with pytest.raises(NotADirectoryError):
        unpack(root, "Show/a.zip")
    assert not (tmp_path / "evil.txt").exists()


def test_unpacking_stops_when_the_job_does(root):
    make_zip(root / "Show/a.zip", {"a.txt": b"a"})
    assert refusal(root, "Show/a.zip", goes_on=lambda: False) == "stopped"


def test_it_stops_also_while_files_get_their_names_and_takes_them_back(root):
    make_zip(root / "Show/a.zip", dict.fromkeys(("1", "2", "3", "4"), b"x"))
    assert refusal(root, "Show/a.zip", goes_on=lambda: not (root / "Show/2").exists()) == "stopped"


def test_it_takes_back_the_folders_that_it_made_and_no_others(root):
    """An empty one may be there for a reason, and others may have put something into a new one meanwhile."""
    (root / "Show/empty").mkdir()
    files = ("empty/deep/1", "Subs/2", "new/deep/er/3", "theirs/4", "5")
    make_zip(root / "Show/a.zip", dict.fromkeys(files, b"x"))

    def goes_on() -> bool:
        if is_last := (root / "Show/theirs/4").exists():
            (root / "Show/theirs/poster.jpg").write_bytes(b"by a media server")
        return not is_last

    with pytest.raises(unpacking.CannotUnpack):
        unpack(root, "Show/a.zip", goes_on=goes_on)
    assert files_in(root / "Show") == {"a.zip", "empty", "theirs", "theirs/poster.jpg"}


def test_the_folder_of_a_file_that_cannot_get_its_name_is_taken_back(root, monkeypatch):
    def fail(old: str, new: str, folder: int) -> None:
        raise OSError(errno.EILSEQ, "this disk takes no such name")

    monkeypatch.setattr(part_files, "rename_new", fail)
    make_zip(root / "Show/a.zip", {"new/deep/1": b"x"})
    with pytest.raises(OSError, match="no such name"):
        unpack(root, "Show/a.zip", into="Another")
    assert files_in(root) == {"Show", "Show/a.zip"}


def test_it_stops_also_while_a_file_is_compared_with_one_that_is_there(root):
    """So the claim is renewed for each megabyte of a large one."""
    content = os.urandom(5_000_000)
    (root / "Show/film.mkv").write_bytes(content)
    make_zip(root / "Show/a.zip", {"film.mkv": content})
    looks = []

    def goes_on() -> bool:
        if list((root / "Show").glob(f"{unpacking.TEMPORARY}*")):
            looks.append(1)
        return len(looks) < lasts

    lasts = 4
    assert refusal(root, "Show/a.zip", goes_on=goes_on) == "stopped"
    lasts = 100
    looks.clear()
    assert unpack(root, "Show/a.zip", goes_on=goes_on) == 1 and len(looks) >= 5
    assert files_in(root / "Show") == {"a.zip", "film.mkv"}


def test_what_may_be_anothers_by_now_is_not_taken_back(root):
    """One who took the job over takes what is there for saved, so nobody may delete it any more."""
    make_zip(root / "Show/a.zip", dict.fromkeys(("1", "2", "3", "4"), b"x"))
    with pytest.raises(unpacking.CannotUnpack):
        unpack(root, "Show/a.zip", goes_on=lambda: not (root / "Show/2").exists(), holds_claim=lambda: False)
    assert files_in(root) == {"Show", "Show/a.zip", "Show/1", "Show/2"}
    assert unpack(root, "Show/a.zip") == 4
    assert files_in(root / "Show") == {"a.zip", "1", "2", "3", "4"}


def test_one_who_lost_the_job_disturbs_nobody_who_took_it_over(root):
    """It was suspended for a while. Another process has begun with the same archive meanwhile."""
    make_zip(root / "Show/a.zip", {"a.txt": b"a" * 100, "b.txt": b"b"})
    first_began, second_began = threading.Event(), threading.Event()

    def first_goes_on() -> bool:
        first_began.set()
        assert second_began.wait(20)
        return False

    def unpack_first() -> None:
        with suppress(unpacking.CannotUnpack):
            unpack(root, "Show/a.zip", goes_on=first_goes_on, holds_claim=lambda: False)

    def second_goes_on() -> bool:
        second_began.set()
        first.join(20)
        return True

    first = threading.Thread(target=unpack_first)
    first.start()
    assert first_began.wait(20)
    assert unpack(root, "Show/a.zip", goes_on=second_goes_on) == 2
    assert files_in(root) == {"Show", "Show/a.zip", "Show/a.txt", "Show/b.txt"}


def test_what_a_killed_process_left_is_deleted(root):
    make_zip(root / "Show/a.zip", {"a.txt": b"a"})
    with pytest.raises(unpacking.CannotUnpack):
        unpack(root, "Show/a.zip", goes_on=lambda: False)
    left = [path for path in root.iterdir() if path.name.startswith(unpacking.TEMPORARY)]
    assert not left
    unpack(root, "Show/a.zip")
    assert files_in(root) == {"Show", "Show/a.zip", "Show/a.txt"}


def test_without_the_program_the_reason_says_so(root, monkeypatch):
    monkeypatch.setattr(archive_stream, "PROGRAM", "no-such-program")
    assert not unpacking.is_available()
    make_zip(root / "Show/a.zip", {"a.txt": b"a"})
    assert refusal(root, "Show/a.zip") == "no_program"


@pytest.mark.django_db
def test_the_archives_of_a_job_are_unpacked_beside_themselves(cast, save_dir):
    job = _job(cast, ["Show/a.zip", "Show/sub/b.zip", "Show/bad.zip", "Show/notes.txt"])
    root = where_is(job.folder)
    make_zip(root / "Show/a.zip", {"a.mkv": b"a"})
    make_zip(root / "Show/sub/b.zip", {"b.mkv": b"b"})
    (root / "Show/bad.zip").write_bytes(b"PK\x03\x04 and nothing")
    (root / "foreign.zip").write_bytes(b"of someone else")
    trouble = _unpack(job, root)
    assert trouble == {"reason": "damaged", "file": "bad.zip"}
    assert (root / "Show/a.mkv").exists() and (root / "Show/sub/b.mkv").exists()


@pytest.mark.django_db
def test_a_single_archive_gets_a_folder_of_its_own(cast, save_dir):
    job = _job(cast, ["Album.zip"], base="")
    root = where_is(job.folder)
    make_zip(root / "Album.zip", {"1.flac": b"1", "2.flac": b"2"})
    assert _unpack(job, root) == {}
    assert files_in(root) == {"Album.zip", "Album", "Album/1.flac", "Album/2.flac"}


def _job(cast, targets: list[str], base: str = "Show") -> Job:
    torrent = make_torrent(cast.account, "Show", file_count=0)
    give_files(torrent, targets)
    job = make_job(torrent, make_folder(unpacks=True), base=base)
    for file, target in zip(job.files.order_by("pk"), targets, strict=True):
        file.target = target
        file.save()
    return job


def _unpack(job: Job, root: Path) -> dict[str, object]:
    work = Work(job)
    work.root = root
    return archives.unpack(work, lambda: True)


@pytest.mark.django_db
@pytest.mark.parametrize("lasts", [0, 1, 2])
def test_a_job_that_stops_while_it_unpacks_is_not_told_that_an_archive_is_bad(cast, save_dir, lasts):
    """Not even if it may go on a moment later."""
    job = _job(cast, ["Show/a.zip", "Show/b.zip"])
    root = where_is(job.folder)
    for name in "ab":
        make_zip(root / f"Show/{name}.zip", {f"{name}.mkv": b"film"})
    work, answers = Work(job), iter([True] * lasts + [False] + [True] * 1000)
    work.root = root
    with pytest.raises(Stopped):
        archives.unpack(work, lambda: next(answers))
    assert archives.unpack(work, lambda: True) == {}
    assert {"a.mkv", "b.mkv"} < {path.name for path in (root / "Show").iterdir()}


@pytest.mark.django_db
def test_what_came_out_before_a_job_stopped_is_noted_as_well(cast, save_dir):
    job = _job(cast, ["a.zip", "b.zip"], base="")
    root = where_is(job.folder)
    for name in "ab":
        make_zip(root / f"{name}.zip", {f"{name}.mkv": b"film"})
    work = Work(job)
    work.root = root
    with pytest.raises(Stopped):
        archives.unpack(work, lambda: not (root / "a/a.mkv").exists())
    assert archives.unpack(work, lambda: True) == {}
    job.refresh_from_db()
    assert job.unpacked == [["a/a.mkv", 4], ["b/b.mkv", 4]]
