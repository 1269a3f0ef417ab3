from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from accounts import services


class Command(BaseCommand):
    help = "Print the one-time link that makes the owner, as long as nobody owns this instance."

    def handle(self, *args: Any, **options: Any) -> None:
        token = services.make_setup_link()
        if token is None:
            self.stdout.write(f"Ready at {settings.SITE_URL}")
        else:
            link = settings.SITE_ORIGIN + reverse("accounts:setup", args=[token])
            self.stdout.write(f"Nobody owns this instance yet. Open this once to make it yours:\n  {link}")
