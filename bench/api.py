"""What programs cost that ask through the APIs, on an account of 10,000 torrents in five categories, all saved."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from api import limits
from api.models import Category
from api.scopes import Scope
from api.services import tokens
from saving import target_names
from saving.models import Folder, Job, JobFile, Rule
from torrents.models import Torrent, TorrentTag
from torrents.saving_states import SavingState

from .core import analyze
from .library import magnets
from .measuring import Measured, measure
from .person import Person
from .processes import Running, running
from .reports import Report, shown
from .torbox import TorBox, torbox

SIZE = 10_000  # torrents
RUNS = 25
CATEGORIES = ("tv", "tv-4k", "films", "films-4k", "music")
QBITTORRENT = "/qbittorrent/api/v2"
REST = "/api/v1/torrents"
DAV = "/dav/by-name/"
SLOW = 3.0  # seconds that TorBox takes to answer
FIRST_USE = 40  # requests of each kind, so that each web process has answered some
SETTLING = 10  # seconds, for returning memory
BATCH = 500


def run(sizes: list[int], runs: int) -> Report:
    report, size = Report(), min(SIZE, max(sizes))
    measure_memory(report, SETTLING if size >= 1000 else 0)
    with torbox({f"api {size}": size}) as simulated:
        settings.TORBOX_API_URL = simulated.url
        programs = Programs(simulated, f"api {size}", max(runs, RUNS))
        programs.poll_as_arr(report, size)
        programs.poll_as_a_phone(report, size)
        programs.poll_as_a_script(report, size)
        programs.list_folders(report, size)
        programs.add_to_a_slow_torbox(report)
    return report


def measure_memory(report: Report, settling: float) -> None:
    """Measure what the web processes hold before and after programs use each API for the first time."""
    user = User.objects.create_user(username="program", shown_name="Program")
    _, token = tokens.create(person=user, name="bench", scopes=Scope)
    with running("http://127.0.0.1:9") as app:
        before = _web_memory(app, {"GET": "/sign-in/"}, "", settling)
        asked = {"GET": f"{QBITTORRENT}/torrents/info", "PROPFIND": DAV}
        after = _web_memory(app, asked, token, settling)
        with_rest = _web_memory(app, {"GET": REST}, token, settling)
    report.add("memory (PSS) of web, idle, before programs use an API", before, "MB")
    beside = f"{shown(after - before, 'MB')} more"
    report.add("the same: once they have used the qBittorrent API and WebDAV", after, "MB", None, beside)
    beside = f"{shown(with_rest - after, 'MB')} more"
    report.add("the same: and the REST API", with_rest, "MB", None, beside)


def _web_memory(app: Running, asked: dict[str, str], token: str, settling: float) -> int:
    """Return the bytes that web holds some time after these requests, each over a new connection."""
    headers = {"Authorization": f"Bearer {token}", "Depth": "1"} if token else {}
    for _ in range(FIRST_USE):
        for method, path in asked.items():
            requests.request(method, f"{app.url}{path}", headers=headers, timeout=60).raise_for_status()
    time.sleep(settling)
    return app.pss()["web"]


class Programs:
    """A person's programs."""

    def __init__(self, simulated: TorBox, name: str, runs: int) -> None:
        self.simulated, self.runs = simulated, runs
        self.person = Person(simulated, name)
        self.person.refresh()
        _, token = tokens.create(person=self.person.user, name="bench", scopes=Scope)
        fill(self.person)
        analyze()
        self.client = Client(
            SERVER_NAME="localhost",
            headers={"authorization": f"Bearer {token}", "accept-encoding": "gzip"},
        )

    def poll_as_arr(self, report: Report, size: int) -> None:
        """Measure the list of a category, as *arr reads it every minute."""
        number = Torrent.objects.filter(tag_rows__name=CATEGORIES[0]).count()
        found = self._measure(f"torrents/info?category={CATEGORIES[0]}")
        what = f"qBittorrent: {number:,} torrents of a category among {size:,}"
        report.add(what, found.median, "ms", 0.08, f"{found.queries} queries")
        report.add("qBittorrent: properties of a torrent", self._properties().median, "ms")
        every = self._measure("torrents/info", runs=5)
        report.add(
            f"qBittorrent: all {size:,} torrents", every.median, "ms", None, f"{every.queries} queries"
        )

    def poll_as_a_phone(self, report: Report, size: int) -> None:
        """Measure `sync/maindata`: everything, then nothing, then one torrent."""
        everything = self._measure("sync/maindata", runs=5)
        rid = _rid(self._get("sync/maindata"))
        same = self._measure(f"sync/maindata?rid={rid}")
        one = self._measure_changes(rid)
        beside = f"{same.queries} queries"
        report.add("qBittorrent: maindata without changes", same.median, "ms", 0.005, beside)
        report.add("the same: one torrent has changed", one.median, "ms", None, f"{one.queries} queries")
        beside = f"{everything.queries} queries"
        report.add(f"the same: all {size:,} torrents", everything.median, "ms", None, beside)

    def poll_as_a_script(self, report: Report, size: int) -> None:
        """Measure a page of the REST API's list, new and known."""
        page = self._measure_requests(lambda: self._request("GET", REST))
        report.add(f"REST: a page of {size:,} torrents", page.median, "ms", None, f"{page.queries} queries")
        known = {"if-none-match": self._request("GET", REST)["ETag"]}
        same = self._measure_requests(lambda: self._request("GET", REST, 304, **known))
        report.add("the same: it hasn’t changed (304)", same.median, "ms", None, f"{same.queries} queries")

    def list_folders(self, report: Report, size: int) -> None:
        """Measure the folder of WebDAV that has a folder for each torrent."""
        first = self._measure_requests(lambda: next(self._listing()), runs=5)
        whole = self._measure_requests(lambda: sum(map(len, self._listing())), runs=5)
        beside = f"{whole.queries} queries, {shown(sum(map(len, self._listing())), 'MB')}"
        report.add(f"WebDAV: a PROPFIND of {size:,} torrents", whole.median, "s", 1, beside)
        report.add("the same: first byte", first.median, "ms")

    def add_to_a_slow_torbox(self, report: Report) -> None:
        """Measure how long *arr waits when it adds a magnet."""
        self.simulated.command("fail", endpoint="*", kind="delay", delay=SLOW, times=10_000)
        numbers = count(1)

        def add() -> None:
            form = {"urls": magnets(1, seed=10_000 + next(numbers)), "category": CATEGORIES[0]}
            answer = self.client.post(f"{QBITTORRENT}/torrents/add", form)
            assert answer.content == b"Ok.", answer.content

        added = self._measure_requests(add)
        beside = f"{added.queries} queries, slowest {shown(max(added.seconds), 'ms')}"
        report.add(f"qBittorrent: add, TorBox responds after {SLOW:.0f} s", added.median, "ms", 0.2, beside)

    def _listing(self) -> Iterator[bytes]:
        return iter(self._request("PROPFIND", DAV, 207, depth="1").streaming_content)

    def _request(self, method: str, path: str, status: int = 200, **headers: str) -> Any:
        answer = self.client.generic(method, path, headers=headers)
        assert answer.status_code == status, f"{path} answered {answer.status_code}"
        return answer

    def _measure_requests(self, run: Callable[[], object], runs: int | None = None) -> Measured:
        return measure(run, runs=runs or self.runs, before=limits.forget)

    def _properties(self) -> Measured:
        info_hash = Torrent.objects.values_list("info_hash", flat=True).last()
        return self._measure(f"torrents/properties?hash={info_hash}")

    def _measure_changes(self, rid: int) -> Measured:
        self.rid = rid

        def take() -> None:
            self.rid = _rid(self._get(f"sync/maindata?rid={self.rid}"))

        return measure(take, runs=self.runs, before=self.person.touch)

    def _measure(self, call: str, runs: int | None = None) -> Measured:
        return measure(partial(self._get, call), runs=runs or self.runs)

    def _get(self, call: str) -> HttpResponse:
        answer = self.client.get(f"{QBITTORRENT}/{call}")
        assert answer.status_code == 200, f"{call} answered {answer.status_code}"
        return answer


