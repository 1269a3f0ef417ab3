from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from care.backups import BackupRefused, Written, write_backup

PRIVATE = 0o600


class Command(BaseCommand):
    help = "Write a backup to a file that only its owner can read. The app can keep running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the file to write, or - for standard output")
        parser.add_argument(
            "--with-keys",
            action="store_true",
            help="include ENCRYPTION_KEYS. Anyone who has the file can then read every API key",
        )
        parser.add_argument("--overwrite", action="store_true", help="replace an existing file")

    def handle(self, *args: Any, file: str, with_keys: bool, overwrite: bool, **options: Any) -> None:
        try:
            if file == "-":
                written = write_backup(sys.stdout.buffer, with_keys=with_keys)
            else:
                written = write_file(Path(file), with_keys=with_keys, overwrite=overwrite)
        except (BackupRefused, OSError) as error:
            raise CommandError(f"No backup was written. {error}") from None
        say = self.stderr.write if file == "-" else self.stdout.write
        say(summary(written))
        if with_keys:
            say("This file contains the encryption keys. Anyone who has it can read every API key.")
        else:
            say("This file doesn't contain the encryption keys. Keep those elsewhere (docs/backing-up.md).")


def write_file(path: Path, *, with_keys: bool, overwrite: bool) -> Written:
    """Write a backup that has its name only once it is complete."""
    if path.exists() and not overwrite:
        raise BackupRefused(f"{path} already exists. Use --overwrite to replace it.")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as stream:
            written = write_backup(stream, with_keys=with_keys)
            flush(stream)
        draft.replace(path)
        flush_names(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return written


def flush(stream: IO[Any]) -> None:
    """Wait until everything written is on the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def flush_names(folder: Path) -> None:
    """Wait until the names of renamed files in `folder` are on the disk, so that they survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def summary(done: Any) -> str:
    """Return the numbers of rows: “3 people, 2 TorBox accounts, 10,000 torrents, 80,000 files.”."""
    words = {
        "accounts.User": "people",
        "accounts.TorBoxAccount": "TorBox accounts",
        "torrents.Torrent": "torrents",
        "torrents.TorrentFile": "files",
    }
    return ", ".join(f"{done.rows.get(label, 0):,} {word}" for label, word in words.items()) + "."
