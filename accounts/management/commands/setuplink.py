from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from accounts import services


class Command(BaseCommand):
    help = "Print a one-time link to create the owner, if this instance has none."

    def handle(self, *args: Any, **options: Any) -> None:
        token = services.make_setup_link()
        if token is None:
            self.stdout.write(f"Ready at {settings.SITE_URL}")
        else:
            link = settings.SITE_ORIGIN + reverse("accounts:setup", args=[token])
            self.stdout.write(
                f"This instance has no owner yet. Open this link to become its owner. It works once:\n  {link}"
            )
