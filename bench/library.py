"""Libraries of torrents like those of real people, made up and the same for the same seed.

Names are long and in several scripts, and files are in nested folders. A torrent has 1 to 2,000 files, 8 on average,
so that 10,000 torrents have about 80,000. One in a hundred is downloading, most are done. Two in three have tags.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random
from typing import Any

from simulator import names
from simulator.content_library import File, Work

DAY = 86400
MIB = 1024 * 1024
MAX_FILES = 2000
FROM_THIS_SIZE = 1000  # torrents a library needs to have one with MAX_FILES
# Share of torrents, minimum and maximum number of files: a film, an album, a season, a collection.
FILE_COUNTS = ((0.52, 1, 1), (0.36, 2, 10), (0.10, 11, 40), (0.019, 41, 180), (0.001, 181, MAX_FILES))
# Out of a hundred, by position in the list modulo 100.
STATES = {0: "downloading", 1: "paused", 2: "stalled", 3: "failed", 4: "expired"}
MOVES_FOR = 200 * DAY  # longer than any benchmark
EXTRAS = (
    "remastered edition with commentary", "Die vollständige Sammlung in neuer Übersetzung", "édition du centenaire",
    "полное собрание сочинений", "完全版・特典映像付き", "النسخة الكاملة", "הוצאה מיוחדת", "a scan of every page",
    "[2160p.HDR10.x265.10bit.FLAC.5.1-ARCHIVE]", "🎬 director’s cut", "Vol. 1–12 (complete)", "ฉบับสมบูรณ์",
)  # fmt: skip
FOLDERS = (
    "Season 01", "Disc 2", "Bonus Material/Behind the Scenes", "Subs/Forced & SDH", "字幕/日本語", "Книга первая/Часть 2",
    "Scans (600 dpi)/Booklet", "Été 1923/Bobine n° 4", "extras/a/b/c/d",
)  # fmt: skip
TAGS = tuple(f"Tag {number}" for number in range(1, 41))
ENDINGS = (".mkv", ".mp4", ".flac", ".mp3", ".srt", ".jpg", ".pdf", ".epub", ".tif", ".txt", ".nfo", "")


def library(count: int, *, seed: int = 1, still: bool = False) -> Iterator[dict[str, Any]]:
    """Return descriptions for simulator/seeding.py, without `key`, oldest first. With `still` none changes."""
    for number in range(count):
        rng = Random(f"{seed} {number}")
        files = MAX_FILES if number == FROM_THIS_SIZE // 2 <= count // 2 else _file_count(rng)
        work = invent(rng, files)
        age = 1 + (count - number) * 25 * DAY / count
        yield {"work": work, "age": age, "tags": _tags(number)} | _state(number, rng, still)


def invent(rng: Random, files: int) -> Work:
    _, title = names.title(rng)
    extra = rng.choice(EXTRAS) if rng.random() < 0.7 else ""
    name = f"{title} {extra}".strip().replace("/", "-")
    info_hash = hashlib.sha1(rng.randbytes(20)).hexdigest()
    return Work(info_hash, name, info_hash, tuple(_files(rng, name, files)))


def magnets(count: int, seed: int = 2) -> str:
    """Return a paste of that many magnet links that no account has yet."""
    works = (invent(Random(f"paste {seed} {number}"), 1) for number in range(count))
    return "\n".join(work.magnet for work in works)


def _tags(number: int) -> list[str]:
    rng = Random(f"tags {number}")
    return rng.sample(TAGS, rng.choice((0, 1, 2)))


def _file_count(rng: Random) -> int:
    point = rng.random()
    for share, fewest, most in FILE_COUNTS:
        if point < share:
            return rng.randint(fewest, most)
        point -= share
    return 1


def _files(rng: Random, name: str, count: int) -> Iterator[File]:
    if count == 1:
        yield File(f"{name}{rng.choice(ENDINGS)}", rng.randint(MIB, 6000 * MIB))
        return
    folders = ["", *rng.sample(FOLDERS, min(len(FOLDERS), 1 + count // 20))]
    ending = rng.choice(ENDINGS)
    for number in range(count):
        folder = folders[number * len(folders) // count]
        path = f"{folder}/" if folder else ""
        title = rng.choice(names.WORKS)
        yield File(f"{name}/{path}{number + 1:04d} - {title} part {rng.randint(1, 99)}{ending}", _size(rng))


def _size(rng: Random) -> int:
    return int(10 ** rng.uniform(3, 8.5))


def _state(number: int, rng: Random, still: bool) -> dict[str, Any]:
    state = STATES.get(number % 100, rng.choice(("completed", "cached")))
    if state == "expired":
        return {"state": state, "age": 31 * DAY + number}
    if state == "downloading" and still:
        return {"state": "cached"}
    if state == "downloading":
        return {"state": state, "progress": rng.uniform(0.01, 0.5), "download_seconds": MOVES_FOR, "age": 0}
    return {"state": state}
