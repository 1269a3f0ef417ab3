"""Saving to disk: how fast it is beside curl, and what it costs the list and the memory of saver and worker.

The simulated CDN is on this machine, so that both measure themselves. Each file is saved to a disk of this machine. What
is compared takes turns, so that it meets the same machine, and a figure is the median of the ratios of all pairs.
"""

from __future__ import annotations

import html
import statistics
import subprocess
import time
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

from django.conf import settings

from links.services.addresses import fresh_address
from saving.engine import runner
from saving.models import Folder, Job, SavingSettings
from saving.services import settings as saving_settings
from saving.services import starting
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

from . import crowd
from .person import CHANGES, Person
from .processes import Running, running
from .reports import Report, shown
from .torbox import TorBox, torbox

MB = 1024 * 1024
FILMS = 4  # that are saved at the same time
SPEED = 50 * MB  # in a second, of all together, as from a line of 400 Mbit/s
SETTLING = 20  # seconds
PATIENCE = 900  # seconds
POLLED_EVERY = 0.1  # seconds
WEIGHED_EVERY = 10  # polls
LEAST_POLLS = 20
GROWS = ("saver", "worker")  # lines of the Procfile whose memory is watched
SAVER, NEIGHBOR = "saver still", "neighbor still"


def run(saved: int, runs: int, minutes: float) -> Report:
    report = Report()
    with torbox({SAVER: 10, NEIGHBOR: 1000}, frozen=False) as simulated:
        settings.TORBOX_API_URL = simulated.url
        household = Household(simulated, saved)
        household.beside_curl(report, runs)
        with running(simulated.url) as app:
            household.at_once(report, app, runs, min(SETTLING, minutes * 60))
    return report


