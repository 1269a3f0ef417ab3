"""Keep processes small: return unused memory to the system, and share pages between processes."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import time

GIVEN_BACK_EVERY = 30  # seconds. It takes about 0.1 s

_given_back_at = 0.0


def be_frugal() -> None:
    """Exclude objects that exist before a fork from garbage collection, in parent and child.

    Forked processes share memory pages until one of them writes there, and the collector writes to all of them.
    `serve.py` configures how much memory glibc's malloc keeps.
    """
    os.register_at_fork(before=set_aside)


def give_back() -> None:
    """Collect garbage and return free memory to the system, after work that may have been large."""
    global _given_back_at
    now = time.monotonic()
    if now - _given_back_at < GIVEN_BACK_EVERY:
        return
    _given_back_at = now
    gc.collect()
    _glibc("malloc_trim", 0)


def set_aside() -> None:
    """Exclude all current objects from future garbage collection."""
    gc.collect()
    gc.freeze()


def _glibc(name: str, *words: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        getattr(ctypes.CDLL(None), name)(*words)
