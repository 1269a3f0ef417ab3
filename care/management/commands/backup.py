from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from care.backups import Refused, Written, write_backup

PRIVATE = 0o600


class Command(BaseCommand):
    help = "Write everything worth keeping to a file that only its owner can read, while everything runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where to; - for standard output")
        parser.add_argument(
            "--with-keys",
            action="store_true",
            help="include ENCRYPTION_KEYS: whoever has the file then has every API key",
        )
        parser.add_argument("--overwrite", action="store_true", help="replace a file of that name")

    def handle(self, *args: Any, file: str, with_keys: bool, overwrite: bool, **options: Any) -> None:
        try:
            if file == "-":
                written = write_backup(sys.stdout.buffer, with_keys=with_keys)
            else:
                written = write_file(Path(file), with_keys=with_keys, overwrite=overwrite)
        except (Refused, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from None
        say = self.stderr.write if file == "-" else self.stdout.write
        say(told(written))
        if with_keys:
            say("With the encryption keys: whoever has this file has every API key in it.")
        else:
            say("Without the encryption keys: keep those elsewhere (docs/backing-up.md).")


def write_file(path: Path, *, with_keys: bool, overwrite: bool) -> Written:
    """Under its name only once it is whole."""
    if path.exists() and not overwrite:
        raise Refused(f"{path} exists already; say --overwrite to replace it.")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as stream:
            written = write_backup(stream, with_keys=with_keys)
            flush(stream)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return written


def flush(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def told(done: Any) -> str:
    """“3 people, 2 TorBox accounts, 10,000 torrents, 80,000 files.”"""
    words = {
        "accounts.User": "people",
        "accounts.TorBoxAccount": "TorBox accounts",
        "torrents.Torrent": "torrents",
        "torrents.TorrentFile": "files",
    }
    return ", ".join(f"{done.rows.get(label, 0):,} {word}" for label, word in words.items()) + "."
