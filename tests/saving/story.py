"""Save 200 files through everything that may go wrong, with a real saver, and count what comes of it.

The CDN breaks every connection after 5 MB, addresses expire after 5 s, the saver is killed ten times, and a disk fills up
once. `python -m tests.saving.story` takes some minutes and prints the counts. `--small` is what the test suite runs. With
`--aria2`, a real aria2 downloads the files, which is killed each time the saver is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import simulator.server
from simulator import content, rows
from simulator.content_library import Work
from tests.saving.aria2_daemon import SECRET, Aria2Daemon
from tests.saving.small_disk import mounted, remount

ROOT = Path(__file__).parents[2]
MB = 1_000_000
PATIENCE = 1800.0  # seconds for all of it
STOPS_WITHIN = 120.0  # seconds, on a busy machine
SAVER = [
    "-m",
    "celery",
    "--quiet",
    "--app",
    "torbox_web",
    "worker",
    "-Q",
    "saving",
    "--pool",
    "threads",
    "--concurrency",
    "5",
    "--without-mingle",
    "--without-gossip",
    "--without-heartbeat",
    "--loglevel",
    "warning",
]
ODD_NAMES = (
    "CON.mkv", "aux/nul.txt", "LPT1", "trailing dot./a. ", "  blanks  .mkv", "a\\b\\c.mkv", 'quotes"and<angles>|?*:.mkv',
    "../../outside.mkv", "a/../../b.mkv", "/absolute.mkv", "映" * 120 + ".mkv", "é" * 200 + ".flac", "x" * 400,
    "Case.mkv", "case.MKV", "\u00e9.mkv", "e\u0301.mkv", "right\u202eto left.mkv", "new\nline.mkv", "tab\t.mkv",
    "zero\u200bwidth.mkv", "😀" * 70 + ".mp4", ".hidden", "...", "-rf", "$(reboot).sh", "a.part", "a", "a.aria2",
)  # fmt: skip


@dataclass
class Scale:
    """How large the story is. Sizes in bytes."""

    large: int = 2000 * MB
    files: int = 200
    most: int = 8 * MB  # of one of the many files
    cut: int = 5 * MB
    link_seconds: float = 5.0
    kills: int = 10
    disk: int = 24 * MB
    for_disk: int = 60 * MB


SMALL = Scale(30 * MB, 50, 600_000, 700_000, 1.0, 2, 3 * MB, 6 * MB)


@dataclass
class Counts:
    """What happened."""

    kills: int = 0
    disk_full: int = 0
    looked_at: int = 0  # files under their final name, while others were being saved
    not_whole: set[str] = field(default_factory=set)


class Story:
    """One run. Django is set up, and its database is empty."""

    def __init__(
        self,
        scale: Scale,
        sim: simulator.server.Running,
        folder: Path,
        names: list[str],
        aria2: Aria2Daemon | None = None,
    ) -> None:
        self.scale, self.sim, self.folder, self.aria2 = scale, sim, folder, aria2
        self.counts = Counts()
        self.random = random.Random(22)
        self.works: dict[str, Work] = {}
        self.specs = list(self._torrents(names))

    def _torrents(self, names: list[str]) -> Iterator[dict[str, Any]]:
        """Yield what the simulated TorBox gets: odd names, two torrents of one name, a large file, and many others."""
        odd = [(f"Odd names/{name}", self._size()) for name in dict.fromkeys((*ODD_NAMES, *names))]
        yield {"name": "Odd names", "files": odd}
        for _ in range(2):
            yield {
                "name": "Same.Film.2010",
                "files": [("Same.Film.2010/Same.Film.2010.mkv", self._size() + 1)],
            }
            yield {"name": "Same series", "files": [(f"Same series/{n}.mkv", self._size()) for n in range(5)]}
        yield {"name": "Large", "files": [("Large/large.mkv", self.scale.large)]}
        yield {
            "name": "For the small disk",
            "files": [(f"For the small disk/{n}.bin", self.scale.for_disk // 4) for n in range(4)],
        }
        rest = self.scale.files - len(odd) - 17
        yield {"name": "Many", "files": [(f"Many/{n % 7}/{n:03}.bin", self._size()) for n in range(rest)]}

    def _size(self) -> int:
        return 0 if self.random.random() < 0.05 else int(self.random.random() ** 3 * self.scale.most)

    def run(self) -> bool:
        """Save everything, print the counts, and return whether all of it is right."""
        self._begin()
        with mounted(self.folder / "save/small", self.scale.disk) as disk, self._saver() as saver:
            began = time.monotonic()
            self._start_jobs()
            self._go_through(saver, disk)
            return self._report(time.monotonic() - began)

    def _begin(self) -> None:
        from tests import factories
        from torrents.services.sync import refreshing

        self.cast = factories.make_cast(factories.make_key("story"))
        self.sim.control.seed(accounts=[{"key": self.cast.key, "name": "story", "plan": "pro"}])
        for number, spec in enumerate(self.specs):
            placed = {
                **spec,
                "key": self.cast.key,
                "state": "completed",
                "hash": factories.make_hash(f"story {number}"),
            }
            self.sim.control.seed(torrents=[placed])
        assert refreshing.refresh(self.cast.account, fresh=True)
        self.sim.control.options(cdn_cut_bytes=self.scale.cut, link_seconds=self.scale.link_seconds)
        self.sim.control.reset_calls()

    def _start_jobs(self) -> None:
        from saving.models import Folder
        from saving.services import starting
        from torrents.models import Torrent

        (self.folder / "save/films").mkdir(exist_ok=True)
        films = Folder.objects.create(name="Films", path="films", floor=0)
        small = Folder.objects.create(name="Small", path="small", floor=0)
        for torrent in Torrent.objects.order_by("pk"):
            folder = small if torrent.name == "For the small disk" else films
            starting.save(person=self.cast.owner, torrents=[torrent], folder=folder)

    @contextmanager
    def _saver(self) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Run a saver, in a list so that it can be replaced."""
        running = [self._started()]
        try:
            yield running
        finally:
            running[0].send_signal(signal.SIGTERM)
            running[0].wait(STOPS_WITHIN)

    def _started(self) -> subprocess.Popen[bytes]:
        with (self.folder / "saver.log").open("ab") as log:
            return subprocess.Popen([sys.executable, *SAVER], cwd=ROOT, stdout=log, stderr=log)

    def _go_through(self, saver: list[subprocess.Popen[bytes]], disk: Path) -> None:
        """Do what beat does every second, kill the saver now and then, and free the disk once it is full."""
        from saving.models import Job
        from saving.services import claims, hints
        from torrents.saving_states import SavingState as State

        self._hold()
        deadline = time.monotonic() + PATIENCE
        while Job.objects.exclude(state__in=[State.SAVED, State.FAILED]).exists():
            assert time.monotonic() < deadline, list(Job.objects.values("state", "cause", "cause_params"))
            claims.follow_schedule()
            hints.hint(claims.due_ids())
            if self.counts.kills < self.scale.kills and self.sim.control.sent_bytes() >= self._next_kill:
                self._kill(saver)
                self._hold()
            if not self.counts.disk_full and Job.objects.filter(state=State.DISK_FULL).exists():
                self.counts.disk_full += 1
                self._look_at_names()
                remount(disk, f"size={self.scale.for_disk + self.scale.disk}")
                Job.objects.filter(state=State.DISK_FULL).update(retry_at=None)
            time.sleep(self.random.uniform(0.2, 1.0))

    @property
    def _next_kill(self) -> int:
        """Return after how many bytes from the CDN the saver is killed next."""
        total = sum(size for spec in self.specs for _, size in spec["files"])
        return int(total * (self.counts.kills + 0.5) / (self.scale.kills + 1))

    def _hold(self) -> None:
        """Let nothing more come until the next kill, however slow this process is."""
        self.sim.control.hold_downloads(self._next_kill if self.counts.kills < self.scale.kills else None)

    def _kill(self, saver: list[subprocess.Popen[bytes]]) -> None:
        """Kill the saver without a warning, and let the minute pass in which its claims hold."""
        from django.utils import timezone

        from saving.models import Job

        saver[0].kill()
        saver[0].wait()
        if self.aria2:
            self.aria2.kill()
            self.aria2.start()
        self.counts.kills += 1
        self._look_at_names()
        Job.objects.exclude(claim="").update(claimed_until=timezone.now())
        saver[0] = self._started()

    def _look_at_names(self) -> None:
        """Count files under a final name that aren't whole."""
        for file, path in self._targets():
            if path.exists():
                self.counts.looked_at += 1
                if path.stat().st_size != file.size:
                    self.counts.not_whole.add(str(path))

    def _targets(self) -> Iterator[tuple[Any, Path]]:
        from saving.models import JobFile

        for file in JobFile.objects.select_related("folder", "job__torrent"):
            yield file, self.folder / "save" / file.folder.path / file.target

    def _report(self, seconds: float) -> bool:
        targets = list(self._targets())
        unequal = [file for file, path in targets if not self._is_equal(file, path)]
        equal = len(targets) - len(unequal)
        known = {path for _, path in targets}
        there = {path for path in (self.folder / "save").rglob("*") if path.is_file()}
        others = {path for path in there - known if path.name != ".torbox-web"}
        for file in unequal:
            print(f"differs: {file.path!r}")  # noqa: T201
        size = sum(file.size for file, _ in targets)
        calls = self.sim.control.count
        for line in (
            f"files {len(targets)}, equal {equal}, bytes {size:,}, seconds {seconds:.0f}",
            f"connections to the CDN {calls('cdn')}, addresses {calls('requestdl')}, kills {self.counts.kills}, "
            f"full disks {self.counts.disk_full}",
            f"final names looked at meanwhile {self.counts.looked_at}, not whole {len(self.counts.not_whole)}, "
            f"other files left {len(others)}",
        ):
            print(line)  # noqa: T201
        expected = sum(len(spec["files"]) for spec in self.specs)
        as_told = (self.counts.kills, self.counts.disk_full) == (self.scale.kills, 1)
        whole = len(targets) == len(known) == expected == equal
        return whole and as_told and not others and not self.counts.not_whole

    def _is_equal(self, file: Any, path: Path) -> bool:
        work = self.sim.control.work(file.job.torrent.info_hash)
        its_path = work.files[rows.file_ids(work, self.sim.sim.options).index(file.remote_id)].path
        with path.open("rb") as found:
            pieces = content.read(work.seed, its_path, file.size, 0, file.size)
            return all(found.read(len(piece)) == piece for piece in pieces) and not found.read(1)


