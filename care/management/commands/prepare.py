from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from accounts import services
from accounts.models import TorBoxAccount
from care.log_redaction import hide
from care.startup_lock import alone, bring_up_to_date
from care.static_files import collect_if_changed
from localization import catalogs, pseudo

NAMED = 20  # accounts in the complaint
OTHERS = 0o077  # the rights of group and others
OPEN_FOLDER = "Other users of this machine can read DATA_DIR. Run chmod 700 {}"
WHAT_TO_DO = (
    "Restore the old value (separate several keys by commas, newest first) and restart, or let the owners of "
    "these accounts enter their API keys again. Until then nothing is sent for them, and nothing is lost."
)


class Command(BaseCommand):
    help = (
        "Bring the database, the cache table, and the static files up to date, and check the stored API keys. "
        "Safe to run again, and by several processes at once."
    )
    # They import every page, which takes longer than all the rest. Settings can fail only the one about the site's path.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--say-where", action="store_true", help="print what `setuplink` prints at the end"
        )

    def handle(self, *args: Any, say_where: bool = False, **options: Any) -> None:
        if settings.SITE_PATH:
            self.check()
        refuse_unreachable()
        with alone():
            bring_up_to_date()
            compile_translations()
            if not is_read_only(settings.STATIC_ROOT):
                collect_static_files()
            unreadable = services.check_stored_keys()
        if settings.DATA_DIR.stat().st_mode & OTHERS:
            self.stderr.write(OPEN_FOLDER.format(settings.DATA_DIR))
        if unreadable:
            self.stderr.write(complaint(unreadable))
        if say_where:
            call_command("setuplink", stdout=self.stdout)


def refuse_unreachable() -> None:
    """Raise CommandError if the database doesn't respond."""
    try:
        connection.ensure_connection()
    except (DatabaseError, OSError) as error:
        said = hide(str(error).strip().splitlines()[-1]) if str(error).strip() else "no response"
        raise CommandError(
            f"{connection.display_name} isn't responding: {printable(said)}. Start it, or correct DATABASE_URL."
        ) from None


def compile_translations() -> None:
    """Make what gettext reads. In the container image they were made when it was built, and can't be written."""
    pseudo_chosen = dict(settings.LANGUAGES).keys() & pseudo.LANGUAGES.keys()
    for folder in settings.LOCALE_PATHS:
        if os.access(folder, os.W_OK):
            catalogs.compile_all(folder)
    if pseudo_chosen:
        pseudo.compile_all(settings.BASE_DIR, settings.LOCALE_PATHS[0])


def collect_static_files() -> None:
    """Collect the static files. Raises CommandError if STATIC_ROOT can't be written."""
    try:
        collect_if_changed()
    except OSError as error:
        raise CommandError(
            f"STATIC_ROOT can't be {settings.STATIC_ROOT}: {error.strerror or error}. "
            "Name a folder that the user running the app can write to."
        ) from None


def complaint(unreadable: list[TorBoxAccount]) -> str:
    """Return what to print about unreadable API keys. The app starts anyway, because everything else works."""
    several = len(unreadable) != 1
    lines = [
        f"{len(unreadable)} stored API key{'s' if several else ''} can't be read "
        "because ENCRYPTION_KEYS has changed:"
    ]
    lines += [
        f"  {printable(account.label)} (owner: {account.owner.username})" for account in unreadable[:NAMED]
    ]
    if len(unreadable) > NAMED:
        lines.append(f"  and {len(unreadable) - NAMED} more")
    return "\n".join([*lines, WHAT_TO_DO])


def is_read_only(folder: Path) -> bool:
    """Return whether `folder` exists and can't be written, as in the container image, which has its static files."""
    return folder.exists() and not os.access(folder, os.W_OK)


def printable(label: str) -> str:
    """Return a label for a terminal, without the control characters it would obey."""
    return "".join(character if character.isprintable() else "?" for character in label)
