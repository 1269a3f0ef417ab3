"""*arr's story with a real worker and a real saver, which are killed in between."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

import serve
from saving.models import Job, SavingSettings
from saving.services import settings as saving_settings
from tests.api.qbittorrent.programs import OK, Program
from tests.chaos.processes import QUICK, ROOT
from tests.saving.factories import make_folder, where_is
from tests.saving.test_stopping import database_url
from torrents.models import AddRequest

pytestmark = pytest.mark.django_db(transaction=True)
MB = 1_000_000
WITHIN = 90.0  # seconds, on a busy machine


class Processes:
    """The worker and the saver of the Procfile, on the database of the test."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.env, self.log = env, log
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        line = serve.in_shell(serve.lines_of("Procfile")[name])
        with self.log.open("ab") as log:
            self.running[name] = subprocess.Popen(line, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.wait()


@pytest.fixture
def processes(transactional_db, sim, save_dir, tmp_path) -> Iterator[Processes]:
    more = {
        "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
        "DATABASE_URL": database_url(),
        "TORBOX_API_URL": sim.url,
        "SAVE_DIR": str(save_dir),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    running = Processes(os.environ | QUICK | more, tmp_path / "processes.log")
    yield running
    for name in [*running.running]:
        running.kill(name)


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN
    while not what():
        assert time.monotonic() < deadline, "It didn't happen in time."
        time.sleep(0.1)


def test_nothing_is_lost_and_nothing_is_sent_twice(cast, sim, save_dir, processes):
    folder = make_folder("tv")
    saving_settings.save(SavingSettings(limit=1 * MB))
    work = sim.control.make_work("A.Show.S01E01", {"A.Show.S01E01.mkv": 6 * MB})
    sim.control.cache([work.info_hash])
    sim.control.fail("createtorrent", "drop", delay=5, after=True)  # it arrives, but its answer doesn't
    arr = Program(cast.member)

    def row() -> dict[str, object]:
        return arr.info(category="tv")[0]

    processes.start("worker")
    processes.start("saver")
    assert arr("torrents/add", urls=work.magnet, category="tv") == OK
    wait_for(lambda: AddRequest.objects.get().state == "sending")
    wait_for(lambda: sim.control.count("createtorrent"))
    processes.kill("worker")
    assert row()["state"] in ("metaDL", "queuedDL")
    assert arr("torrents/add", urls=work.magnet, category="tv") == OK
    processes.start("worker")

    part = lambda: next(where_is(folder).rglob("*.part"), None)  # noqa: E731
    wait_for(lambda: (found := part()) and found.stat().st_size > MB)
    processes.kill("saver")
    assert row()["state"] == "downloading"
    Job.objects.exclude(claim="").update(
        claimed_until=timezone.now()
    )  # the minute passes in which its claim holds
    saving_settings.save(SavingSettings())
    processes.start("saver")
    wait_for(lambda: row()["state"] == "pausedUP")
    content = Path(str(row()["content_path"]))
    expected = sim.control.expected_bytes(work.info_hash, "A.Show.S01E01.mkv")
    saved = content if content.is_file() else content / "A.Show.S01E01.mkv"
    assert saved.read_bytes() == expected
    assert sim.control.accepted() == {work.info_hash: 1}

    assert arr("torrents/delete", hashes=work.info_hash, deleteFiles="true") == OK
    assert arr.info(category="tv") == []
    wait_for(lambda: not any(account["torrents"] for account in sim.control.state()["accounts"]))
    wait_for(lambda: not content.exists() and not Job.objects.exists())
    assert where_is(folder).is_dir()
