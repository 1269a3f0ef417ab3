"""Odd names, links on disk, and collisions, from the list of TorBox to the bytes on disk.

The files of a torrent differ in size, by which they are known.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from saving.engine import runner
from saving.models import Folder, Job, JobFile
from saving.services import starting
from tests.saving.factories import make_folder, where_is
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
SERIES = (
    "Example.Documentary.Series.With.A.Rather.Long.Title.That.Goes.On.And.On.Season.01.Complete.1080p" * 3
)
ODD = {
    "../../outside.mkv": 601,
    "/absolute.mkv": 602,
    "a/../../b/../../../up.mkv": 603,
    "..": 604,
    "..\\..\\backslash.mkv": 605,
    "C:\\windows.mkv": 606,
    "CON.mkv": 611,
    "aux/nul.txt": 612,
    "com1": 613,
    "LPT¹.tar.gz": 614,
    "conin$ .txt": 615,
    "a:b.mkv": 621,
    "a?b.mkv": 622,
    "A_B.MKV": 623,
    "trailing. . ": 624,
    "trailing": 625,
    "Caf\u00e9.mkv": 631,
    "Cafe\u0301.mkv": 632,
    "CAF\u00c9.mkv": 633,
    "stra\u00dfe": 634,
    "STRASSE": 635,
    "STRASSE/inside.mkv": 636,
    "right\u202eto\u2066left.mkv": 641,
    "line\nbreak\ttab.mkv": 642,
    "-rf": 643,
    "$(id).mkv": 644,
    "'; DROP TABLE.mkv": 645,
    ".torbox-web": 646,
    "x.mkv": 651,
    "x.mkv.part": 652,
    "x.mkv.aria2": 653,
    f"{'電' * 84}.mkv": 661,
    f"{'電' * 84}語.mkv": 662,
    f"{'x' * 296}.mkv": 663,
    f"{'x' * 297}.mkv": 664,
    f"{SERIES}.S01E01.First.mkv": 665,
    f"{SERIES}.S01E02.Second.mkv": 666,
    f"{'d' * 300}/{'e' * 300}/{'🎬' * 75}.mkv": 667,
    "/".join(["deep"] * 60) + "/f.mkv": 668,
}


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder()


def save(cast, *torrents: Torrent, **fields) -> list[Job]:
    jobs = starting.save(person=cast.owner, torrents=torrents, folder=Folder.objects.get(), **fields)
    for job in jobs:
        runner.run(job.pk)
        job.refresh_from_db()
    return jobs


def found(top: Path) -> dict[str, int]:
    """Return every file below a folder and its size, without the mark."""
    files = [Path(above, name) for above, _, names in os.walk(top) for name in names]
    return {str(file.relative_to(top)): file.stat().st_size for file in files if file.name != ".torbox-web"}


def assert_whole(sim, folder: Folder, *jobs: Job) -> None:
    for job in jobs:
        assert (job.state, job.cause_params) == (State.SAVED, {})
        work = sim.control.work(job.torrent.info_hash)
        paths = {file.size: file.path for file in work.files}
        files = list(JobFile.objects.filter(job=job))
        for file in files:
            assert (where_is(folder) / file.target).read_bytes() == work.expected_bytes(paths[file.size])
        assert len(files) == len(paths)


def test_odd_names_are_all_saved_inside_of_the_folder(cast, folder, sim, at_torbox, tmp_path):
    torrent = at_torbox(ODD, "odd ../names")
    (job,) = save(cast, torrent)
    assert_whole(sim, folder, job)
    saved = found(tmp_path)
    assert sorted(saved.values()) == sorted(torrent.files.values_list("size", flat=True))
    assert len(saved) == len(ODD)
    assert all(name.startswith(f"save/films/{job.base}/") for name in saved)
    assert all(len(f"{part}.aria2".encode()) <= 255 for name in saved for part in name.split("/"))


def test_torrents_of_one_name_are_saved_beside_each_other(cast, folder, sim, at_torbox):
    same = [at_torbox({"same.mkv": 2000 + n, "same.srt": 20}, "Same.Film.2010") for n in range(3)]
    single = [at_torbox({"Same.Film.2010": 3000 + n}, f"Single {n}") for n in range(2)]
    jobs = save(cast, *same, *single)
    assert_whole(sim, folder, *jobs)
    assert set(found(where_is(folder))) == {
        *(f"Same.Film.2010{n}/same.{end}" for n in ("", " (2)", " (3)") for end in ("mkv", "srt")),
        "Same.Film (2).2010",
        "Same.Film (3).2010",
    }


def test_what_others_put_there_stays_as_it_is(cast, folder, sim, at_torbox):
    (where_is(folder) / "SHOW").mkdir()
    (where_is(folder) / "SHOW/a.mkv").write_bytes(b"of somebody else")
    (where_is(folder) / "film.MKV").write_bytes(b"of somebody else")
    show, film = at_torbox({"a.mkv": 1000, "b.mkv": 1001}, "Show"), at_torbox({"film.mkv": 500}, "Film")
    assert_whole(sim, folder, *save(cast, show, film))
    assert (where_is(folder) / "SHOW/a.mkv").read_bytes() == b"of somebody else"
    assert (where_is(folder) / "film.MKV").read_bytes() == b"of somebody else"


def test_a_file_that_appears_after_the_start_is_never_replaced(cast, folder, sim, at_torbox):
    film = at_torbox({"film.mkv": 500}, "Film")
    (job,) = starting.save(person=cast.owner, torrents=[film], folder=folder)
    (where_is(folder) / "film.mkv").write_bytes(b"of somebody else")
    runner.run(job.pk)
    job.refresh_from_db()
    assert_whole(sim, folder, job)
    assert (where_is(folder) / "film.mkv").read_bytes() == b"of somebody else"
    assert set(found(where_is(folder))) == {"film.mkv", "film (2).mkv"}


@pytest.mark.parametrize("replaced", ["base", "inner", "target", "folder"])
def test_a_symbolic_link_that_appears_after_the_start_is_never_followed(
    cast, folder, sim, at_torbox, tmp_path, replaced
):
    show = at_torbox({"sub/a.mkv": 1000, "sub/b.mkv": 1001}, "Show")
    (job,) = starting.save(person=cast.owner, torrents=[show], folder=folder)
    outside = tmp_path / "outside"
    (outside / "sub").mkdir(parents=True)
    (outside / "a.mkv").write_bytes(b"of somebody else")
    root = where_is(folder)
    if replaced == "base":
        (root / "Show").symlink_to(outside)
    elif replaced == "inner":
        (root / "Show").mkdir()
        (root / "Show/sub").symlink_to(outside)
    elif replaced == "target":
        (root / "Show/sub").mkdir(parents=True)
        (root / job.files.get(path__endswith="a.mkv").target).symlink_to(outside / "a.mkv")
    else:
        root.rmdir()
        root.symlink_to(outside)
    runner.run(job.pk)
    job.refresh_from_db()
    assert found(outside) == {"a.mkv": 16} and (outside / "a.mkv").read_bytes() == b"of somebody else"
    if replaced == "target":
        assert_whole(sim, folder, job)
    else:
        assert (job.state, job.cause) == (State.DENIED, Job.Cause.DENIED)
