"""Works the simulator knows by name, all of them free to share.

The films have the hashes their makers publish. The images and texts of `GENERATED` are generated here and small,
so that they can be exported as real .torrent files.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from simulator import content_library
from simulator.content_library import Work

GIB, MIB, KIB = 1024**3, 1024**2, 1024

SINTEL = "08ada5a7a6183aae1e09d831df6748d566095a10"
BIG_BUCK_BUNNY = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"
COSMOS_LAUNDROMAT = "c9e15763f722f23e98a29decdfae341b98d53056"
TEARS_OF_STEEL = "209c8226b299b308beaf2b9cd3fb49212dbd13ec"

SUBTITLES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru")

FILMS = (
    content_library.famous(
        SINTEL,
        "Sintel",
        [(f"Sintel.{code}.srt", 1400 + 31 * n) for n, code in enumerate(SUBTITLES)]
        + [("Sintel.mp4", 129241752), ("poster.jpg", 46115)],
    ),
    content_library.famous(
        BIG_BUCK_BUNNY,
        "Big Buck Bunny",
        [("Big Buck Bunny.en.srt", 140), ("Big Buck Bunny.mp4", 276134947), ("poster.jpg", 310380)],
    ),
    content_library.famous(
        COSMOS_LAUNDROMAT,
        "Cosmos Laundromat",
        [
            ("Cosmos Laundromat.en.srt", 3945),
            ("Cosmos Laundromat.fr.srt", 3911),
            ("Cosmos Laundromat.mp4", 220087570),
            ("poster.jpg", 760595),
        ],
    ),
    content_library.famous(
        TEARS_OF_STEEL,
        "Tears of Steel",
        [(f"Tears of Steel.{code}.srt", 5000 + 17 * n) for n, code in enumerate(SUBTITLES)]
        + [("Tears of Steel.webm", 571346576), ("poster.jpg", 35996)],
    ),
)

IMAGES = (
    ("debian-12.7.0-amd64-netinst", 661 * MIB),
    ("debian-live-12.7.0-amd64-gnome", 3 * GIB + 200 * MIB),
    ("ubuntu-24.04.1-desktop-amd64", 6 * GIB - 200 * MIB),
    ("ubuntu-24.04.1-live-server-amd64", 2 * GIB + 600 * MIB),
    ("archlinux-2026.05.01-x86_64", 1 * GIB + 130 * MIB),
    ("Fedora-Workstation-Live-x86_64-42", 2 * GIB + 300 * MIB),
    ("linuxmint-22-cinnamon-64bit", 2 * GIB + 900 * MIB),
    ("alpine-standard-3.22.0-x86_64", 250 * MIB),
)

TREES: dict[str, dict[str, int]] = {
    "Night of the Living Dead (1968)": {
        "Night of the Living Dead (1968).mp4": 3 * MIB,
        "Subs/English.srt": 61_204,
        "Subs/Español.srt": 63_977,
        "Subs/日本語.srt": 58_110,
        "Extras/Lobby cards/01.jpg": 90_112,
        "Extras/Lobby cards/02.jpg": 88_064,
    },
    "夏目漱石 - 吾輩は猫である": {
        "吾輩は猫である.epub": 640 * KIB,
        "吾輩は猫である.txt": 910 * KIB,
        "画像/表紙.jpg": 140 * KIB,
    },
    "Lewis Carroll - Alice's Adventures in Wonderland (illustrated)": {
        "Alice.epub": 900 * KIB,
        "Alice.pdf": 1500 * KIB,
        "Illustrations/Tenniel 01 – The White Rabbit.jpg": 210 * KIB,
        "Illustrations/Tenniel 02 – Down the Hole.jpg": 198 * KIB,
        "README.txt": 1_812,
    },
    "J. S. Bach - Open Goldberg Variations": {
        "Disc 1/01 Aria.flac": 700 * KIB,
        "Disc 1/02 Variatio 1.flac": 610 * KIB,
        "Disc 2/01 Variatio 16.flac": 650 * KIB,
        "Disc 2/02 Aria da capo.flac": 690 * KIB,
        "booklet.pdf": 340 * KIB,
    },
    "Émile Zola - Les Rougon-Macquart": {
        f"{n:02d} - {title}.epub": 180 * KIB
        for n, title in enumerate(("La Fortune des Rougon", "La Curée", "Le Ventre de Paris", "L'Œuvre"), 1)
    },
    "Caruso - Victor recordings 1904-1920": {f"{n:02d} side.mp3": 220 * KIB for n in range(1, 13)},
    "Apollo 11 flight journal scans": {f"vol {n // 10}/page {n:03d}.jpg": 24 * KIB for n in range(120)},
}


def named_hash(name: str) -> str:
    """Return a made-up info hash for a work whose real one doesn't matter."""
    return hashlib.sha1(name.encode()).hexdigest()


def _image(name: str, size: int) -> Work:
    return content_library.famous(
        named_hash(name), name, [(f"{name}.iso", size), ("SHA256SUMS.txt", 98 + len(name))]
    )


@lru_cache(maxsize=1)
def generated() -> tuple[Work, ...]:
    return tuple(content_library.make(name, tree) for name, tree in TREES.items())


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Work]:
    known = (*FILMS, *(_image(name, size) for name, size in IMAGES), *generated())
    return {work.info_hash: work for work in known}


def by_name(name: str) -> Work:
    return next(work for work in catalogue().values() if work.name == name)
