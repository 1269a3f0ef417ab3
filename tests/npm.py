"""Packages of npm for tests, installed into a temporary folder from a lock file in the repository.

A folder's unpack.cjs, if there is one, runs once after that.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.needs import lacking

NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def installed(temporary: pytest.TempPathFactory, source: Path) -> Path:
    """Return a copy of the folder `source` with its packages in it, one for all processes of a parallel run."""
    if not (shutil.which("node") and shutil.which("npm")):
        lacking(f"{source.name} needs node and npm (apt install nodejs npm).")
    shared = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / source.name
    with (shared / f"{source.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            install(source, folder)
    return folder


def install(source: Path, folder: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished)
    done = subprocess.run(["npm", *NPM], cwd=unfinished, capture_output=True, text=True, timeout=120)
    if done.returncode:
        lacking(f"npm could not install the packages of {source.name}: {done.stderr[-500:]}")
    if (unfinished / "unpack.cjs").exists():
        subprocess.run(["node", "unpack.cjs"], cwd=unfinished, check=True, timeout=120)
    unfinished.rename(folder)
