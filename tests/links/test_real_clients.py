"""Programs that people use, on lasting links of a real server, while TorBox's addresses die."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from links.link_urls import only_url
from tests.needs import lacking

pytestmark = pytest.mark.django_db(transaction=True)


def run(folder: Path, *words: str, status: int = 0) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def program(name: str) -> str:
    return shutil.which(name) or lacking(f"{name} is not installed.")


def aria2(folder: Path, *words: str) -> None:
    run(
        folder,
        program("aria2c"),
        "-x4",
        "-s4",
        "-k1M",
        "--no-conf",
        "--log-level=info",
        "--log=/tmp/wt/data-b/aria.log",
        *words,
    )


def test_aria2(server, film, sim, tmp_path):
    file = film.link.torrent.files.get()
    sim.control.options(link_seconds=5)
    aria2(tmp_path, "--max-overall-download-limit=600K", server.here(only_url(film.token, "film.mkv")))
    assert (tmp_path / "film.mkv").read_bytes() == sim.control.expected_bytes(
        film.link.torrent.info_hash, file.path
    )
    print(sim.control.calls())
    print(sim.control.count("requestdl"), sim.control.count("cdn"))
    assert 0
