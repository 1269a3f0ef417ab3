"""The machine that ran the benchmark, in a sentence, and the memory and processor time of processes."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path


def described() -> str:
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {_processor()}, {_memory() / 1024**3:.0f} GB; {platform.system()}; "
        f"Python {platform.python_version()}, Django {version('django')}, SQLite {sqlite3.sqlite_version}, "
        f"{_postgresql()}; load at the end {busy:.1f}."
    )


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for path in children for child in _read(path).split()]
    return [pid, *(below for child in found for below in tree(child))]


def pss(pid: int) -> int:
    """Return the bytes that a process and its descendants use, with shared pages divided among their users."""
    return sum(_pss(one) for one in tree(pid))


def processor(pid: int) -> float:
    """Return the seconds of the processor that a process and its descendants have used."""
    return sum(_processor_seconds(one) for one in tree(pid))


def own_pss() -> int:
    """Return the bytes of this process alone, without a simulator it has started."""
    return _pss(os.getpid())


def _processor_seconds(pid: int) -> float:
    after_name = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")  # in user and in system mode


def _pss(pid: int) -> int:
    lines = _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _read(path: Path) -> str:
    """Return the file's text. Empty if the process has just ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _processor() -> str:
    lines = _read(Path("/proc/cpuinfo")).splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _postgresql() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        return "no PostgreSQL"
    words = subprocess.run(
        [found[-1], "--version"], capture_output=True, text=True, check=False
    ).stdout.split()
    return f"PostgreSQL {words[2]}" if len(words) > 2 else "PostgreSQL"
