"""One download of aria2: begin it under a gid of ours, look at it, and take it out again."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from torbox.guarded_fetch import USER_AGENT
from torrents.saving_states import SavingState as State

from ..models import Job, JobFile
from .rpc import Aria2, Aria2Error, Reason

OURS = 6  # hexadecimal digits that the gids of this instance begin with, of 16
STOP_SECONDS = 3.0
MOST = 1000  # downloads that are listed
OPTIONS = {
    "continue": "true",
    "allow-overwrite": "false",
    "auto-file-renaming": "false",
    "always-resume": "true",  # a page in place of the file must not overwrite what there is
    "file-allocation": "none",  # anything else fills the disk before the first byte comes
    "max-tries": "5",
    "retry-wait": "1",  # seconds
    "remote-time": "false",
    "follow-torrent": "false",  # or aria2 would go on with what is in a .torrent file
    "follow-metalink": "false",
    "user-agent": USER_AGENT,
}
KEYS = ["status", "completedLength", "totalLength", "errorCode"]  # `errorMessage` may hold the address


@dataclass(frozen=True)
class Status:
    """What aria2 says of a download. `code`: its number for how it ended, 0 if all is well."""

    status: str = ""  # waiting, active, paused, complete, error, or removed
    done: int = 0
    total: int = 0
    code: int = 0

    @property
    def is_over(self) -> bool:
        return self.status in ("complete", "error", "removed")


def far_path(path: Path) -> str:
    """Return a path below SAVE_DIR as aria2 sees it."""
    here = str(settings.SAVE_DIR)
    relative = path.relative_to(here).as_posix()
    top = (settings.ARIA2_DIR or here).rstrip("/")
    return f"{top}/" if relative == "." else f"{top}/{relative}"


def gid_of(file: JobFile) -> str:
    """Return the gid of a file's download. It is stored before aria2 gets it."""
    if not file.gid:
        file.gid = new_gid()
        JobFile.objects.filter(pk=file.pk).update(gid=file.gid)
    return file.gid


def new_gid() -> str:
    """Return a gid by which we know that a download is ours."""
    return _prefix() + secrets.token_hex((16 - OURS) // 2)


@sensitive_variables("address")
def begin(aria2: Aria2, gid: str, address: str, part: Path, **options: str) -> None:
    """Have aria2 download an address to a partial file. Raises `Aria2Error`."""
    where = {"gid": gid, "dir": far_path(part.parent), "out": part.name}
    aria2.call("addUri", [address], OPTIONS | where | options)


def status_of(aria2: Aria2, gid: str) -> Status | None:
    """Return how far a download is, or None if aria2 doesn't know it. Raises `Aria2Error`."""
    try:
        found = aria2.call("tellStatus", gid, KEYS)
    except Aria2Error as error:
        if error.reason == Reason.UNKNOWN:
            return None
        raise
    numbers = [int(found.get(key) or 0) for key in KEYS[1:]]
    return Status(str(found.get("status", "")), *numbers)


def forget(aria2: Aria2, gid: str) -> None:
    """Stop a download and have aria2 forget it. What it has stays on disk. Raises `Aria2Error` if it doesn't answer."""
    with suppress(Aria2Error):  # It may be over already.
        aria2.call("forceRemove", gid)
    until = time.monotonic() + STOP_SECONDS
    while (found := status_of(aria2, gid)) is not None and time.monotonic() < until:
        if found.is_over:
            aria2.call("removeDownloadResult", gid)
            return
        time.sleep(0.05)


def forget_strays(aria2: Aria2) -> None:
    """Stop the downloads of jobs that were canceled, paused, or blocked while no saver ran. Raises `Aria2Error`."""
    found = [
        *aria2.call("tellActive", ["gid"]),
        *aria2.call("tellWaiting", 0, MOST, ["gid"]),
        *aria2.call("tellStopped", 0, MOST, ["gid"]),
    ]
    gids = {gid for each in found if (gid := _gid(each)).startswith(_prefix())}
    needed = Job.objects.unfinished().filter(state__in=[State.WAITING, State.RUNNING])
    known = JobFile.objects.filter(gid__in=gids, job__in=needed).values_list("gid", flat=True)
    for gid in gids.difference(known):
        forget(aria2, gid)


def _gid(found: Any) -> str:
    return str(found.get("gid", "")) if isinstance(found, dict) else ""


def _prefix() -> str:
    return salted_hmac("saving.aria2", "gid").hexdigest()[:OURS]
