"""Films, recordings, and subtitles of the simulator are real, whatever size a work lists."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from simulator import bencode, content_library, media_files
from simulator.server import Running
from tests.needs import lacking
from tests.simulator.support import KEY, Api

GIB = 1024**3
FILMS = ("film.mp4", "film.m4v", "film.mkv", "film.webm")
RECORDINGS = ("talk.m4a", "book.m4b", "side.flac", "song.mp3")
BLOCK = 2**24  # what one padding block of a FLAC file can hold
SIZES = (150_000, 1_000_003, 40_000_000, 3 * GIB, 7 * GIB + 1)
SMALL = dict.fromkeys((*FILMS, *RECORDINGS), 150000)


def url_of(sim: Running, api: Api, name: str, size: int) -> str:
    files = [[name, size]]
    sim.control.seed(
        torrents=[{"key": KEY, "hash": "cd" * 20, "name": "Media", "files": files, "state": "completed"}]
    )
    row = api.rows()[0]
    return str(api.link(row["id"], file_id=row["files"][0]["id"]).json()["data"])


def program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        lacking(f"{name} is not installed (apt install ffmpeg).")
    return found


def probe(url: str) -> dict:
    command = [program("ffprobe"), "-v", "error", "-show_format", "-show_streams", "-of", "json", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FILMS)
def test_a_film_of_any_size_is_a_film(sim: Running, api: Api, name: str, size: int) -> None:
    facts = probe(url_of(sim, api, name, size))
    assert [stream["codec_name"] for stream in facts["streams"]] == ["vp9", "opus"]
    assert 11 < float(facts["format"]["duration"]) < 13
    assert int(facts["format"]["size"]) == size


@pytest.mark.parametrize("size", [*SIZES[:3], *(BLOCK + 90_000 + near for near in range(8)), 2 * BLOCK])
@pytest.mark.parametrize(("name", "codec"), [("talk.m4a", "aac"), ("book.m4b", "aac"), ("side.flac", "flac")])
def test_a_recording_of_any_size_is_a_recording(
    sim: Running, api: Api, name: str, codec: str, size: int
) -> None:
    facts = probe(url_of(sim, api, name, size))
    assert [stream["codec_name"] for stream in facts["streams"]] == [codec]
    assert 11 < float(facts["format"]["duration"]) < 13


def test_an_mp3_lasts_as_long_as_its_size_says(sim: Running, api: Api) -> None:
    facts = probe(url_of(sim, api, "song.mp3", 40_000_000))
    assert [stream["codec_name"] for stream in facts["streams"]] == ["mp3"]
    assert float(facts["format"]["duration"]) == pytest.approx(10_000, abs=1)  # 4,000 bytes a second


@pytest.mark.parametrize("name", [*FILMS, *RECORDINGS])
def test_every_frame_of_it_can_be_decoded(sim: Running, api: Api, name: str) -> None:
    url = url_of(sim, api, name, 720_000 if name.endswith("mp3") else 1_000_003)
    command = [program("ffmpeg"), "-v", "error", "-nostdin", "-xerror", "-i", url, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", list(SMALL))
def test_its_ranges_are_parts_of_the_whole(sim: Running, api: Api, name: str) -> None:
    url = url_of(sim, api, name, 200_001)
    whole = requests.get(url).content
    assert whole == sim.control.expected_bytes("cd" * 20, name) and len(whole) == 200_001
    for start, stop in ((0, 50), (40_000, 90_000), (65_530, 131_080), (199_990, 200_001)):
        part = requests.get(url, headers={"Range": f"bytes={start}-{stop - 1}"})
        assert part.content == whole[start:stop]


def test_a_torrent_of_media_has_the_hashes_of_its_pieces() -> None:
    work = content_library.make("Media", SMALL | {"film.en.srt": 4000})
    info = bencode.decode(work.torrent_bytes or b"")[b"info"]
    body = b"".join(work.expected_bytes(file.path) for file in work.files)
    pieces = [body[at : at + content_library.PIECE] for at in range(0, len(body), content_library.PIECE)]
    assert info[b"pieces"] == b"".join(hashlib.sha1(piece).digest() for piece in pieces)
    again = content_library.from_torrent(work.torrent_bytes or b"")
    assert all(again.expected_bytes(file.path) == work.expected_bytes(file.path) for file in work.files)


def test_a_file_too_short_for_a_film_is_made_up_as_others_are() -> None:
    short = content_library.make("Short", {"film.mkv": 20_000})
    assert short.expected_bytes("film.mkv").startswith(b"0000000\n")


@pytest.mark.parametrize("size", [140, 1400, 63_977])
@pytest.mark.parametrize(
    ("name", "begins", "point"), [("a.en.srt", "1\n", ","), ("a.vtt", "WEBVTT\n\n1\n", ".")]
)
def test_subtitles_have_a_line_every_two_seconds(name: str, begins: str, point: str, size: int) -> None:
    text = content_library.make("Words", {name: size}).expected_bytes(name).decode()
    assert len(text) == size
    assert text.startswith(
        f"{begins}00:00:01{point}000 --> 00:00:03{point}000\nLine 1 of {name}\n\n2\n00:00:03{point}000 --> "
    )
    cues = text.removeprefix("WEBVTT\n\n").rstrip("\n").split("\n\n")
    assert [cue.split("\n")[::2] for cue in cues] == [
        [str(n), f"Line {n} of {name}"] for n in range(1, len(cues) + 1)
    ]


def test_players_read_the_subtitles(tmp_path: Path) -> None:
    file = tmp_path / "a.srt"
    file.write_bytes(content_library.make("Words", {"a.srt": 5000}).expected_bytes("a.srt"))
    command = [program("ffmpeg"), "-v", "error", "-nostdin", "-i", str(file), "-f", "webvtt", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("WEBVTT\n\n00:01.000 --> 00:03.000\nLine 1 of a.srt\n")


def test_the_files_in_the_repository_stay_small() -> None:
    assert sum(file.stat().st_size for file in media_files.FOLDER.iterdir()) < 200 * 1024
