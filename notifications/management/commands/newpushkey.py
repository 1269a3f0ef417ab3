from typing import Any

from django.core.management.base import BaseCommand

from notifications.push import vapid


class Command(BaseCommand):
    help = "Make a new key pair for push. Devices subscribe with it at their next visit, and get no push until then."

    def handle(self, *args: Any, **options: Any) -> None:
        vapid.replace_key()
        self.stdout.write("Made a new push key.")
