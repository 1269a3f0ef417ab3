"""Keep processes small: return unused memory to the system, and share pages between processes."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import time
from pathlib import Path

GIVEN_BACK_EVERY = 30  # seconds. It takes about 0.1 s
WORTH_IT = 1024 * 1024  # bytes that this process has grown by since the last time

_looked_at = 0.0
_left = 0


def be_frugal() -> None:
    """Exclude objects that exist before a fork from garbage collection, in parent and child.

    Forked processes share memory pages until one of them writes there, and the collector writes to all of them.
    `serve.py` configures how much memory glibc's malloc keeps.
    """
    os.register_at_fork(before=set_aside)


def give_back() -> None:
    """Collect garbage and return free memory to the system, after work that was large."""
    global _looked_at, _left
    now = time.monotonic()
    if now - _looked_at < GIVEN_BACK_EVERY:
        return
    _looked_at = now
    if _resident() < _left + WORTH_IT:
        return
    gc.collect()
    _glibc("malloc_trim", 0)
    _left = _resident()


def set_aside() -> None:
    """Exclude all current objects from future garbage collection."""
    gc.collect()
    gc.freeze()


def _resident() -> int:
    """Return the bytes of this process that are in memory. 0 if the system doesn't say so in Linux's way."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _glibc(name: str, *words: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        getattr(ctypes.CDLL(None), name)(*words)
