"""A backup from the middle of the chaos, restored elsewhere and continuing with the same TorBox.

The original instance continued until everything was sent, so anything the restored one sends is sent twice.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import environ
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from accounts.models import TorBoxAccount
from simulator.control import Control
from tests.stacks import backing
from torrents.models import AddRequest, RequestState, Torrent, TorrentFile

from . import verdict
from .plan import Holder
from .processes import ROOT, Instance, environment
from .waiting import wait_while_it_advances

COMMAND_WITHIN = 600.0
IN_OUTBOX = [*verdict.UNSETTLED, RequestState.FAILED]


class BackupTaker:
    """A cron job that writes a backup in the middle of the run."""

    def __init__(self, env: dict[str, str], file: Path, after: float) -> None:
        self.env, self.file, self.after = env, file, after
        self.thread = Thread(target=self._take)
        self.problem = "not made"
        self.thread.start()

    def _take(self) -> None:
        time.sleep(self.after)
        self.problem = manage(self.env, "backup", str(self.file), "--with-keys")


def manage(env: dict[str, str], *words: str) -> str:
    """Run a command and return its output if it failed, else an empty string."""
    command = [sys.executable, "manage.py", *words]
    quiet = env | {"LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        command, env=quiet, cwd=ROOT, capture_output=True, text=True, timeout=COMMAND_WITHIN
    )
    return done.stderr if done.returncode else ""


def judge_restored(
    kind: str, backup: Path, holders: list[Holder], control: Control, env: dict[str, str]
) -> verdict.Verdict:
    """Restore on `sqlite` or `postgres`, check consistency, let it work, and compare it with TorBox."""
    data = backup.with_name(f"restored-{kind}")
    data.mkdir()
    with backing(data, postgres=kind == "postgres", redis=False) as below:
        mine = environment(data, env["TORBOX_API_URL"], below.variables) | {"STATIC_ROOT": env["STATIC_ROOT"]}
        problem = manage(mine, "restore", str(backup))
        with database(mine["DATABASE_URL"]):
            found = verdict.Verdict()
            found.count(f"not restored on {kind}", filter(None, [problem]))
            if not problem:
                _judge_consistency(found, holders, control)
                _let_it_work(found, mine, data, holders, control)
    return found


@contextmanager
def database(url: str) -> Iterator[None]:
    """Use the database of another instance in this process."""
    before = connections.settings
    config = environ.Env.db_url_config(url)
    if "sqlite" in config["ENGINE"]:
        config["OPTIONS"] = {"timeout": 20}
    _connect_with(connections.configure_settings({"default": config}))
    try:
        yield
    finally:
        _connect_with(before)


def _connect_with(settings: dict[str, Any]) -> None:
    connections["default"].close()
    del connections["default"]
    connections.settings = settings


def _judge_consistency(found: verdict.Verdict, holders: list[Holder], control: Control) -> None:
    """Check before it works that no reference is broken, and that each add was accepted once or is in the outbox."""
    try:
        connection.check_constraints()
        dangling = []
    except DatabaseError as error:
        dangling = [str(error)]
    found.count("relations that lead nowhere", dangling)
    counts = {row.pk: row.file_count for row in Torrent.objects.all()}
    files = dict.fromkeys(counts, 0)
    for torrent_id in TorrentFile.objects.values_list("torrent_id", flat=True):
        files[torrent_id] += 1
    found.count("torrents without their files", (str(pk) for pk in counts if files[pk] != counts[pk]))
    keys = {holder.pk: holder.key for holder in holders}
    rows = list(Torrent.objects.filter(account__in=keys).select_related("request"))
    took = {pk: control.accepted(key) for pk, key in keys.items()}
    forgotten = [
        row for row in rows if took[row.account_id].get(row.info_hash) != 1 and not _is_in_outbox(row)
    ]
    found.count("neither accepted nor in the outbox", map(str, forgotten))
    found.counts["rows in the backup"] = len(rows)
    found.counts["of them still in the outbox"] = sum(map(_is_in_outbox, rows))


def _is_in_outbox(row: Torrent) -> bool:
    return AddRequest.objects.filter(torrent=row, state__in=IN_OUTBOX).exists()


def _let_it_work(
    found: verdict.Verdict, env: dict[str, str], data: Path, holders: list[Holder], control: Control
) -> None:
    control.speed(1)
    sent = control.count("createtorrent")
    with Instance(env, data) as instance:
        without_id = Torrent.objects.filter(remote_id=None, queued_id=None)
        wait_while_it_advances(
            lambda: not verdict.stuck() and not without_id.exists(),
            lambda: verdict.progress(holders, control) - without_id.count(),
        )
        control.freeze()
        frozen_at = timezone.now()
        TorBoxAccount.objects.update(next_refresh_at=frozen_at, fresh_wanted=True)
        stale = TorBoxAccount.objects.exclude(fresh_read_at__gt=frozen_at, refresh_lease_until=None)
        after = verdict.judge(holders, control, verdict.wait_until_fresh(stale))
        found.count("processes that ended by themselves", instance.died())
        instance.stop()
    found.counts |= after.counts
    found.wrong += after.wrong
    twice = control.count("createtorrent") - sent
    found.count("sent after restoring", (f"{twice} adds" for _ in range(bool(twice))))
    found.count("tracebacks in logs", verdict.tracebacks_in(data))
