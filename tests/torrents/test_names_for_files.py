"""What we write for other programs, read by them: aria2 saves as many whole files as there are entries."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable

import m3u8
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from ipytv import playlist

from links.target_paths import MAX_NAME, safe_name, safe_path, shortened, unique_paths
from tests.needs import lacking
from torrents.models import Torrent
from torrents.services.sync import refreshing

SERIES = (
    "Example.Documentary.Series.With.A.Rather.Long.Title.That.Goes.On.And.On.Season.01.Complete.1080p.BluRay"
    ".REMUX.AVC.DTS-HD.MA"
)
LONG_SERIES = f"{SERIES}.And.A.Subtitle.That.Goes.On.As.Well" * 2
WORKS: list[tuple[str, dict[str, int]]] = [
    (
        "10 long names",
        {
            f"{SERIES}.S01E01.The.First.Episode.mkv": 1000,
            f"{SERIES}.S01E02.The.Second.Episode.mkv": 1100,
            f"{LONG_SERIES}.S01E03.{'A.Long.Name.Of.An.Episode.' * 8}mkv": 1200,
            f"{LONG_SERIES}.S01E04.{'A.Long.Name.Of.An.Episode.' * 8}mkv": 1250,
        },
    ),
    ("11e windows", {"CON.mkv": 611, "aux/nul.txt": 612, "a:b.mkv": 613, "a?b.mkv": 614, "A_B.MKV": 615}),
    ("11f more than 255 bytes", {f"{'電' * 84}.mkv": 1300, f"{'電' * 84}語.mkv": 1301}),
    ("12 letters", {"Caf\u00e9.mkv": 700, "Cafe\u0301.mkv": 701, "CAF\u00c9.mkv": 702}),
    ("13 commas", {'1, 2 "and" a="b",c.mkv': 800, "2.mkv": 801, "10.mkv": 802}),
    ("Same.Film.2010", {"Same.Film.2010.mkv": 2000, "Same.Film.2010.srt": 20}),
    ("Same.Film.2010", {"Same.Film.2010.mkv": 2100, "Same.Film.2010.srt": 21}),
    ("Same.Film.2010", {"Same.Film.2010.mkv/Same.Film.2010.mkv": 2200, "x.mkv": 2201}),
]


@pytest.fixture
def library(cast, sim):
    """Torrents whose names are too long, devices of Windows, or the same after cleaning."""
    for number, (name, files) in enumerate(WORKS):
        work = sim.control.make_work(name, files, source=str(number))
        sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    return Torrent.objects.all()


@pytest.fixture
def export(library, cast, sign_in):
    """The answer to an export of the whole library."""
    client, ids = sign_in(cast.viewer), ",".join(str(row.pk) for row in library)
    return lambda form: client.post(reverse("links:several"), {"action": f"export-{form}", "ids": ids})


def sizes(works: Iterable[tuple[str, dict[str, int]]]) -> list[int]:
    return sorted(size for _, files in works for size in files.values())


def test_aria2_saves_every_entry_as_a_whole_file(export, sim, tmp_path):
    if not shutil.which("aria2c"):
        lacking("The exports are tried with aria2 (apt install aria2).")
    given_, saved = tmp_path / "links.txt", tmp_path / "saved"
    given_.write_bytes(export("aria2").content)
    words = ["aria2c", "-c", "-j1", "--no-conf", "--quiet", "--file-allocation=none", "--max-tries=1"]
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [*words, f"--input-file={given_}", f"--dir={saved}"], env=plain, timeout=50, check=False
    )
    files = {path.relative_to(saved): path.read_bytes() for path in saved.rglob("*") if path.is_file()}
    assert done.returncode == 0 and sorted(map(len, files.values())) == sizes(WORKS)
    expected = {
        sim.control.expected_bytes(row.info_hash, file.path)
        for row in Torrent.objects.all()
        for file in row.files.all()
    }
    assert set(files.values()) == expected
    assert {path.suffix.lower() for path in files} == {".mkv", ".srt", ".txt"}
    assert {f"S01E0{n}" for n in range(1, 5)} <= {part for path in files for part in path.stem.split(".")}


def of_m3u8(text: str) -> list[tuple[str, str]]:
    return [(segment.title, segment.uri) for segment in m3u8.loads(text).segments]


def of_ipytv(text: str) -> list[tuple[str, str]]:
    return [(channel.name, channel.url) for channel in playlist.loads(text)]


@pytest.mark.parametrize("read", [of_m3u8, of_ipytv])
def test_two_independent_readers_find_every_entry_of_a_playlist_with_its_title(export, sim, read):
    entries = read(export("m3u").content.decode())
    films = sorted(
        name.rpartition("/")[2] for _, files in WORKS for name in files if name.lower().endswith(".mkv")
    )
    short = [unicodedata.normalize("NFC", title) for title, _ in entries]
    assert len(entries) == len(films) == len({url for _, url in entries})
    assert sorted(short) == sorted(unicodedata.normalize("NFC", shortened(name)) for name in films)
    assert all(title.lower().endswith(".mkv") for title, _ in entries)


@pytest.mark.parametrize("read", [of_m3u8, of_ipytv])
def test_a_playlist_goes_on_as_people_count_over_torrents_folders_and_files(cast, sim, sign_in, read):
    for season in (10, 9):
        files = {f"Extras/{part}.mkv": 10 for part in (2, 10, 1)} | {
            f"Part {part}.mkv": 10 for part in (2, 10, 1)
        }
        work = sim.control.make_work(f"Show {season}", files)
        sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    ids = ",".join(str(row.pk) for row in Torrent.objects.all())
    client, bulk = sign_in(cast.owner), reverse("links:several")
    titles = [
        title for title, _ in read(client.post(bulk, {"action": "export-m3u", "ids": ids}).content.decode())
    ]
    one = ["1.mkv", "2.mkv", "10.mkv", "Part 1.mkv", "Part 2.mkv", "Part 10.mkv"]
    assert titles == one * 2
    shown = client.post(bulk, {"action": "links", "ids": ids}).context["links"]
    assert [link.name for link in shown] == titles
    assert [link.path.split("/")[0] for link in shown] == ["Show 9"] * 6 + ["Show 10"] * 6
    magnets = client.post(bulk, {"action": "export-magnets", "ids": ids}).content.decode().split()
    assert ["Show+9" in magnets[0] or "Show%209" in magnets[0], len(magnets)] == [True, 2]
    ticked = client.post(reverse("links:links", args=[Torrent.objects.first().pk]))
    assert [link.name for link in ticked.context["links"]] == one


def test_the_zip_and_the_magnet_are_called_as_on_the_page(cast, sim, sign_in):
    name = "AC/DC: Live at 1/2"
    work = sim.control.make_work("Live", {"1.flac": 10, "2.flac": 10})
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    row, client = Torrent.objects.get(), sign_in(cast.owner)
    row.set_name(name)
    row.save()
    (dialog,) = client.post(reverse("links:link_zip", args=[row.pk])).context["links"]
    bulk = {"action": "zip-links", "ids": str(row.pk)}
    (several,) = client.post(reverse("links:several"), bulk).context["links"]
    (magnet,) = client.get(reverse("links:export_magnet", args=[row.pk])).context["links"]
    assert (dialog.name, several.name, magnet.name) == (f"{name}.zip", f"{name}.zip", name)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("AC/DC", 'attachment; filename="AC_DC.torrent"'),
        ("nul", 'attachment; filename="_nul.torrent"'),
        ("A" * 300, f'attachment; filename="{"A" * 174}...{"A" * 64}.torrent"'),
    ],
)
def test_a_torrent_file_is_called_as_on_the_page_in_a_name_that_every_system_takes(
    cast, sim, sign_in, name, called
):
    work = sim.control.make_work("An open film", {"film.mkv": 40_000})
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    Torrent.objects.update(name=name)
    answer = sign_in(cast.owner).get(reverse("links:export_file", args=[Torrent.objects.get().pk]))
    assert answer["Content-Disposition"] == called


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("CON.mkv", "_CON.mkv"),
        ("con", "_con"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("com¹.txt", "_com¹.txt"),
        ("NUL .txt", "_NUL .txt"),
        ("console.mkv", "console.mkv"),
        ("a/b.mkv", "a_b.mkv"),
        ("ends with a dot. ", "ends with a dot"),
        ("", "file"),
        ("\u202e\u200b", "file"),
    ],
)
def test_a_name_opens_no_device_and_no_folder(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize("episode", ["S01E02", "s2026e103", "S01 E02", "1x02", "Episode 7", "E05"])
@pytest.mark.parametrize("where", [10, 200, 280, 330])
def test_a_long_name_keeps_extension_end_and_episode_wherever_it_stands(episode, where):
    stem = f"{'Ä' * where} {episode} {'x' * (400 - where)} the end"
    short = shortened(f"{stem}.mkv")
    assert len(short.encode()) <= MAX_NAME and short.endswith(" the end.mkv") and episode in short
    assert shortened(f"{stem}.mkv", number=12).endswith(" the end (12).mkv")


def test_a_path_of_many_long_folders_keeps_the_outermost_and_the_name():
    path = safe_path("/".join([*(f"{n} {'電' * 100}" for n in range(40)), "film.mkv"]))
    assert len(path.encode()) <= 2000 and path.startswith("0 電") and path.endswith("/film.mkv")


@pytest.mark.parametrize(
    ("paths", "placed"),
    [
        (["a.mkv", "A.MKV", "a.mkv"], ["a.mkv", "A (2).MKV", "a (3).mkv"]),
        (["a.mkv", "a (2).mkv", "a.mkv"], ["a.mkv", "a (2).mkv", "a (3).mkv"]),
        (["F/a", "f/A"], ["F/a", "f/A (2)"]),
        (["Show", "show/one.mkv"], ["Show", "show (2)/one.mkv"]),
        (["show/one.mkv", "Show"], ["show/one.mkv", "Show (2)"]),
        (["Stra\u00dfe", "STRASSE"], ["Stra\u00dfe", "STRASSE (2)"]),
        (["\ufb01lm", "film"], ["\ufb01lm", "film (2)"]),
        (["a\u200db", "ab"], ["a\u200db", "ab (2)"]),
        (["a:b", "a?b"], ["a_b", "a_b (2)"]),
        (["..", "/"], ["file", "file (2)"]),
    ],
)
def test_two_that_meet_on_any_file_system_are_numbered(paths, placed):
    assert unique_paths(paths) == placed


@given(st.lists(st.text(st.sampled_from("aAÉé\u0301.:/ \u202e"), max_size=6), max_size=12))
def test_no_target_is_another_one_or_its_folder(paths):
    placed = [unicodedata.normalize("NFC", path).casefold() for path in unique_paths(paths)]
    assert len(set(placed)) == len(paths)
    assert not any(other.startswith(f"{path}/") for path in placed for other in placed)
    assert not any(part in ("", ".", "..") for path in placed for part in path.split("/"))


@given(st.text(max_size=3000))
def test_no_part_of_a_path_is_too_long_or_leaves_the_folder(path):
    safe = safe_path(path)
    assert len(safe.encode(errors="replace")) <= 2600 and not safe.startswith("/")
    assert all(0 < len(part.encode()) <= 255 and part not in (".", "..") for part in safe.split("/"))