def _rid(answer: HttpResponse) -> int:
    content = answer.content
    return int(json.loads(gzip.decompress(content) if "Content-Encoding" in answer else content)["rid"])


def fill(person: Person) -> None:
    """Give each torrent a category, each category a folder, and each ready torrent a saved copy there."""
    folders = {name: _category(person, name) for name in CATEGORIES}
    rows = list(Torrent.objects.filter(account=person.account).order_by("pk").defer("magnet"))
    jobs = []
    tags = []
    for number, row in enumerate(rows):
        name = CATEGORIES[number % len(CATEGORIES)]
        row.tags = [name, f"of {number % 7}"]
        tags += [TorrentTag(account=person.account, torrent=row, name=tag) for tag in row.tags]
        if row.downloadable:
            jobs.append(_job(person, row, folders[name]))
    TorrentTag.objects.filter(account=person.account).delete()
    TorrentTag.objects.bulk_create(tags, BATCH)
    Torrent.objects.bulk_update(rows, ["tags"], BATCH)
    Job.objects.bulk_create(jobs, BATCH)
    JobFile.objects.bulk_create([_file(job) for job in jobs if not job.base], BATCH)


def _category(person: Person, name: str) -> Folder:
    folder = Folder.objects.create(name=name, path=name)
    (Path(settings.SAVE_DIR) / name).mkdir()
    own = {"kind": Rule.Kind.OWN, "adder": person.user, "made_by": person.user}
    rule = Rule.objects.create(tag=name, folder=folder, **own)
    Category.objects.create(person=person.user, name=name, rule=rule)
    return folder


def _job(person: Person, row: Torrent, folder: Folder) -> Job:
    base = "" if row.file_count == 1 else f"{row.name} {row.pk}"
    facts = {"torrent": row, "account": person.account, "person": person.user, "folder": folder}
    facts |= {"path": folder.path, "base": base}
    sizes = {"bytes_total": row.size, "bytes_done": row.size}
    return Job(**facts, **sizes, state=SavingState.SAVED, ended_at=timezone.now(), place=row.pk)


def _file(job: Job) -> JobFile:
    target = f"{job.torrent.name} {job.torrent_id}.mkv"
    key = target_names.key(target)
    return JobFile(
        job=job,
        folder=job.folder,
        remote_id=0,
        path=target,
        target=target,
        target_key=key,
        size=job.bytes_total,
    )
