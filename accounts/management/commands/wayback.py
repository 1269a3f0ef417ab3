from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.models import User


class Command(BaseCommand):
    help = "Print a link, good for a day, by which somebody who can no longer sign in chooses a new way to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        person = User.objects.joined().filter(username__iexact=name, is_active=True).first()
        owner = User.objects.enabled_owners().order_by("pk").first()
        if person is None or owner is None:
            raise CommandError(f"There is nobody called {name} who may sign in.")
        link = services.link_of(services.invite_back(owner=owner, person=person, days=1))
        self.stdout.write(f"Open this once to sign in as {person.username} in a new way:\n  {link}")
