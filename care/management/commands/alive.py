from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from torrents.models import Heartbeat
from torrents.services.upkeep.heartbeats import LATE_SECONDS

WORKER = f"worker {socket.gethostname()}"[:100]  # the name in its heartbeats
SAVER = f"saver {socket.gethostname()}"[:100]


class Command(BaseCommand):
    help = "Check for a recent heartbeat of beat, or of this host's worker or saver, for health checks of containers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=["beat", "saver", "worker"])

    def handle(self, *args: Any, process: str, **options: Any) -> None:
        recent = seen_within(LATE_SECONDS)
        heartbeats = {
            "beat": recent.filter(name="beat"),
            "saver": recent.filter(name=SAVER),
            "worker": this_worker(),
        }
        if not heartbeats[process].exists():
            raise CommandError(f"No recent heartbeat from {process}.")


def this_worker() -> QuerySet[Heartbeat]:
    """Find a recent heartbeat of this worker.

    Any worker may take the task that writes one, so the more workers there are, the older it may be.
    """
    others = seen_within(5 * LATE_SECONDS).filter(name__startswith="worker").exclude(name=WORKER).count()
    return seen_within(LATE_SECONDS * (1 + others)).filter(name=WORKER)


def seen_within(seconds: float) -> QuerySet[Heartbeat]:
    return Heartbeat.objects.filter(at__gt=timezone.now() - timedelta(seconds=seconds))
