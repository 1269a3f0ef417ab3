"""A disk of a few MB that a test can fill."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import lacking

NO_DISK = "A small disk can't be mounted here, neither as root nor by sudo."
PREFIXES: tuple[list[str], ...] = ([], ["sudo", "-n"])


@contextmanager
def mounted(path: Path, size: int) -> Iterator[Path]:
    """Mount a disk of `size` bytes in memory at `path`, with sudo if this isn't root."""
    path.mkdir(parents=True, exist_ok=True)
    options = f"size={size},mode=777"
    if not _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)):
        lacking(NO_DISK)
    try:
        yield path
    finally:
        _run("umount", "-l", str(path))


def remount(path: Path, options: str) -> None:
    """Change a mounted disk, for example to `ro` or another size."""
    assert _run("mount", "-o", f"remount,{options}", str(path))


def _run(*words: str) -> bool:
    return any(
        subprocess.run([*prefix, *words], capture_output=True).returncode == 0
        for prefix in PREFIXES
        if shutil.which([*prefix, *words][0])
    )
