"""Functions that make folders and jobs, with defaults for everything a test doesn't need to specify."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import User
from saving import target_names
from saving.models import Folder, Job, JobFile
from saving.services import promises
from torrents.models import Torrent, TorrentFile

FLOOR = 1_000_000  # bytes; a test's disk may be small


def make_folder(name: str = "Films", path: str = "", **fields: Any) -> Folder:
    """Make a folder for everyone, also on disk. `settings.SAVE_DIR` must be set (the fixture `save_dir`)."""
    folder = Folder.objects.create(name=name, path=path or name.lower(), **({"floor": FLOOR} | fields))
    where_is(folder).mkdir(parents=True, exist_ok=True)
    return folder


def where_is(folder: Folder) -> Path:
    """Return where a folder is on disk."""
    return Path(settings.SAVE_DIR) / folder.path


def make_job(
    torrent: Torrent,
    folder: Folder | None = None,
    person: User | None = None,
    files: Sequence[TorrentFile] | None = None,
    **fields: Any,
) -> Job:
    """Make a job that waits: for all files of the torrent, or for some.

    A single file goes into the folder, several go below a folder named like the torrent. The person was told what the
    folder says about TorBox.
    """
    chosen = list(torrent.files.all() if files is None else files)
    folder = folder or Folder.objects.first() or make_folder()
    base = fields.pop("base", torrent.name if len(chosen) > 1 else "")
    job = Job.objects.create(
        torrent=torrent,
        account=torrent.account,
        person=person or torrent.account.owner,
        folder=folder,
        path=folder.path,
        base=base,
        bytes_total=sum(file.size for file in chosen),
        **({"place": Job.objects.count() + 1} | promises.safer(folder)._asdict() | fields),
    )
    JobFile.objects.bulk_create(_rows(job, chosen))
    return job


def _rows(job: Job, files: Sequence[TorrentFile]) -> list[JobFile]:
    rows = []
    for file in files:
        inner = file.path.partition("/")[2] or file.path
        target = f"{job.base}/{inner}" if job.base else file.name
        if JobFile.objects.filter(folder=job.folder, target_key=target_names.key(target)).exists():
            target = f"{job.pk} {target}"
        rows.append(
            JobFile(
                job=job,
                folder=job.folder,
                remote_id=file.remote_id,
                path=file.path,
                target=target,
                target_key=target_names.key(target),
                size=file.size,
                md5=file.md5,
            )
        )
    return rows
