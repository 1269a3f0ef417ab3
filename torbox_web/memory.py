"""Processes that stay small: what was used once goes back to the system, and what is alike is shared."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import time

# The names of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT = 128 * 1024  # bytes
GIVEN_BACK_EVERY = 30  # seconds; it takes about a tenth of one

_given_back_at = 0.0


def be_frugal() -> None:
    """To be called before threads start. Of glibc's settings nothing is done where the C library is another.

    glibc gives threads up to eight arenas a core, each of which keeps its largest size, and learns from one large
    list to keep large blocks. Processes that are forked share pages until one of them writes there, and the
    collector of garbage writes on all; so what is there before a fork is left out of its rounds, on both sides.
    """
    for setting, value in ((M_ARENA_MAX, 2), (M_MMAP_THRESHOLD, KEPT), (M_TRIM_THRESHOLD, KEPT)):
        _glibc("mallopt", setting, value)
    os.register_at_fork(before=set_aside)


def give_back() -> None:
    """After work that may have been large: what it left behind goes, and its pages to the system."""
    global _given_back_at
    now = time.monotonic()
    if now - _given_back_at < GIVEN_BACK_EVERY:
        return
    _given_back_at = now
    gc.collect()
    _glibc("malloc_trim", 0)


def set_aside() -> None:
    """What is there now is left out of the collector's rounds from now on."""
    gc.collect()
    gc.freeze()


def _glibc(name: str, *words: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        getattr(ctypes.CDLL(None), name)(*words)
