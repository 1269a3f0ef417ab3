"""Made-up titles and file lists of freely licensed or public-domain works, some in other scripts."""

from __future__ import annotations

import re
from random import Random

Sized = tuple[str, int]
MIB = 1024 * 1024

AUTHORS = (
    "Jane Austen", "Mary Shelley", "Jules Verne", "Émile Zola", "Bram Stoker", "Herman Melville", "Лев Толстой",
    "Charlotte Brontë", "H. G. Wells", "Miguel de Cervantes", "Selma Lagerlöf", "夏目漱石", "Kate Chopin",
)  # fmt: skip
WORKS = (
    "Collected Letters", "Complete Novels", "Short Stories", "The Lighthouse", "A Winter Journey", "Война и мир",
    "Nächte am Fluss", "The Observatory", "吾輩は猫である", "Les Voyages", "The Long Field", "Essays and Sketches",
)  # fmt: skip
COMPOSERS = ("J. S. Bach", "Clara Schumann", "Antonín Dvořák", "Erik Satie", "Scott Joplin", "Fanny Hensel")
PIECES = (
    "Preludes",
    "Piano Works",
    "String Quartets",
    "Songs",
    "Organ Works",
    "Symphony No. 7",
    "Gymnopédies",
)
FILMS = (
    "The Night Train", "Voyage to the Ice", "Shadows on the Wall", "The General's Horse", "City of Rain",
    "A Trip Beyond the Moon", "Das Haus am See", "Les Fleurs du Nord", "カメラの夢", "The Paper Lantern",
)  # fmt: skip
SYSTEMS = ("debian", "ubuntu", "fedora", "archlinux", "alpine", "opensuse-leap", "freebsd", "nixos", "mint")
FLAVOURS = ("amd64-netinst", "desktop-amd64", "live-x86_64", "server-arm64", "xfce-amd64", "minimal-riscv64")
DATASETS = (
    "Night Sky Survey",
    "River Levels",
    "Bird Calls",
    "Old Maps",
    "Open Street Extract",
    "Herbarium Scans",
)
LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "ja", "uk")

MIME = {
    ".mp4": "video/mp4", ".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".webm": "video/webm",
    ".m4v": "video/x-m4v", ".m4a": "audio/mp4", ".m4b": "audio/mp4", ".vtt": "text/vtt",
    ".srt": "application/x-subrip", ".jpg": "image/jpeg", ".png": "image/png", ".flac": "audio/flac",
    ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".pdf": "application/pdf", ".epub": "application/epub+zip",
    ".txt": "text/plain", ".iso": "application/x-iso9660-image", ".zip": "application/zip", ".csv": "text/csv",
    ".nfo": "text/plain", ".tif": "image/tiff", ".xz": "application/x-xz", ".log": "text/plain",
    ".torrent": "application/x-bittorrent",
}  # fmt: skip


def mime(path: str) -> str:
    dot = path.rfind(".")
    return (
        MIME.get(path[dot:].lower(), "application/octet-stream") if dot >= 0 else "application/octet-stream"
    )


def title(rng: Random) -> tuple[str, str]:
    """Return a kind of work and a title for it."""
    kind = rng.choice(KINDS)
    return kind, TITLES[kind](rng)


HINTS = (
    ("record", re.compile(r"FLAC|Chor|аудио|recordings|Quartets|Variations", re.IGNORECASE)),
    ("film", re.compile(r"720p|1080p|4K|\((19|20)\d\d\)$|film", re.IGNORECASE)),
    ("dataset", re.compile(r"part \d+$|plates|scans|survey", re.IGNORECASE)),
    ("system", re.compile(r"amd64|x86_64|64bit|arm64|riscv|linux|debian|ubuntu|fedora", re.IGNORECASE)),
    ("book", re.compile(r" - |édition|novel|book", re.IGNORECASE)),
)


def guess(name: str) -> str | None:
    """Guess the kind of a work from its name."""
    return next((kind for kind, hint in HINTS if hint.search(name)), None)


def files(rng: Random, kind: str, name: str, room: int) -> list[Sized]:
    """Return paths and sizes below the root folder of `name`, about `room` bytes in total."""
    return FILES[kind](rng, name, room)


def _book(rng: Random) -> str:
    return f"{rng.choice(AUTHORS)} - {rng.choice(WORKS)} ({rng.randint(1811, 1927)})"


def _record(rng: Random) -> str:
    return f"{rng.choice(COMPOSERS)} - {rng.choice(PIECES)} [{rng.randint(1902, 1952)}] FLAC"


def _film(rng: Random) -> str:
    return f"{rng.choice(FILMS)} ({rng.randint(1903, 1929)}) {rng.choice(('720p', '1080p', 'restored 4K'))}"


def _system(rng: Random) -> str:
    return f"{rng.choice(SYSTEMS)}-{rng.randint(10, 43)}.{rng.randint(0, 10):02d}-{rng.choice(FLAVOURS)}"


def _dataset(rng: Random) -> str:
    return f"{rng.choice(DATASETS)} {rng.randint(1990, 2025)}, part {rng.randint(1, 40)}"


def _book_files(rng: Random, name: str, room: int) -> list[Sized]:
    size = max(room // 3, 1)
    found = [(f"{name}{ending}", size + rng.randint(0, 999)) for ending in (".epub", ".pdf", ".txt")]
    return [*found, ("cover.jpg", rng.randint(80_000, 400_000))]


def _record_files(rng: Random, name: str, room: int) -> list[Sized]:
    count = rng.randint(6, 14)
    tracks = [(f"{n:02d} - {rng.choice(PIECES)} {n}.flac", room // count) for n in range(1, count + 1)]
    return [*tracks, ("Scans/front.jpg", rng.randint(200_000, 900_000)), ("rip.log", rng.randint(900, 5000))]


def _film_files(rng: Random, name: str, room: int) -> list[Sized]:
    ending = rng.choice((".mp4", ".mkv"))
    languages = sorted(rng.sample(LANGUAGES, rng.randint(1, 4)))
    found = [(f"{name}{ending}", room)]
    found += [(f"Subs/{name}.{code}.srt", rng.randint(30_000, 90_000)) for code in languages]
    return [*found, ("Extras/poster.jpg", rng.randint(90_000, 700_000))]


def _system_files(rng: Random, name: str, room: int) -> list[Sized]:
    return [(f"{name}.iso", room), (f"{name}.iso.sha256.txt", 98 + len(name))]


def _dataset_files(rng: Random, name: str, room: int) -> list[Sized]:
    count = rng.randint(8, 30)
    folders = [f"tiles/{rng.randint(1, 4)}/{rng.choice('abcdef')}{n:03d}.tif" for n in range(count)]
    return [("README.txt", rng.randint(800, 4000)), *[(path, room // count) for path in folders]]


TITLES = {"book": _book, "record": _record, "film": _film, "system": _system, "dataset": _dataset}
FILES = {
    "book": _book_files,
    "record": _record_files,
    "film": _film_files,
    "system": _system_files,
    "dataset": _dataset_files,
}
ROOM = {
    "book": (2 * MIB, 60 * MIB),
    "record": (180 * MIB, 700 * MIB),
    "film": (400 * MIB, 6000 * MIB),
    "system": (300 * MIB, 5200 * MIB),
    "dataset": (90 * MIB, 2500 * MIB),
}
KINDS = tuple(TITLES)
