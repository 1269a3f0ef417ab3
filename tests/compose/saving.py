"""Save torrents as docs/saving.md says, and look at the host: the bytes of each file, its owner, and its mode."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import uuid4

import requests

from simulator.content_library import Work, famous
from tests.browser.elsewhere import FarControl
from tests.chaos.people import PASSWORD, Person
from tests.compose.engine import PROJECT, Compose, run, until
from tests.compose.memory import Alone

MB = 1_000_000
LARGE = 40 * MB  # which aria2 gets over several connections
SLOWLY = 2 * MB  # bytes a second, so that something is left to do when a process is killed
SAVED_WITHIN = 300.0  # seconds, with the minute for which the claim of a killed saver holds
OWNER, GROUP = 1026, 100  # of the shares of a NAS
ARIA2 = {
    "ARIA2_RPC_URL": "http://aria2:6800/jsonrpc",
    "ARIA2_RPC_SECRET": "0123456789abcdef0123456789abcdef",
}
MARKER = ".torbox-web"
FOLDER = {"name": "Films", "path": "/save/films", "floor": "0", "who": "everyone", "after": "keep"}
LIMIT = """from saving.models import SavingSettings
from saving.services import settings
settings.save(SavingSettings(limit={}))"""
FILMS = ("Sintel", "Killed saver", "Über aria2", "Killed aria2", "Saver killed beside aria2")
WITH_ARIA2 = "from saving.models import JobFile; print(JobFile.objects.exclude(gid='').exists())"
JOBS = "from saving.models import Job; print(*Job.objects.values_list('state', 'cause', 'cause_params'))"
IS_SAVED = re.compile(r'class="status"[^>]*>\s*Saved\s*<')


@dataclass(frozen=True)
class Place:
    """The folder of the host that files are saved to. It and they must belong to `uid` and `gid`, and lack what `umask`
    has.
    """

    path: Path
    uid: int
    gid: int
    umask: int

    def faults(self, saved: list[Work]) -> list[str]:
        """Return what is wrong with the files of these torrents, with everything else that is there, and with the folder."""
        files = {self.path / file.path: (work, file.path) for work in saved for file in work.files}
        wrong = [f"{path} has other bytes" for path, source in files.items() if not _is_equal(path, *source)]
        there = [path for path in (self.path, *self.path.rglob("*")) if path.name != MARKER]
        wrong += [f"{path} is left" for path in there if path.is_file() and path not in files]
        return wrong + [fault for path in there if (fault := self._fault(path))]

    def _fault(self, path: Path) -> str:
        found, most = path.stat(), 0o777 if path.is_dir() else 0o666
        is_so = f"{found.st_uid}:{found.st_gid} {found.st_mode & 0o777:o}"
        must_be = f"{self.uid}:{self.gid} {most & ~self.umask:o}"
        return f"{path} is {is_so}, not {must_be}" if is_so != must_be else ""


def _is_equal(path: Path, work: Work, inside: str) -> bool:
    return path.is_file() and _digest(path.read_bytes()) == _digest(work.expected_bytes(inside))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _film(name: str) -> Work:
    files = {f"{name}.mkv": LARGE, f"Subs/{name}.en.srt": 900, "Extras/notes.txt": 70_000}
    return famous(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(), name, files.items())


class Household:
    """An owner with a folder to save to, and a TorBox account with films that are ready. `wrong` is what went wrong."""

    def __init__(self, running: Compose | Alone, place: Place) -> None:
        self.running, self.place = running, place
        self.saved: list[Work] = []
        self.wrong: list[str] = []
        self.control, self.key = FarControl(running.torbox), str(uuid4())
        self.works = {name: _film(name) for name in FILMS}
        self.fill_torbox()
        running.manage("createowner", "kate", line=f"{PASSWORD}\n")
        running.manage("connect", "kate", line=f"{self.key}\n")
        self.person = Person("kate", running.url, [], Random(1), threading.Event())
        self.person.session = requests.Session()
        self.person._sign_in()
        self.person._post("/settings/saving/folders/add/", FOLDER)
        page = self.person._get("/settings/saving/folders/add/") or ""
        self.wrong += ["There is no bsdtar."] * ("Unpack archives" not in page or "Install bsdtar" in page)

    def fill_torbox(self) -> None:
        """Put the films on the simulated TorBox, which forgets them when it is started again."""
        self.control.options(links_at="")  # The saver and aria2 reach the CDN where the app does.
        self.control.seed(accounts=[{"key": self.key, "name": "kate", "plan": "pro"}])
        for work in self.works.values():
            torrent = {"key": self.key, "name": work.name, "hash": work.info_hash, "state": "completed"}
            self.control.seed(torrents=[torrent | {"files": list(work.files)}])

    def save(self, name: str) -> None:
        began, connections = time.monotonic(), self.control.count("cdn")
        self._begin(name)
        self._finish(name)
        seconds, connections = time.monotonic() - began, self.control.count("cdn") - connections
        print(f"  {name}: saved in {seconds:.0f} s over {connections} connections", flush=True)

    def save_while_killing(self, service: str, name: str) -> None:
        """Save a film slowly, kill a container once a part of it is there, and let it go on at full speed."""
        assert isinstance(self.running, Compose)
        self._shell(LIMIT.format(SLOWLY))
        self._begin(name)
        assert until(lambda: self._bytes_of_parts() > 2 * SLOWLY, SAVED_WITHIN), f"{name} isn't being saved."
        engine = "aria2" if self._shell(WITH_ARIA2) == "True" else "the app"
        begun, pid = self._bytes_of_parts(), self.running.pid(service)
        os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()
        self._shell(LIMIT.format(0))
        back = until(lambda: self.running.pid(service) not in (0, pid), 60)
        self._finish(name)
        seconds = time.monotonic() - killed_at
        what = f"{service} killed when {engine} had {begun / MB:.1f} MB, saved {seconds:.0f} s later"
        print(f"  {name}: {what}", flush=True)
        self.wrong += [f"{service} doesn't come back."] * (not back)
        expected = "aria2" if "aria2" in self.running.profiles else "the app"
        self.wrong += [f"{name} was downloaded by {engine}."] * (engine != expected)

    def test_aria2(self) -> None:
        """Press *Test* below *aria2* on the settings page."""
        self.person._post("/settings/saving/aria2/test/", {})
        page = self.person._get("/settings/saving/") or ""
        self.wrong += ["The test of aria2 fails."] * ("aria2 works." not in page)

    def _begin(self, name: str) -> None:
        """Press *Save to…*. There is only one folder, so saving starts at once."""
        assert until(lambda: bool(self._number(name)), 60), f"{name} isn't in the list."
        self.person._post(f"/torrents/{self._number(name)}/save/", {})

    def _finish(self, name: str) -> None:
        if not until(lambda: bool(IS_SAVED.search(self._page(name, tab="saving"))), SAVED_WITHIN):
            self.wrong.append(f"{name} isn't saved: {self._shell(JOBS)}")
        self.saved.append(self.works[name])
        self.wrong += self.place.faults(self.saved) + self.person.problems
        self.person.problems.clear()

    def _number(self, name: str) -> str:
        found = re.search(r'id="torrent-(\d+)"', self._page(name))
        return found[1] if found else ""

    def _page(self, name: str, **query: str) -> str:
        return self.person._get("/", q=self.works[name].info_hash, **query) or ""

    def _shell(self, code: str) -> str:
        return self.running.manage("shell", "-v0", "-c", code).strip()

    def _bytes_of_parts(self) -> int:
        return sum(path.stat().st_blocks * 512 for path in self.place.path.rglob("*.part"))


def to_a_share() -> list[str]:
    """Save to a folder of the host as the user it belongs to, then the same with aria2, and kill both meanwhile."""
    with _folder(OWNER, GROUP) as share:
        chosen = {
            "SAVE_DIR": "/save", "SAVE_PATH": str(share), "PUID": str(OWNER), "PGID": str(GROUP), "UMASK": "002",
        }  # fmt: skip
        with Compose(chosen, before=[("--profile", "chown", "run", "--rm", "chown")]) as running:
            household = Household(running, Place(share / "films", OWNER, GROUP, 0o002))
            household.save("Sintel")
            household.save_while_killing("saver", "Killed saver")
            running.up("aria2", **ARIA2)
            household.fill_torbox()
            household.test_aria2()
            household.save("Über aria2")
            household.save_while_killing("aria2", "Killed aria2")
            household.save_while_killing("saver", "Saver killed beside aria2")
            return household.wrong + _unwell(running)


def to_a_volume() -> list[str]:
    """Save to a volume, with aria2 from the first start on, as the image's own user."""
    with Compose({"SAVE_DIR": "/save"} | ARIA2, profiles=("aria2",)) as running:
        where = run("podman", "volume", "inspect", "--format", "{{.Mountpoint}}", f"{PROJECT}_save").strip()
        household = Household(running, Place(Path(where) / "films", 10001, 10001, 0o022))
        household.test_aria2()
        household.save("Über aria2")
        return household.wrong + _unwell(running)


def from_one_container() -> list[str]:
    """Save to a folder of the host as the user it belongs to, from a single container."""
    with _folder(OWNER, GROUP) as data, _folder(OWNER, GROUP) as share:
        volumes = ["--volume", f"{data}:/data", "--volume", f"{share}:/save"]
        with Alone("saving", {"SAVE_DIR": "/save"}, ["--user", f"{OWNER}:{GROUP}", *volumes]) as running:
            household = Household(running, Place(share / "films", OWNER, GROUP, 0o022))
            household.save("Sintel")
            return household.wrong


def _unwell(running: Compose) -> list[str]:
    return [f"{service} is not healthy" for service in running.services if not running.healthy(service)]


@contextmanager
def _folder(uid: int, gid: int) -> Iterator[Path]:
    """Make a folder that only its user and group can use."""
    folder = Path(tempfile.mkdtemp(prefix="torbox-web-share-"))
    folder.chmod(0o770)
    os.chown(folder, uid, gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def saves() -> list[str]:
    """Print everything and return what went wrong."""
    return to_a_share() + to_a_volume() + from_one_container()
