"""Processes that stay small: what was used once goes back to the system, and what is alike is shared."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os

# The names of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT = 128 * 1024  # bytes


def be_frugal() -> None:
    """To be called before threads start; does nothing where the C library is another.

    glibc gives threads up to eight arenas a core, each of which keeps its largest size, and learns from one large
    list to keep large blocks. Processes that are forked share pages until one writes on them, and the collector
    of garbage writes on all; so what is there before a fork is left out of its rounds.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for setting, value in ((M_ARENA_MAX, 2), (M_MMAP_THRESHOLD, KEPT), (M_TRIM_THRESHOLD, KEPT)):
            mallopt(setting, value)
    os.register_at_fork(before=gc.freeze, after_in_parent=gc.unfreeze)
