from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.models import User


class Command(BaseCommand):
    help = "Print a recovery link, valid for one day, for a person who can no longer sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        person = User.objects.joined().filter(is_active=True).called(name)
        owner = User.objects.enabled_owners().order_by("pk").first()
        if person is None or owner is None:
            raise CommandError(f"No active person is named {name}.")
        link = services.link_of(services.invite_back(owner=owner, person=person, days=1, by_command=True))
        self.stdout.write(f"Open this link to regain access as {person.username}. It works once:\n  {link}")
