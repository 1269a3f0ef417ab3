from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts import services
from accounts.models import TorBoxAccount
from care.starting import alone, bring_up_to_date

NAMED = 20  # accounts
WHAT_TO_DO = (
    "Put the old value back (several keys are separated by commas, the newest first) and start again, "
    "or let their owners enter the API keys again on the page. Until then nothing is sent for these accounts; "
    "what waits is kept."
)


class Command(BaseCommand):
    help = (
        "Bring database, cache table and static files up to date, and check the stored keys. "
        "Safe to repeat, and in several places at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with alone():
            bring_up_to_date()
            if not is_read_only(settings.STATIC_ROOT):
                call_command("collectstatic", interactive=False, verbosity=0)
            unreadable = services.check_stored_keys()
        if unreadable:
            self.stderr.write(complaint(unreadable))


def complaint(unreadable: list[TorBoxAccount]) -> str:
    """The app starts all the same: everything else works, and the page has the way out."""
    several = len(unreadable) != 1
    lines = [
        f"{len(unreadable)} stored API key{'s' if several else ''} cannot be read: ENCRYPTION_KEYS is not what "
        f"{'they were' if several else 'it was'} saved with."
    ]
    lines += [f"  {printable(account.label)} of {account.owner.username}" for account in unreadable[:NAMED]]
    if len(unreadable) > NAMED:
        lines.append(f"  and {len(unreadable) - NAMED} more")
    return "\n".join([*lines, WHAT_TO_DO])


def is_read_only(folder: Path) -> bool:
    """So it is in the container image, which had its static files collected when it was built."""
    return folder.exists() and not os.access(folder, os.W_OK)


def printable(label: str) -> str:
    """A label for a terminal, which would obey control characters."""
    return "".join(character if character.isprintable() else "?" for character in label)
