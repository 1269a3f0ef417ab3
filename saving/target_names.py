"""Where the files of a job go: names that are safe on every system, unique, and inside the folder. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256

from links.target_paths import (
    MAX_NAME,
    collision_key,
    first_free,
    safe_name,
    safe_path,
    shortened,
    unique_paths,
)

PARTIAL = re.compile(r"\.[0-9a-f]{8}\.part(\.aria2)?$")  # how names of partial files end
TEMPORARY = ".torbox-web-unpacking-"  # how names of what is being unpacked begin
MAX_DEPTH = 30  # folders below the base; many programs fail at some hundreds


def targets(
    name: str,
    paths: Sequence[str],
    taken: Collection[str],
    *,
    chosen: Iterable[int] | None = None,
    base: str | None = None,
) -> tuple[str, list[str]]:
    """Return the base of a job and the target of each file, all relative to the folder.

    `paths` are those of all files that TorBox has, and `chosen` the positions of those to save, by default all. The file
    of a torrent with a single one goes into the folder itself. Files of others go into one folder named after the torrent,
    with their own folders below it. `taken` are keys (`key`) of what exists: if one collides, the base gets a number. With
    `base`, files join those that were saved there before, and those that collide get a number.
    """
    if len(paths) == 1:
        return "", [_free(safe_name(unlike_partial(safe_name(paths[0].rpartition("/")[2]))), taken)]
    unique = unique_paths(map(unlike_partial, map(_shallow, _below_root(paths))))
    wanted = [unique[position] for position in (range(len(paths)) if chosen is None else chosen)]
    if base:
        return base, _joining(base, wanted, taken)
    base = _free(safe_name(unlike_partial(safe_name(name))), taken, is_folder=True)
    return base, [f"{base}/{path}" for path in wanted]


def key(target: str) -> str:
    """Return 64 characters that are equal for targets that any file system takes for the same."""
    return sha256(collision_key(target).encode(errors="surrogatepass")).hexdigest()


def unlike_partial(path: str) -> str:
    """Return a path that isn't like those of partial files and of what is being unpacked, because old ones are deleted if
    no job needs them."""
    parts = safe_path(path).split("/")
    if any(part.startswith(TEMPORARY) for part in parts):
        path = "/".join(f"_{part}" if part.startswith(TEMPORARY) else part for part in parts)
    safe = safe_path(path)
    return f"{safe}_" if PARTIAL.search(safe) else path


def _below_root(paths: Sequence[str]) -> list[str]:
    """Leave out the folder that all paths begin with, because the base stands for it."""
    roots = {path.partition("/")[0] for path in paths}
    if len(roots) == 1 and all(path.strip("/").count("/") for path in paths):
        return [path.partition("/")[2] for path in paths]
    return list(paths)


def _shallow(path: str) -> str:
    """Leave out the innermost folders of a path that has too many."""
    *folders, name = path.split("/")
    return "/".join([*filter(None, folders[:MAX_DEPTH]), name])


def _joining(base: str, paths: Iterable[str], taken: Collection[str]) -> list[str]:
    used, found = set(taken), []
    for path in paths:
        target = f"{base}/{path}"
        if key(target) in used:
            folder, slash, name = target.rpartition("/")
            target = _free(name, used, inside=f"{folder}{slash}")
        used.add(key(target))
        found.append(target)
    return found


def _free(name: str, taken: Collection[str], *, inside: str = "", is_folder: bool = False) -> str:
    return first_free(
        lambda number: f"{inside}{_numbered(name, number, is_folder)}",
        lambda target: key(target) not in taken,
    )


def _numbered(name: str, number: int, is_folder: bool) -> str:
    """Return a name with a number, before the extension of a file. What looks like that of a folder is a part of it."""
    if not is_folder:
        return shortened(name, number=number)
    ending = f" ({number})" if number > 1 else ""
    return name.encode()[: MAX_NAME - len(ending)].decode(errors="ignore").rstrip(". ") + ending
