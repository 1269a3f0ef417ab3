"""Faults of the stores of an instance and of its clock, and how each ends."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stacks import Backing

LIBFAKETIME = ("libfaketimeMT.so.1", "libfaketime.so.1")
DISK_MB = 24


class NotPossible(RuntimeError):
    """Raised if this machine can't produce a fault. The message says why."""


@dataclass(frozen=True)
class Fault:
    """A fault. `part` is what `/health/ready` must report as broken, None if it has to stay ready."""

    name: str
    part: str | None
    seconds: float
    begin: Callable[[], None]
    end: Callable[[], None]


def redis_full(below: Backing, seconds: float) -> Fault:
    """Limit Redis to 1 MB, less than an empty one needs, so that it refuses every command that may grow it."""
    assert below.redis
    server = below.redis

    def limit(memory: str) -> None:
        with server.client as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", memory)

    return Fault("redis-full", "broker", seconds, lambda: limit("1mb"), lambda: limit("0"))


def redis_stopped(below: Backing, seconds: float) -> Fault:
    assert below.redis
    return Fault("redis-stopped", "broker", seconds, below.redis.stop, below.redis.start_again)


def postgres_stopped(below: Backing, seconds: float) -> Fault:
    assert below.postgres
    return Fault("postgres-stopped", "database", seconds, below.postgres.stop, below.postgres.start_again)


def disk_full(folder: Path, seconds: float) -> Fault:
    """Fill the disk with a file."""
    ballast = folder / "ballast"

    def fill() -> None:
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    return Fault("disk-full", "data", seconds, fill, ballast.unlink)


def clock_ahead(file: Path, seconds: float) -> Fault:
    """Move the clock of all processes of the instance to tomorrow, but not that of stores and TorBox."""
    return Fault("clock-ahead", None, seconds, lambda: _write(file, "+1d\n"), lambda: _write(file, "+0\n"))


def clock(file: Path) -> dict[str, str]:
    """Return variables with which processes take a shift of their clock from `file`. Raises NotPossible."""
    _write(file, "+0\n")
    return {
        "LD_PRELOAD": str(_libfaketime()),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(Path(__file__).with_name("clock")),
    }


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system at `folder`. Raises NotPossible."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        raise NotPossible("Only root may mount a small disk." if done is None else done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _write(file: Path, text: str) -> None:
    draft = file.with_suffix(".new")
    draft.write_text(text)
    draft.replace(file)


def _libfaketime() -> Path:
    for name in LIBFAKETIME:
        for path in Path("/usr/lib").glob(f"*/faketime/{name}"):
            return path
    raise NotPossible("libfaketime is not installed (apt install faketime).")
