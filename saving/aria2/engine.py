"""Have aria2 download the files of a job, and watch it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from links.endings import NotNow
from torbox.guarded_fetch import FetchError, Limits, checked_addresses, exempt_origin, parse, resolve_host
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

from ..engine import part_files, remote
from ..engine.failures import LOOK_AGAIN, Blocked, Failed, of_os_error
from ..engine.finishing import Finish
from ..engine.patience import TRIES, Patience
from ..models import Job, JobFile
from . import beginnings, limits, transfers
from .checking import test
from .rpc import Aria2, Aria2Error, Reason, client
from .transfers import Status

__all__ = ["Aria2Error", "download", "is_configured", "test", "tidy"]

POLL_SECONDS = 0.5
STALLED_SECONDS = 60.0  # without a new byte, until aria2 gets another address
SILENT_SECONDS = 20.0  # for which aria2 may not answer
SEEN_SECONDS = 5.0  # until a file that aria2 has written must be there for us too; network shares may lag
WRONG_SIZES = 3  # answers with another size than TorBox's list, each from a fresh address
STALLED_COUNTS = 3  # tries
FULL = 9  # aria2's numbers for how a download ended
BROKEN = {1, 2, 5, 6, 7}  # connections, which says nothing about the address
CANNOT_RESUME = {8, 10}
CANNOT_WRITE = {15, 16, 17, 18}
_LIMITS = Limits(max_bytes=0, seconds=10.0, redirects=0, allow_http=True)


def is_configured() -> bool:
    """Return whether ARIA2_RPC_URL is set."""
    return bool(settings.ARIA2_RPC_URL)


def download(
    torrent: Torrent,
    file: JobFile,
    root: Path,
    *,
    limit: Callable[[], int],
    progress: Callable[[int], None],
    goes_on: Callable[[], bool],
    tries: int = TRIES,
) -> None:
    """Do what `engine.download.download` does, by aria2: its own gid, `continue`, `out`, and fresh addresses.

    `limit` returns the speed limit in bytes/s that holds for all files, 0 for none.
    """
    try:
        finish = Finish(root, file, progress, goes_on)
        _Download(torrent, file, root, limit, progress, Patience(tries, goes_on)).run(finish)
    except FileExistsError:
        raise
    except OSError as error:
        raise of_os_error(error) from None
    except Aria2Error as error:
        raise _blocked(error) from None


def tidy() -> None:
    """Take downloads of ours out of aria2 that no job needs any more. Raises `Aria2Error`."""
    transfers.forget_strays(client())


def _blocked(error: Aria2Error) -> Blocked:
    return Blocked(State.WAITING, Job.Cause.ARIA2, {"reason": str(error.reason)}, retry_after=LOOK_AGAIN)


class _Download:
    """The tries to have aria2 get the rest of a file."""

    def __init__(
        self,
        torrent: Torrent,
        file: JobFile,
        root: Path,
        limit: Callable[[], int],
        progress: Callable[[int], None],
        patience: Patience,
    ) -> None:
        self.torrent, self.file, self.root = torrent, file, root
        self.limit, self.progress, self.patience = limit, progress, patience
        self.aria2: Aria2 = client()
        self.done = self.wrong_sizes = self.unresumed = 0
        self.is_stalled = False
        self.is_whole = False
        self.address = ""  # the last one, while it may still work

    def __repr__(self) -> str:
        return "<_Download>"  # without the address

    def run(self, finish: Finish) -> None:
        """Download the file and finish it."""
        self.file.refresh_from_db(fields=["gid", "bytes_done"])
        found = transfers.status_of(self.aria2, self.file.gid) if self.file.gid else None
        # For a saver that has died. What aria2 finished meanwhile is whole too.
        is_running = found is not None and (found.status == "complete" or not found.is_over)
        if not is_running:
            self.done, self.is_whole = beginnings.prepare(self.root, self.file)
        is_finished = False
        try:
            self.progress(min(found.done, max(0, self.file.size - 1)) if found and is_running else self.done)
            while not is_finished:
                self._get(is_running=is_running)
                is_running = False
                is_finished = finish.succeeds(self._begin_again)
        except BaseException:
            self._leave()
            raise

    def _get(self, *, is_running: bool) -> None:
        while not self.is_whole:
            self.patience.check()
            self._try(is_running=is_running)
            is_running = False

    def _try(self, *, is_running: bool) -> None:
        """Have aria2 download what it gets from one address."""
        before, self.is_stalled = self.done, False
        wait = None if is_running else self._begin()
        if wait is None:
            self._settle(self._watch())
        if self.is_whole:
            return
        if self.done > before:
            self.patience.renew()
        else:
            self.address = ""
            self.patience.count(wait or None, STALLED_COUNTS if self.is_stalled else 1)

    @sensitive_variables()
    def _begin(self) -> float | None:
        """Give aria2 a fresh address. Return the seconds to wait if there is none."""
        try:
            self.address = self.address or remote.address_of(self.torrent, self.file)
            target = parse(self.address)
            deadline = time.monotonic() + _LIMITS.seconds
            checked_addresses(target, _LIMITS, exempt_origin(settings.TORBOX_API_URL), resolve_host, deadline)
        except NotNow as error:
            self.patience.lack_address()
            return float(error.retry_after)
        except FetchError:
            return 0.0
        limits.follow(self.aria2, self.limit(), is_new=True)
        gid = transfers.gid_of(self.file)
        transfers.forget(self.aria2, gid)
        transfers.begin(self.aria2, gid, self.address, part_files.part_path(self.root, self.file))
        return None

    def _watch(self) -> Status:
        """Wait until aria2 has the file, or gives up, or nothing comes any more. Return its last status."""
        moved_at = heard_at = time.monotonic()
        while True:
            self.patience.check()
            try:
                found = transfers.status_of(self.aria2, self.file.gid)
                limits.follow(self.aria2, self.limit())
            except Aria2Error as error:
                if error.reason != Reason.NO_ANSWER or time.monotonic() - heard_at > SILENT_SECONDS:
                    raise
                time.sleep(POLL_SECONDS)
                continue
            heard_at = time.monotonic()
            if found is None or self._has_wrong_size(found):
                return found or Status()
            if found.is_over:
                self._note(max(found.done, self.done))  # It may have ended before anyone looked.
                return found
            if found.done != self.done or found.status != "active":
                moved_at = heard_at
            self._note(found.done)
            if heard_at - moved_at > STALLED_SECONDS:
                self.is_stalled = True
                return found
            time.sleep(POLL_SECONDS)

    def _note(self, done: int) -> None:
        if done != self.done:
            self.done = done
            if done < self.file.size:
                self.progress(done)

    def _has_wrong_size(self, found: Status) -> bool:
        """Return whether aria2 gets something else than the file. TorBox's list may not know its size."""
        if found.total and not self.file.size:
            remote.learn_size(self.file, found.total)
        return found.total not in (0, self.file.size)

    def _settle(self, found: Status) -> None:
        """Take the download out of aria2, and decide what follows from how it ended. Raises `Blocked` and `Failed`."""
        transfers.forget(self.aria2, self.file.gid)
        if found.code not in BROKEN:
            self.address = ""
        if self._has_wrong_size(found) and found.status != "error":
            self._begin_again()
            self.wrong_sizes += 1
            if self.wrong_sizes >= WRONG_SIZES:
                raise Failed(Job.Cause.SIZE, {"expected": self.file.size, "found": found.total})
        elif found.status == "complete":
            self._see_part()
            self.is_whole = True
        elif found.code == FULL:
            raise Blocked(State.DISK_FULL, Job.Cause.FULL, retry_after=LOOK_AGAIN)
        elif found.code in CANNOT_WRITE:
            beginnings.make_folders(
                self.root, self.file
            )  # raises what is wrong with the disk, if something is
            raise _other_folder()
        elif found.code in CANNOT_RESUME:
            self.unresumed += 1
            if self.unresumed >= WRONG_SIZES:
                self._begin_again()

    def _begin_again(self) -> None:
        part_files.begin_again(self.root, self.file)
        self.done, self.is_whole, self.address = 0, False, ""

    def _see_part(self) -> None:
        """Wait until what aria2 has written is there for us too. Raises `Blocked` if it isn't."""
        until = time.monotonic() + SEEN_SECONDS
        while part_files.size_of(self.root, self.file) != self.file.size:
            if time.monotonic() > until:
                raise _other_folder()
            self.patience.rest(0.1)

    def _leave(self) -> None:
        """Have aria2 stop. A partial file that was deleted meanwhile stays deleted."""
        try:
            if self.file.gid:
                transfers.forget(self.aria2, self.file.gid)
            if part_files.size_of(self.root, self.file) is None:
                part_files.remove_part(self.root, self.file)
        except (Aria2Error, OSError):
            pass  # `tidy` takes it out later.


def _other_folder() -> Blocked:
    """Return that aria2 can't write where we can, or writes elsewhere."""
    return Blocked(State.DENIED, Job.Cause.ARIA2_FOLDER, retry_after=LOOK_AGAIN)
