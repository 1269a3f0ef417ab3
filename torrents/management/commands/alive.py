from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from torrents.models import Heartbeat
from torrents.services.heartbeats import LATE_SECONDS

WORKER = f"worker {socket.gethostname()}"[:100]  # as it signs


class Command(BaseCommand):
    help = "For health checks of containers: whether beat, or the worker of this host, has given a sign of life lately."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=["beat", "worker"])

    def handle(self, *args: Any, process: str, **options: Any) -> None:
        signs = signed_within(LATE_SECONDS).filter(name="beat") if process == "beat" else this_worker()
        if not signs.exists():
            raise CommandError(f"No sign of life of {process} lately.")


def this_worker() -> QuerySet[Heartbeat]:
    """Any worker may be the one that takes the task which signs, so the more there are, the longer one may go without."""
    others = signed_within(5 * LATE_SECONDS).filter(name__startswith="worker").exclude(name=WORKER).count()
    return signed_within(LATE_SECONDS * (1 + others)).filter(name=WORKER)


def signed_within(seconds: float) -> QuerySet[Heartbeat]:
    return Heartbeat.objects.filter(at__gt=timezone.now() - timedelta(seconds=seconds))
