"""Folders and saving in every state for the tests with a browser, of a person of their own, so that no other list changes.

Folders, limits, and jobs are real. A saver works on them, slowly, and only what TorBox would have to lose is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.catalogue import named_hash
from tests.browser.furnishing import new_key

if TYPE_CHECKING:
    from tests.browser.conftest import Stack

SAVER = "saskia"
SMALL, LARGE = 2_000, 60_000_000  # bytes
SLOW, FAST = (
    20_000,
    8_000_000,
)  # bytes a second: with the first, large ones are never whole while tests look at them
FILM, WAITING, SCHEDULED, PAUSED, FULL, UNPLUGGED, LOST, SAVED = (
    "The Phantom Carriage (1921)",
    "Häxan (1922)",
    "Metropolis (1927) restored",
    "Nosferatu (1922)",
    "Caruso — Victor recordings 1904–1920",
    "Scott Joplin — Piano rolls",
    "Sunrise (1927)",
    "Alice’s Adventures in Wonderland (audiobook)",
)
READY = ("Faust (1926)", "Wings (1927)")
TAG = "Silents"
FOLDERS = """
import shutil
from django.conf import settings
from django.contrib.auth import get_user_model
from saving.models import Rule
from saving.services import folders, rules
person = get_user_model().objects.get(username={name!r})
owner = get_user_model().objects.filter(role="owner").order_by("pk").first()
films = folders.add(owner=person, name="Films", path="films", floor=0)
folders.add(owner=person, name="Books", path="books", floor=0, after="stop_seeding")
music = {{"floor": 9 * 10**14, "after": "delete", "after_days": 7, "for_everyone": False, "people": []}}
folders.add(owner=person, name="Music", path="music", **music)
folders.add(owner=person, name="Archive", path="archive", floor=0)
for folder in films.__class__.objects.all():
    folders.check(folder)
shutil.rmtree(settings.SAVE_DIR / "archive")  # as while its disk isn't mounted
(settings.SAVE_DIR / "archive").mkdir()
rules.add(owner=person, folder=films, tag="Classics")
rules.add(owner=owner, folder=films, adder=person)
gone = get_user_model().objects.create(username="sam", is_active=False)
Rule.objects.create(kind="tag", tag="Comedies", folder=films, made_by=gone)
Rule.objects.filter(tag="Classics").update(saved=38)
"""
SAVE = """
from django.contrib.auth import get_user_model
from saving.models import Folder
from saving.services import starting
from torrents.models import Torrent
person = get_user_model().objects.get(username={name!r})
names, folder = {torrents!r}, Folder.objects.get(name={folder!r})
found = {{row.name: row for row in Torrent.objects.filter(account__owner=person)}}
starting.save(person=person, torrents=[found[name] for name in names], folder=folder)
"""
HOURS = """
from datetime import timedelta
from django.utils import timezone
from saving.models import SavingSettings
from saving.services import settings
begins = timezone.localtime(timezone=timezone.get_default_timezone()).replace(minute=0, second=0, microsecond=0)
hours = {{"full_from": (begins + timedelta(hours=2)).time(), "full_until": (begins + timedelta(hours=9)).time()}}
settings.save(SavingSettings(limit={limit}, files_at_a_time=1, **hours))
"""
CONTROL = """
from django.contrib.auth import get_user_model
from saving.models import Job
from saving.services import controlling
person = get_user_model().objects.get(username={name!r})
jobs = Job.objects.filter(torrent__account__owner=person, torrent__name={torrent!r})
controlling.{act}(person=person, jobs=list(jobs))
"""
LOSE = """
from saving.models import Job
from saving.services import showing
job = Job.objects.get(torrent__name={torrent!r})
Job.objects.filter(pk=job.pk).update(state="failed", cause="gone")
showing.show([job.torrent_id])
"""
STATES = """
from torrents.models import Torrent
print(*(f"{{row.name}}={{row.saving}}" for row in Torrent.objects.filter(account__owner__username={name!r})), sep="|")
"""
PERCENT = """
from torrents.models import Torrent
print(Torrent.objects.get(name={torrent!r}).saving_params.get("percent", 0))
"""


def save_in_every_state(stack: Stack, percents: dict[str, int] | None = None) -> None:
    """Make a person, folders, rules, and hours, and torrents of theirs in every state of saving, and some that are ready.

    `percents`: how far some of them are, one of which is to be paused. Without it, all have just begun.
    """
    key = new_key(stack)
    torrents = [SAVED, FILM, WAITING, SCHEDULED, PAUSED, FULL, UNPLUGGED, LOST, *READY]
    stack.sim.control.seed(torrents=[_torrent(key, name) for name in torrents])
    stack.person(SAVER, key, command="createowner")
    _until(stack, dict.fromkeys(torrents, ""))
    _run(stack, FOLDERS)
    for name, folder in ((SAVED, "Books"), (FULL, "Music"), (UNPLUGGED, "Archive")):
        _run(stack, SAVE, torrents=[name], folder=folder)
    _until(stack, {SAVED: "saved", FULL: "disk_full", UNPLUGGED: "no_folder"})
    _run(stack, HOURS, limit=SLOW)
    _run(stack, SAVE, torrents=[FILM, WAITING, SCHEDULED, PAUSED, LOST], folder="Films")
    _until(stack, dict.fromkeys((FILM, WAITING, SCHEDULED, PAUSED, LOST), "scheduled"))
    for name, percent in (percents or {}).items():
        _run(stack, HOURS, limit=FAST)
        _run(stack, CONTROL, act="resume", torrent=name)
        _wait(partial(_is_saved_so_far, stack, name, percent))
        _run(stack, HOURS, limit=SLOW)
        _run(stack, CONTROL, act="pause", torrent=name)
    _run(stack, CONTROL, act="pause", torrent=PAUSED)
    _run(stack, LOSE, torrent=LOST)
    _run(stack, CONTROL, act="resume", torrent=FILM)
    _until(stack, {FILM: "running", PAUSED: "paused", LOST: "failed"})
    _run(stack, CONTROL, act="resume", torrent=WAITING)
    _until(stack, {WAITING: "waiting"})


def _torrent(key: str, name: str) -> dict[str, Any]:
    size = SMALL if name == SAVED else LARGE
    files = [(f"{name}/Part {number}.mkv", size) for number in (1, 2)]
    about = {"hash": named_hash(name), "files": files, "tags": [TAG, "Kids"] if name in READY else ["Kids"]}
    return {"key": key, "name": name, "state": "completed"} | about


def _run(stack: Stack, code: str, **values: object) -> str:
    return stack.manage("shell", "-v", "0", "-c", code.format(name=SAVER, **values))


def _until(stack: Stack, wanted: dict[str, str]) -> None:
    """Wait until rows show these states."""

    def shown() -> bool:
        lines = _run(stack, STATES).strip().split("|")
        return wanted.items() <= dict(line.split("=") for line in lines if line).items()

    _wait(shown)


def _is_saved_so_far(stack: Stack, name: str, percent: int) -> bool:
    return int(_run(stack, PERCENT, torrent=name)) >= percent


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.3)
