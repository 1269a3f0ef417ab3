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
from care.backups import Refused, restore
from care.starting import alone, bring_up_to_date
from torrents.models import Heartbeat
from torrents.status.machinery import is_late

from .backup import PRIVATE, told
from .prepare import complaint


class Command(BaseCommand):
    help = "Put a backup into this instance, which has to be empty, and bring it up to date."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a file that manage.py backup wrote; - for standard input")
        parser.add_argument("--replace", action="store_true", help="throw away what this instance holds")

    def handle(self, *args: Any, file: str, replace: bool, **options: Any) -> None:
        try:
            if replace and is_running():
                raise Refused("Stop web, worker and beat first; their last sign is less than a minute old.")
            with opened(file) as stream:
                restored = restore(stream, replace=replace)
        except (Refused, OSError, DatabaseError) as error:
            raise CommandError(f"Nothing was restored. {error}") from None
        self.stdout.write(f"Restored what was there at {restored.made_at}: {told(restored)}")
        if restored.keys:
            self.stdout.write(keep_keys(restored.keys))
        with alone():
            bring_up_to_date()
        if unreadable := services.check_stored_keys():
            self.stderr.write(complaint(unreadable))


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """A zip is read from its end, so standard input is kept on disk first."""
    if file != "-":
        with Path(file).open("rb") as stream:
            yield stream
        return
    with TemporaryFile(dir=settings.DATA_DIR) as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        yield stream


def is_running() -> bool:
    try:
        return not is_late(Heartbeat.last("worker")) or not is_late(Heartbeat.last("beat"))
    except DatabaseError:
        return False  # no tables yet


def keep_keys(keys: list[str]) -> str:
    """Where the backup's encryption keys are now. In front, so that fingerprints of API keys stay as they are."""
    mine = settings.ENCRYPTION_KEYS
    if mine[: len(keys)] == keys:
        return "ENCRYPTION_KEYS are those of the backup."
    generated = settings.DATA_DIR / "encryption-keys"
    together = [*keys, *(key for key in mine if key not in keys)]
    if generated.exists() and generated.read_text().split() == mine:
        write_private(generated, together)
        settings.ENCRYPTION_KEYS = together
        return f"The backup's encryption keys are in {generated} now. Restart what runs."
    beside = settings.DATA_DIR / "restored-encryption-keys"
    write_private(beside, keys)
    return f"ENCRYPTION_KEYS is set for this instance: put what {beside} holds in front of it, and remove the file."


def write_private(path: Path, keys: list[str]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "w") as file:
        file.write(",".join(keys) + "\n")
    draft.replace(path)
