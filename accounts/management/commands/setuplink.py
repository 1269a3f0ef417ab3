from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import services


class Command(BaseCommand):
    help = "Print a one-time link to create the owner, if this instance has none."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        token = services.make_setup_link()
        if token is None:
            self.stdout.write(f"Ready at {settings.SITE_URL}")
        else:
            link = f"{settings.SITE_URL}/setup/{token}/"  # reverse() would import every page
            self.stdout.write(
                f"This instance has no owner yet. Open this link to become its owner. It works once:\n  {link}"
            )
