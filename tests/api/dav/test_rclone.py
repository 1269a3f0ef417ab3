"""A real rclone lists, copies, and reads ranges."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.factories import MadeToken, make_token
from tests.needs import lacking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rclone(site, cast, tmp_path):
    """Return a function that runs rclone with our WebDAV as `dav:`."""
    program = shutil.which("rclone") or lacking("rclone is not installed.")
    token = make_token(cast.member)

    def run(*words: str) -> bytes:
        done = subprocess.run(
            [program, *words],
            env=_environment(site.url, token, program, tmp_path),
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr[-3000:].decode()
        return done.stdout

    return run


def _environment(url: str, token: MadeToken, program: str, folder: Path) -> dict[str, str]:
    hidden = subprocess.run([program, "obscure", token.text], capture_output=True, text=True, check=True)
    return os.environ | {
        "RCLONE_CONFIG": str(folder / "rclone.conf"),
        "RCLONE_CONFIG_DAV_TYPE": "webdav",
        "RCLONE_CONFIG_DAV_VENDOR": "other",
        "RCLONE_CONFIG_DAV_URL": f"{url}/dav/",
        "RCLONE_CONFIG_DAV_USER": "member",
        "RCLONE_CONFIG_DAV_PASS": hidden.stdout.strip(),
    }


@pytest.fixture
def film(at_torbox):
    return at_torbox({"a film.mkv": 3_000_000, "subs/ünïcode & 100%.srt": 1234}, name="An open film")


def test_rclone_lists_the_tree(film, rclone):
    listed = rclone("lsf", "-R", "dav:by-name").decode().splitlines()
    assert sorted(listed) == [
        "An open film/",
        "An open film/a film.mkv",
        "An open film/subs/",
        "An open film/subs/ünïcode & 100%.srt",
    ]


def test_rclone_copies_whole_files(film, rclone, sim, tmp_path):
    rclone("copy", "dav:by-name", str(tmp_path / "copy"))
    for file in film.files.all():
        below = file.path.removeprefix("An open film/")
        copied = tmp_path / "copy" / "An open film" / below
        assert copied.read_bytes() == sim.control.expected_bytes(film.info_hash, file.path)


def test_rclone_reads_a_range(film, rclone, sim):
    whole = sim.control.expected_bytes(film.info_hash, "An open film/a film.mkv")
    found = rclone("cat", "--offset", "1000000", "--count", "500", "dav:newest/An open film/a film.mkv")
    assert found == whole[1_000_000:1_000_500]
