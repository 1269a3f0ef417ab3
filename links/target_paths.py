"""File names that are safe on every system, short enough, and unique. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from torrents.formatting import JOINERS, display_name

# File systems allow 255 bytes, and while aria2 saves a file it keeps another one with `.aria2` after the name.
MAX_NAME = 255 - len(".aria2")  # bytes
MAX_PATH = 2000  # bytes; Linux allows 4,096, including the folder that everything is saved in
MAX_READ = 5000  # characters of one name that are looked at
TAIL = 64  # bytes at the end of a long name that are kept
GAP = "..."
NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|]')  # Windows; and a backslash would be a folder there
EXTENSION = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,10}$")
EPISODE = re.compile(
    r"""(?<![a-z0-9])
    (?: s\d{1,4}[ ._-]?e\d{1,4}(?:-?e\d{1,4})* | \d{1,2}x\d{2,3} | (?:ep|e|episode)[ ._-]?\d{1,4} )
    (?![a-z0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
# Windows opens a device for these, whatever extension follows.
DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)\d)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Return a file name for `name`: no folders, at most MAX_NAME bytes, extension kept."""
    return _safe_part(name) or "file"


def safe_path(path: str) -> str:
    """Return a relative path for `path` that stays below the folder it is saved in, on any system."""
    parts = [part for part in map(_safe_part, path.split("/")) if part]
    while len(parts) > 2 and len("/".join(parts).encode()) > MAX_PATH:
        del parts[-2]
    return "/".join(parts) or "file"


def unique_paths(paths: Iterable[str]) -> list[str]:
    """Return the safe path of each of `paths`, numbered where it would collide with an earlier one.

    Two collide when any file system takes them for the same: they differ only in case or Unicode normalization, or
    one is a folder of the other.
    """
    files: set[str] = set()
    folders: set[str] = set()
    return [_placed(safe_path(path).split("/"), files, folders) for path in paths]


def shortened(name: str, *, number: int = 1) -> str:
    """Return `name` in at most MAX_NAME bytes: beginning, episode, end, `number` if above 1, extension."""
    found = EXTENSION.search(name)
    stem, extension = (name[: found.start()], found[0]) if found else (name, "")
    ending = f" ({number}){extension}" if number > 1 else extension
    return _short_stem(stem, MAX_NAME - len(ending.encode())) + ending


def _safe_part(part: str) -> str:
    cleaned = NOT_IN_NAMES.sub("_", display_name(part, MAX_READ)).strip(". ")
    is_device = DEVICE.fullmatch(unicodedata.normalize("NFKC", cleaned.partition(".")[0]).strip())
    return shortened(f"_{cleaned}" if is_device else cleaned)


def _short_stem(stem: str, room: int) -> str:
    """Cut the middle out of a stem that is longer than `room` bytes, except for the episode."""
    if len(stem.encode()) <= room:
        return stem
    tail = stem.encode()[-TAIL:].decode(errors="ignore")
    head = _beginning(stem, room - len(f"{GAP}{tail}".encode()))
    *_, episode = [None, *EPISODE.finditer(stem)]
    if episode and episode.end() > len(head) and episode.start() < len(stem) - len(tail):
        tail = f"{episode[0]}{GAP}{tail}"
        head = _beginning(stem, room - len(f"{GAP}{tail}".encode()))
    return f"{head}{GAP}{tail}"


def _beginning(text: str, room: int) -> str:
    return text.encode()[:room].decode(errors="ignore").rstrip(". ")


def first_free(path: Callable[[int], str], is_free: Callable[[str], bool]) -> str:
    """Return `path` of a number from 1 that is free: the lowest, as long as those that are taken follow each other.

    Takes few steps, also among thousands of the same name.
    """
    taken, free = 0, 1
    while not is_free(path(free)):
        taken, free = free, free * 2
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_free(path(middle)):
            free = middle
        else:
            taken = middle
    return path(free)


def _placed(parts: list[str], files: set[str], folders: set[str]) -> str:
    """Return a free path for a file, and add it to `files` and its folders to `folders`."""
    placed = ""
    for folder in parts[:-1]:
        placed = _free(placed, folder, files) + "/"
        folders.add(collision_key(placed[:-1]))
    placed = _free(placed, parts[-1], files, folders)
    files.add(collision_key(placed))
    return placed


def _free(folder: str, name: str, *taken: set[str]) -> str:
    def numbered(number: int) -> str:
        return f"{folder}{shortened(name, number=number) if number > 1 else name}"

    def is_free(path: str) -> bool:
        key = collision_key(path)
        return not any(key in some for some in taken)

    return first_free(numbered, is_free)


def collision_key(path: str) -> str:
    """Return what collides: equal for paths that any file system takes for the same. Some ignore joiners."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", path).casefold())
    return "".join(char for char in folded if char not in JOINERS)