def main() -> int:
    """Run the story and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--small", action="store_true", help="50 files and 2 kills")
    parser.add_argument("--aria2", action="store_true", help="download with a real aria2")
    parser.add_argument("--names", type=Path, help="a JSON file with further names of files")
    parser.add_argument("--keep", action="store_true", help="keep the saver's log")
    given = parser.parse_args()
    names = (
        [name for group in json.loads(given.names.read_text()).values() for name in group]
        if given.names
        else []
    )
    signal.signal(
        signal.SIGTERM, lambda number, frame: sys.exit(1)
    )  # also then end the saver and unmount the disk
    folder = Path(tempfile.mkdtemp(prefix="torbox-web-story-"))
    (folder / "save").mkdir()
    with ExitStack() as stack:
        if not given.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        sim = stack.enter_context(simulator.server.start(scenario="empty"))
        aria2 = Aria2Daemon(folder) if given.aria2 else None
        if aria2:
            stack.callback(aria2.kill)
        _set_up(folder, sim.url, aria2)
        return 0 if Story(SMALL if given.small else Scale(), sim, folder, names, aria2).run() else 1


def _set_up(folder: Path, torbox: str, aria2: Aria2Daemon | None) -> None:
    """Make a database, in an environment that the saver gets as well."""
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL", "ARIA2_RPC_URL"):
        os.environ.pop(name, None)
    os.environ |= {
        "DATA_DIR": str(folder / "data"),
        "SAVE_DIR": str(folder / "save"),
        "TORBOX_API_URL": torbox,
        "SITE_URL": "http://localhost",
        "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
    }
    if aria2:
        os.environ |= {"ARIA2_RPC_URL": aria2.url, "ARIA2_RPC_SECRET": SECRET}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
