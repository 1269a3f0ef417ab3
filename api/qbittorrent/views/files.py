"""The files of a torrent."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

from saving.models import JobFile
from torrents.models import TorrentFile

from ..calling import Call, Refused, data, reads, text_of
from ..facts import progress_of
from ..paths import name_of_file
from ..reading import Known
from ..states import Saving, State
from .torrents import known_of

UNWANTED, NORMAL = 0, 1  # priorities
MAX_INDEXES = 20_000


class Target(NamedTuple):
    """A file that is being saved, or is saved. `path` is below the folder."""

    path: str
    size: int
    done: int


@reads
def files(request: Call) -> HttpResponse:
    """Return the files in the order of their paths, by their names on disk, as soon as they are known.

    Names begin with the torrent's own folder, and are relative to `save_path`.
    """
    known = known_of(request)
    found = _files(known)
    indexes = _indexes(request, len(found))
    return data(request, found if indexes is None else [found[index] for index in indexes])


def _files(known: Known) -> list[dict[str, Any]]:
    rows = TorrentFile.objects.filter(torrent=known.row.pk).order_by("path", "pk")
    targets = _targets(known)
    at = progress_of(known).at
    found = []
    for index, (remote_id, path, size) in enumerate(rows.values_list("remote_id", "path", "size")):
        target = targets.get(remote_id)
        is_left_out = bool(targets) and target is None
        done = target.done / target.size if target and target.size > 0 else at
        facts = {
            "index": index,
            "name": target.path if target else name_of_file(path),
            "size": size,
            "progress": 0 if is_left_out else 1 if known.state is State.COMPLETE else min(1, done),
            "priority": UNWANTED if is_left_out else NORMAL,
            "availability": known.row.availability,
            "piece_range": [0, 0],
        }
        found.append(facts | ({"is_seed": known.state is State.COMPLETE} if index == 0 else {}))
    return found


def _targets(known: Known) -> dict[int, Target]:
    """Return the files of the jobs that count, by TorBox's ids."""
    if known.copy.saving in (Saving.NONE, Saving.AWAITED):
        return {}
    rows = JobFile.objects.filter(job__in=known.copy.jobs).order_by("job")
    return {
        remote_id: Target(target, size, size if done_at else done)
        for remote_id, target, size, done, done_at in rows.values_list(
            "remote_id", "target", "size", "bytes_done", "done_at"
        )
    }


def _indexes(request: HttpRequest, count: int) -> list[int] | None:
    """Return the places of the files that a call asks for, or None for all. Raises `Refused`."""
    if not (text := text_of(request, "indexes")):
        return None
    parts = text.split("|", MAX_INDEXES)[:MAX_INDEXES]
    if not all(
        part.isascii() and part.isdecimal() and len(part) < 10 and int(part) < count for part in parts
    ):
        raise Refused(409)
    return list(dict.fromkeys(map(int, parts)))  # A short call must not get a file many thousand times.
