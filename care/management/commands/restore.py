from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accounts import services
from care.backups import BackupRefused, restore
from care.startup_lock import alone, bring_up_to_date
from torrents.models import Heartbeat
from torrents.services.upkeep.heartbeats import is_late

from .backup import PRIVATE, flush, flush_names, summary
from .prepare import complaint


class Command(BaseCommand):
    help = "Restore a backup into this instance, which must be empty, and bring it up to date."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a file written by manage.py backup, or - for standard input")
        parser.add_argument(
            "--replace", action="store_true", help="discard everything in this instance first"
        )

    def handle(self, *args: Any, file: str, replace: bool, **options: Any) -> None:
        try:
            if replace and is_running():
                raise BackupRefused(
                    "Stop web, worker, beat, and saver first. Their last heartbeat is less than a minute old."
                )
            with opened(file) as stream:
                restored = restore(stream, replace=replace)
        except (BackupRefused, OSError, DatabaseError) as error:
            raise CommandError(f"Nothing was restored. {error}") from None
        self.stdout.write(f"Restored the backup of {restored.made_at}: {summary(restored)}")
        if restored.keys:
            self.stdout.write(keep_keys(restored.keys))
        with alone():
            bring_up_to_date()
        if unreadable := services.check_stored_keys():
            self.stderr.write(complaint(unreadable))


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """Open the backup. A zip is read from its end, so standard input is copied to disk first."""
    if file != "-":
        with Path(file).open("rb") as stream:
            yield stream
        return
    with TemporaryFile(dir=settings.DATA_DIR) as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        yield stream


def is_running() -> bool:
    """Return whether a worker, beat, or a saver had a heartbeat lately."""
    try:
        return not all(is_late(Heartbeat.last(kind)) for kind in ("worker", "beat", "saver"))
    except DatabaseError:
        return False  # no tables yet


def keep_keys(keys: list[str]) -> str:
    """Store the backup's encryption keys, and return where they are.

    They come first, so that the fingerprints of API keys stay the same.
    """
    mine = settings.ENCRYPTION_KEYS
    if mine[: len(keys)] == keys:
        return "ENCRYPTION_KEYS already has the backup's keys."
    generated = settings.DATA_DIR / "encryption-keys"
    together = [*keys, *(key for key in mine if key not in keys)]
    if generated.exists() and generated.read_text().split() == mine:
        write_private(generated, together)
        settings.ENCRYPTION_KEYS = together
        return f"The backup's encryption keys are now in {generated}. Restart web, worker, and beat."
    beside = settings.DATA_DIR / "restored-encryption-keys"
    write_private(beside, keys)
    return (
        f"ENCRYPTION_KEYS is set for this instance. Put the keys in {beside} before it, and delete the file."
    )


def write_private(path: Path, keys: list[str]) -> None:
    """Write keys to a file that only its owner can read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "w") as file:
        file.write(",".join(keys) + "\n")
        flush(file)
    draft.replace(path)
    flush_names(path.parent)