class Household:
    """A person whose films are saved, and one who only looks at another list."""

    def __init__(self, simulated: TorBox, size: int) -> None:
        self.person, self.neighbor = Person(simulated, SAVER), Person(simulated, NEIGHBOR)
        self.films = [f"Film {number}" for number in range(FILMS)]
        films = [self._film(name, size * MB) for name in self.films]
        simulated.command("seed", torrents=films)
        self.person.refresh()
        self.neighbor.refresh()
        self.folder = Folder.objects.create(name="Films", path="films", floor=0)
        self.disk = Path(settings.SAVE_DIR) / self.folder.path
        self.disk.mkdir()

    def _film(self, name: str, size: int) -> dict[str, object]:
        film = {"name": name, "files": [(f"{name}/{name}.mkv", size)], "state": "completed"}
        return film | {"key": self.person.key, "hash": sha1(name.encode(), usedforsecurity=False).hexdigest()}

    def beside_curl(self, report: Report, runs: int) -> None:
        """Save a film and have curl download it, in turn."""
        film = self._torrents()[0]
        ours, curls = [], []
        for turn in range(runs):
            acts = [(ours, self._save), (curls, self._curl)]
            for seconds, act in acts if turn % 2 else reversed(acts):
                seconds.append(act(film))
        ratios = [curl / mine for curl, mine in zip(curls, ours, strict=True)]
        speed = shown(film.size / statistics.median(ours), "MB")
        beside = f"{speed}/s, written to disk and named; {shown(film.size, 'MB')}; {_range(ratios)}"
        what = "a film is saved: speed relative to curl"
        report.add(what, statistics.median(ratios), "×", beside=beside, least=0.7)

    def _curl(self, film: Torrent) -> float:
        file = film.files.get()
        address, target = fresh_address(film, file.remote_id), self.disk / "curl"
        seconds = _seconds(lambda: subprocess.run(["curl", "-sf", "-o", str(target), address], check=True))
        assert target.stat().st_size == file.size
        target.unlink()
        return seconds

    def _save(self, film: Torrent) -> float:
        [job] = self._start([film])
        seconds = _seconds(lambda: runner.run(job.pk))
        job.refresh_from_db()
        assert job.state == State.SAVED, (job.state, job.cause)
        (self.disk / job.files.get().target).unlink()
        return seconds

    def at_once(self, report: Report, app: Running, rounds: int, settling: float) -> None:
        """Look at another list in turn: while nothing happens, while curl downloads all films, and while they are saved.

        curl shows what the simulated CDN and the disk cost, which are on this machine.
        """
        saving_settings.save(SavingSettings(limit=SPEED, files_at_a_time=FILMS))
        visitor = crowd.Visitor(app.url, crowd.cookie(self.neighbor))
        path = _list_of(visitor)
        time.sleep(settling)
        before = app.pss()
        acts = [self._look, self._look_beside_curl, self._look_while_saving]
        found: dict[Callable[[_Polls], None], list[_Polls]] = {act: [] for act in acts}
        for turn in range(rounds):
            for act in (*acts[turn % 3 :], *acts[: turn % 3]):
                found[act].append(_Polls(visitor, path, app))
                act(found[act][-1])
        _report(report, before, *found.values())

    def _look(self, polls: _Polls) -> None:
        """Poll for as long as saving the films takes, with nothing to save."""
        seconds = sum(film.size for film in self._torrents()) / SPEED
        began = time.monotonic()
        polls.until(lambda: polls.count >= LEAST_POLLS and time.monotonic() - began >= seconds)

    def _look_beside_curl(self, polls: _Polls) -> None:
        self.person.rest()
        films = self._torrents()
        addresses = [fresh_address(film, film.files.get().remote_id) for film in films]
        targets = [self.disk / f"curl {number}" for number in range(FILMS)]
        curls = [
            subprocess.Popen(["curl", "-sf", "--limit-rate", str(SPEED // FILMS), "-o", str(target), address])
            for target, address in zip(targets, addresses, strict=True)
        ]
        try:
            polls.until(lambda: polls.count >= LEAST_POLLS and all(curl.poll() is not None for curl in curls))
        finally:
            for curl in curls:
                curl.kill()
                curl.wait()
        assert [target.stat().st_size for target in targets] == [film.size for film in films]
        for target in targets:
            target.unlink()

    def _look_while_saving(self, polls: _Polls) -> None:
        jobs = self._start(self._torrents())
        polls.until(lambda: polls.count >= LEAST_POLLS and _are_saved(jobs))
        for job in jobs:
            (self.disk / job.files.get().target).unlink()

    def _torrents(self) -> list[Torrent]:
        return list(Torrent.objects.filter(account=self.person.account, name__in=self.films).order_by("name"))

    def _start(self, films: list[Torrent]) -> list[Job]:
        self.person.rest()
        jobs = starting.save(person=self.person.user, torrents=films, folder=self.folder)
        assert len(jobs) == len(films)
        return jobs


class _Polls:
    """Polls of a list, and the most memory that processes used meanwhile, by line of the Procfile."""

    def __init__(self, visitor: crowd.Visitor, path: str, app: Running) -> None:
        self._visitor, self._path, self._app = visitor, path, app
        self._seconds: list[float] = []
        self.most: dict[str, int] = dict.fromkeys(GROWS, 0)

    def until(self, is_over: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_over():
            if time.monotonic() > deadline:
                raise RuntimeError("The films were not saved.")
            self._seconds.append(_seconds(self._poll))
            if self.count % WEIGHED_EVERY == 0:
                sizes = self._app.pss()
                self.most = {name: max(most, sizes[name]) for name, most in self.most.items()}
            time.sleep(POLLED_EVERY)

    def _poll(self) -> None:
        status, _ = self._visitor.get(self._path)
        assert status in (200, 204), status

    @property
    def count(self) -> int:
        return len(self._seconds)

    @property
    def p95(self) -> float:
        return sorted(self._seconds)[int(len(self._seconds) * 0.95)]


def _report(
    report: Report, before: dict[str, int], idle: list[_Polls], curl: list[_Polls], saving: list[_Polls]
) -> None:
    """Add what saving cost. `before`: bytes in use while nothing was saved yet."""
    what = f"{FILMS} films are saved at {shown(SPEED, 'MB')}/s together"
    for name in GROWS:
        grown = max(polls.most[name] for polls in saving) - before[name]
        beside = f"{shown(before[name], 'MB')} before"
        report.add(f"{what}: memory (PSS) of the {name} beyond idle", grown, "MB", 20 * MB, beside)
        what = "the same"
    ours = f"{shown(_median_p95(saving), 'ms')}, {sum(polls.count for polls in saving):,} polls"
    for beside, others in (("while curl downloads them as fast", curl), ("without", idle)):
        ratios = [mine.p95 / other.p95 for mine, other in zip(saving, others, strict=True)]
        note = f"{ours}; {shown(_median_p95(others), 'ms')} {beside}; {_range(ratios)}"
        ratio = statistics.median(ratios)
        report.add(f"the same: p95 of a list’s poll relative to {beside}", ratio, "×", 1.25, note)


def _median_p95(turns: list[_Polls]) -> float:
    return statistics.median(polls.p95 for polls in turns)


def _range(ratios: list[float]) -> str:
    """Return how many pairs there are, and how far apart."""
    least, most = shown(min(ratios), "×"), shown(max(ratios), "×")
    return f"{len(ratios)} pairs, {least} to {most}"


def _list_of(visitor: crowd.Visitor) -> str:
    """Return the URL that a page with the list polls."""
    status, page = visitor.get("/")
    found = CHANGES.search(page)
    assert status == 200, status
    assert found
    return html.unescape(found[1])


def _are_saved(jobs: list[Job]) -> bool:
    return not Job.objects.unfinished().filter(pk__in=[job.pk for job in jobs]).exists()


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
