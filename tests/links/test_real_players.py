"""Players that people use, on lasting links of a real server: they play, seek, and cost one request to TorBox."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from links.link_urls import list_url, only_url
from links.models import LastingLink, LinkUse
from tests.links.factories import make_list, make_share
from tests.needs import lacking
from torrents.models import Torrent
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db(transaction=True)
MPV = (
    "--no-config", "--load-scripts=no", "--ytdl=no", "--vo=null", "--ao=null", "--ao-null-untimed", "--untimed",
    "--term-playing-msg=PLAYED ${media-title} ${=duration}",
)  # fmt: skip
PASSWORD = "open sesame"
FILM = 2_000_000_000  # bytes
SONG = 40_000_000  # bytes; 4,000 of them are a second
WITHIN = 60  # seconds, on a busy machine
MEDIA = {"film.mp4": ["vp9", "opus"], "film.mkv": ["vp9", "opus"], "talk.m4a": ["aac"]}


@pytest.fixture
def large(sim, cast) -> Callable[..., Torrent]:
    """Put a torrent with files of any size on the account at TorBox, and read it."""

    def place(files: dict[str, int], info_hash: str = "ab" * 20, name: str = "Media") -> Torrent:
        listed = [list(file) for file in files.items()]
        sim.control.seed(
            torrents=[
                {"key": cast.key, "hash": info_hash, "name": name, "files": listed, "state": "completed"}
            ]
        )
        cast.account.refresh_from_db()
        assert refreshing.refresh(cast.account, fresh=True)
        sim.control.reset_calls()
        return Torrent.objects.get(account=cast.account, info_hash=info_hash)

    return place


def program(name: str) -> str:
    return shutil.which(name) or lacking(f"{name} is not installed (apt install ffmpeg mpv).")


def run(name: str, *words: str) -> str:
    command = [program(name), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def probe(url: str) -> tuple[list[str], float]:
    """The codecs of a file, and how many seconds it lasts."""
    facts = json.loads(run("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", url))
    return [stream["codec_name"] for stream in facts["streams"]], float(facts["format"]["duration"])


def decoded(source: str, second: int) -> str:
    """A hash of each decoded frame of one second, from there on."""
    part = ("-ss", str(second), "-i", source, "-t", "1")
    return run("ffmpeg", "-v", "error", "-nostdin", *part, "-f", "framemd5", "-")


def played(output: str) -> list[str]:
    return [
        line.removeprefix("PLAYED ").rpartition(" ")[0]
        for line in output.splitlines()
        if line.startswith("PLAYED ")
    ]


@contextmanager
def mpv_open(url: str, folder: Path) -> Iterator[Callable[..., Any]]:
    """mpv, paused. The function gives it a command, and returns what it answers."""
    path = folder / "mpv"
    command = [program("mpv"), *MPV, "--pause", f"--input-ipc-server={path}", url]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                until(path.exists)
                line.connect(str(path))
                line.settimeout(WITHIN)
                reader = line.makefile()

                def tell(*words: Any) -> Any:
                    line.sendall(json.dumps({"command": words}).encode() + b"\n")
                    said = next(one for one in map(json.loads, reader) if "error" in one)
                    return said.get("data") if said["error"] == "success" else None

                yield tell
        finally:
            process.terminate()


def until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.05)


@pytest.mark.parametrize("name", MEDIA)
def test_ffprobe_reads_a_film_of_gigabytes(site, large, cast, sim, name):
    opened = make_share(cast.member, large({name: FILM}))
    codecs, seconds = probe(only_url(opened.token, name))
    assert codecs == MEDIA[name] and 11 < seconds < 13
    assert sim.control.count("requestdl") == 1


@pytest.mark.parametrize(("name", "second"), [("film.mp4", 9), ("song.mp3", 1900)])
def test_ffmpeg_seeks_and_decodes_what_the_file_holds(site, large, cast, sim, tmp_path, name, second):
    torrent = large({name: 8_000_000})
    opened = make_share(cast.member, torrent)
    (tmp_path / name).write_bytes(sim.control.expected_bytes(torrent.info_hash, torrent.files.get().path))
    frames = decoded(only_url(opened.token, name), second)
    assert frames == decoded(str(tmp_path / name), second)
    assert len(frames.splitlines()) > 10
    assert sim.control.count("requestdl") == 1


def test_mpv_seeks_all_over_a_recording_for_one_request_and_one_use(site, large, cast, sim, tmp_path):
    opened = make_share(cast.member, large({"song.mp3": SONG}))
    with mpv_open(only_url(opened.token, "song.mp3"), tmp_path) as tell:
        until(lambda: tell("get_property", "seekable"))
        assert tell("get_property", "duration") == pytest.approx(SONG / 4000, abs=1)
        for second in (9000, 30, 5000, 9900, 2500):
            tell("seek", second, "absolute", "exact")
            until(lambda at=second: abs((tell("get_property", "time-pos") or 0) - at) < 0.1)
    assert sim.control.count("requestdl") == 1
    assert LinkUse.objects.filter(link=opened.link).count() == 1


@pytest.mark.parametrize("name", MEDIA)
def test_mpv_starts_in_the_middle_and_plays_to_the_end(site, large, cast, name):
    opened = make_share(cast.member, large({name: FILM}))
    output = run("mpv", *MPV, "--start=6", only_url(opened.token, name))
    assert len(played(output)) == 1 and "End of file" in output


def test_mpv_plays_every_file_of_a_growing_playlist(site, large, cast, sim):
    large({"film.mp4": FILM}, "cd" * 20)
    made = make_list(cast.member, LastingLink.Kind.PLAYLIST)
    playlist = list_url(made)
    assert len(played(run("mpv", *MPV, playlist))) == 1
    large({"part 1.mkv": FILM, "part 2.mkv": FILM, "notes.txt": 100}, "ef" * 20)
    assert len(played(run("mpv", *MPV, playlist))) == 3
    assert sim.control.count("requestdl") == 2  # of the new ones; the first is still known


def test_mpv_plays_every_film_of_a_share_link_in_order(site, large, cast):
    films = {"1 first.mp4": FILM, "2 second.mkv": FILM, "3 third.webm": FILM, "cover.jpg": 900}
    opened = make_share(cast.member, large(films))
    output = run("mpv", *MPV, list_url(opened))
    assert played(output) == list(films)[:3]


def test_players_send_the_password_of_a_link(site, large, cast):
    opened = make_share(cast.member, large({"film.mkv": FILM}), password=PASSWORD)
    url = only_url(opened.token, "film.mkv")
    with_password = url.replace("://", "://me:open%20sesame@")
    assert probe(with_password)[0] == MEDIA["film.mkv"]
    assert len(played(run("mpv", *MPV, with_password))) == 1
    refused = subprocess.run([program("ffprobe"), url], capture_output=True, text=True, timeout=WITHIN)
    assert refused.returncode != 0 and "401" in refused.stderr
