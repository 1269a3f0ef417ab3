"""Which files of torrents are still to be saved to a folder, and under which names."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from torrents.folding import natural_key
from torrents.models import Torrent, TorrentFile
from torrents.saving_states import SavingState as State

from .. import markers
from ..models import Folder, Job, JobFile
from ..slow_disks import within
from ..target_names import key, targets
from . import places

PIECE = 500
MAX_ENTRIES = 200_000  # of a folder that are looked at


class _Listed(NamedTuple):
    """What TorBox lists about a file, as a row of `JobFile` takes it over."""

    remote_id: int
    path: str
    size: int
    md5: str


class Layout:
    """Names for the files of torrents in a folder, whose row and accounts are locked.

    `disk`: the keys (`target_names.key`) of what is there, None if the disk didn't answer. `failed`: jobs of the torrents
    that failed and have files that are wanted again. `covering`: jobs that have saved all that is wanted of a torrent.
    """

    def __init__(
        self,
        folder: Folder,
        torrents: Sequence[Torrent],
        disk: frozenset[str] | None,
        *,
        leave_out: Job | None = None,
    ) -> None:
        self.folder, self.disk = folder, disk
        self.failed: list[Job] = []
        self.covering: list[int] = []
        self._replaced: list[int] = []
        keys = [torrent.pk for torrent in torrents]
        jobs = folder.jobs.exclude(pk=leave_out.pk) if leave_out else folder.jobs.all()
        self._jobs: dict[int, list[Job]] = {}
        # What is being deleted covers nothing, but its names are taken until it is gone.
        for job in _pieces(jobs.filter(deleting=False), "torrent__in", keys):
            self._jobs.setdefault(job.torrent_id, []).append(job)
        known = [job.pk for some in self._jobs.values() for job in some]
        self._saved: dict[int, list[JobFile]] = {}
        for file in _pieces(JobFile.objects.all(), "job__in", known):
            self._saved.setdefault(file.job_id, []).append(file)
        self._files = _files(keys)
        self._taken = {*(disk or ()), *_taken(jobs)}
        self._taken.update(file.target_key for some in self._saved.values() for file in some)

    def files_of(
        self, torrent: Torrent, chosen: Collection[int] | None
    ) -> tuple[str, list[dict[str, Any]]] | None:
        """Return the base of a new job and the facts of its files, or None if there is nothing to save.

        A torrent whose files aren't known yet gets a job without any.
        """
        jobs = sorted(self._jobs.get(torrent.pk, []), key=lambda job: job.pk)
        files = self._files.get(torrent.pk, [])
        if not files:
            return ("", []) if not any(job.ended_at is None for job in jobs) else None
        covered, earlier = self._covered(jobs, chosen)
        wanted = [
            position
            for position, file in enumerate(files)
            if file.remote_id not in covered and (chosen is None or file.remote_id in chosen)
        ]
        if not wanted:
            self.covering += [job.pk for job in jobs if job.state == State.SAVED]
            return None
        base = next((job.base for job in reversed(jobs) if job.base), None)
        base, names = self._names(torrent, [file.path for file in files], wanted, base)
        facts = []
        for position, name in zip(wanted, names, strict=True):
            file = files[position]
            facts.append(self._fact(file, self._as_before(earlier.get(file.remote_id), name)))
        self._taken.update(fact["target_key"] for fact in facts)
        self._taken.update([key(base)] if base else [])
        return base, facts

    def delete_replaced(self) -> None:
        """Delete rows of files that are saved once more, because they are gone from the disk or were canceled."""
        for start in range(0, len(self._replaced), PIECE):
            JobFile.objects.filter(pk__in=self._replaced[start : start + PIECE]).delete()
        canceled = [
            job.pk
            for jobs in self._jobs.values()
            for job in jobs
            if job.ended_at and job.state != State.SAVED
        ]
        for start in range(0, len(canceled), PIECE):
            Job.objects.filter(pk__in=canceled[start : start + PIECE], files=None).delete()

    def _covered(
        self, jobs: Iterable[Job], chosen: Collection[int] | None
    ) -> tuple[set[int], dict[int, str]]:
        """Return the ids of files that need no new job, and the earlier targets of others."""
        covered: set[int] = set()
        earlier: dict[int, str] = {}
        for job in jobs:
            for file in self._saved.get(job.pk, []):
                if self._is_covered(job, file):
                    covered.add(file.remote_id)
                elif chosen is None or file.remote_id in chosen:
                    earlier[file.remote_id] = file.target
                    self._replaced.append(file.pk)
                    if file.target_key not in (self.disk or ()):
                        self._taken.discard(file.target_key)
            if job.state == State.FAILED and job.ended_at is None:
                self.failed.append(job)
        return covered, earlier

    def _is_covered(self, job: Job, file: JobFile) -> bool:
        if file.done_at is None:
            return job.ended_at is None
        return self.disk is None or file.target_key in self.disk

    def _names(
        self, torrent: Torrent, paths: list[str], wanted: list[int], base: str | None
    ) -> tuple[str, list[str]]:
        name = torrent.name or torrent.info_hash
        return targets(name, paths, self._taken, chosen=wanted, base=base)

    def _as_before(self, before: str | None, name: str) -> str:
        """Return the target that a file had before, if that is still free, so that its partial file is continued."""
        return before if before and key(before) not in self._taken else name

    def _fact(self, file: _Listed, target: str) -> dict[str, Any]:
        about = {"folder_id": self.folder.pk, "target": target, "target_key": key(target)}
        return file._asdict() | about


def on_disk(folder: Folder, torrent_keys: Sequence[int]) -> frozenset[str] | None:
    """Return the keys of what is in a folder, and below what earlier jobs of these torrents saved there.

    None if the disk doesn't answer, or the folder isn't there. Then what was saved counts as there.
    """
    jobs = _pieces(folder.jobs.exclude(base=""), "torrent__in", torrent_keys)
    bases = sorted({job.base for job in jobs})
    try:
        look = partial(_look, folder.path, bases, is_marked=folder.marked_at is not None)
        return within(("layout", folder.pk, *bases), look)
    except (OSError, TimeoutError):
        return None


def _look(path: str, bases: Sequence[str], *, is_marked: bool) -> frozenset[str]:
    root = places.inside(path)
    if is_marked:
        (root / markers.NAME).lstat()  # Without it, this is an empty mount point.
    with os.scandir(root) as entries:
        found = {key(entry.name) for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False)}
    for base in bases:
        found.update(key(target) for target, _ in zip(_below(root, base), range(MAX_ENTRIES), strict=False))
    return frozenset(found)


def _below(root: Path, base: str) -> Iterator[str]:
    for folder, _, names in os.walk(root / base):
        inner = Path(folder).relative_to(root).as_posix()
        yield inner
        yield from (f"{inner}/{name}" for name in names)


def _taken(jobs: Any) -> Iterator[str]:
    """Yield the keys of what jobs have or will have in their folder: folders of torrents, and single files."""
    yield from map(key, jobs.exclude(base="").values_list("base", flat=True).distinct())
    single = JobFile.objects.filter(job__in=jobs.filter(base="").values("pk"))
    yield from single.values_list("target_key", flat=True)


def _files(torrents: Sequence[int]) -> dict[int, list[_Listed]]:
    """Return the files of torrents, in the order in which people watch and read them."""
    found: dict[int, list[_Listed]] = {}
    for start in range(0, len(torrents), PIECE):
        rows = TorrentFile.objects.filter(torrent__in=torrents[start : start + PIECE]).order_by()
        for torrent, *facts in rows.values_list("torrent_id", *_Listed._fields):
            found.setdefault(torrent, []).append(_Listed(*facts))
    for files in found.values():
        files.sort(key=lambda file: (natural_key(file.path), file.path, file.remote_id))
    return found


def _pieces(rows: Any, lookup: str, keys: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(keys), PIECE):
        yield from rows.filter(**{lookup: keys[start : start + PIECE]})
